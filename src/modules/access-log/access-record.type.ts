import { connectionOf } from '../../api/connection'
import { GlobalId, Shown, Type } from '../../api/type'
import type { AccessRecordRow } from './access-record.loader'

@Type(
  'AccessRecord',
  "That somebody looked at a person's data by a permission over them. Visible to the person and to holders of `audit:read`.",
)
export class AccessRecordType implements Omit<
  AccessRecordRow,
  'readerId' | 'subjectId' | 'accessReason' | 'reason'
> {
  @GlobalId('access_record', 'The global id.')
  id!: string

  @Shown(() => Date, 'When.')
  occurredAt!: Date

  @Shown(() => [String], 'The names of the roles that allowed it.')
  roles!: string[]

  @Shown(() => [String], 'What was shown: fields of the person, or the type of something that is theirs.')
  fields!: string[]

  @Shown(() => String, 'The request in which it happened.', true)
  requestId!: string | null
}

export const AccessRecordConnection = connectionOf('AccessRecord', () => AccessRecordType)
