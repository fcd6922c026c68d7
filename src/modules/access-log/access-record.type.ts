import { connectionOf } from '../../api/connection'
import { GlobalId, Shown, Type } from '../../api/type'
import type { AccessRecordRow } from './access-record.repository'

@Type(
  'AccessRecord',
  "That somebody looked at a person's data by a permission over them. Visible to the person and to holders of `audit:read`.",
)
export class AccessRecordType implements Omit<AccessRecordRow, 'readerId'> {
  @GlobalId('access_record', 'The global id.')
  id!: string

  @Shown(() => Date, 'When.')
  occurredAt!: Date

  @Shown(() => [String], 'The names of the roles that allowed it.')
  roles!: string[]

  @Shown(() => [String], 'What was shown: fields of the person, or the type of something that is theirs.')
  fields!: string[]

  @Shown(() => String, 'Why, in the words of whoever looked; null where nothing was said.', true)
  reason!: string | null

  @Shown(() => String, 'The request in which it happened.', true)
  requestId!: string | null
}

export const AccessRecordConnection = connectionOf('AccessRecord', () => AccessRecordType)
