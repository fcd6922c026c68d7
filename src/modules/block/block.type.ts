import { registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Shown, Type } from '../../api/type'
import { BlockKind } from './block-kind'
import type { BlockRow } from './block.repository'

registerEnumType(BlockKind, {
  name: 'BlockKind',
  description: 'How somebody keeps somebody else away, who is not told.',
  valuesConfig: {
    BLOCKED: { description: 'They cannot reach the person, who does not see what they write.' },
    MUTED: {
      description: 'They are left out of the lists and notifications of the person; nothing else changes.',
    },
  },
})

@Type('Block', 'That a person has blocked or muted somebody. Visible to that person alone.')
export class BlockType implements Pick<BlockRow, 'kind' | 'endsAt' | 'createdAt'> {
  @Shown(() => BlockKind, 'What it is.')
  kind!: BlockKind

  @Shown(() => Date, 'When it ends by itself; null for what lasts until it is taken back.', true)
  endsAt!: Date | null

  @Shown(() => Date, 'Since when.')
  createdAt!: Date
}

export const BlockConnection = connectionOf('Block', () => BlockType)
