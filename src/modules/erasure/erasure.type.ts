import { Int, registerEnumType } from 'type-graphql'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { ErasureEffect, type ErasureEntry } from './erase'
import type { ErasureRow } from './erasure.repository'

registerEnumType(ErasureEffect, {
  name: 'ErasureEffect',
  description: 'What becomes of what is kept about a person when they are erased.',
  valuesConfig: {
    DELETED: { description: 'The rows go.' },
    CLEARED: { description: 'The rows stay without it.' },
    PSEUDONYMISED: { description: 'Something that names nobody takes its place.' },
    SHREDDED: { description: 'It is encrypted, and its key is destroyed.' },
    KEPT: { description: 'It stays, on the basis that is named.' },
  },
})

@Type('ErasureEntry', 'What becomes of some columns of a table when a person is erased.')
export class ErasureEntryType implements ErasureEntry {
  @Shown(() => String, 'The table.')
  table!: string

  @Shown(() => ErasureEffect, 'What becomes of them.')
  effect!: ErasureEffect

  @Shown(() => [String], 'The columns.')
  columns!: string[]

  @Shown(() => String, 'On what basis they are kept; null for what is not.', true)
  basis!: string | null

  @Shown(() => Int, 'How many rows are about the person.')
  rows!: number
}

@Type(
  'Erasure',
  'That somebody wants everything about them to be erased, and what has come of it. Self, or `privacy:manage`.',
  { implements: Node },
)
export class ErasureType extends Node implements Omit<ErasureRow, 'userId' | 'requestId' | 'ledgerNumber'> {
  @GlobalId('erasure')
  declare id: string

  @Shown(() => Date, 'When the person asked for it.')
  requestedAt!: Date

  @Shown(() => Date, 'When it is done; until then it can be taken back.')
  erasesAt!: Date

  @Shown(() => Date, 'When it was taken back.', true)
  cancelledAt!: Date | null

  @Shown(() => Date, 'When it was due and the law obliged us to wait.', true)
  delayedAt!: Date | null

  @Shown(() => Date, 'When it was done.', true)
  erasedAt!: Date | null

  @Shown(() => [ErasureEntryType], 'What was done, table by table; null until then.', true)
  entries!: ErasureEntry[] | null

  @Shown(
    () => String,
    'The same, signed: a JWS that the keys at `/.well-known/jwks.json` verify. Null until it was looked for again and nothing found.',
    true,
  )
  certificate!: string | null
}
