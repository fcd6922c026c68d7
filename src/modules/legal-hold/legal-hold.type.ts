import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import type { LegalHoldRow } from './legal-hold.repository'

@Type(
  'LegalHold',
  "Something that the law asks for, for whose sake somebody's data is not erased. Visible to holders of `holds:manage`, never to the person.",
  { implements: Node },
)
export class LegalHoldType implements Pick<LegalHoldRow, 'id' | 'placedAt' | 'releasedAt'> {
  @GlobalId('legal_hold')
  id!: string

  @Shown(() => Date, 'Since when it is in force.')
  placedAt!: Date

  @Shown(() => Date, 'When it was released; null while it is in force.', true)
  releasedAt!: Date | null
}

export const LegalHoldConnection = connectionOf('LegalHold', () => LegalHoldType)
