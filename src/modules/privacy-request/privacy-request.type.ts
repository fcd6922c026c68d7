import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { PrivacyRequestKind, PrivacyRequestStatus } from './privacy-request-kind'
import type { PrivacyRequestRow } from './privacy-request.repository'

registerEnumType(PrivacyRequestKind, {
  name: 'PrivacyRequestKind',
  description: 'What somebody can ask about their own data.',
  valuesConfig: {
    EXPORT: { description: 'A copy of it (GDPR art. 15, 20).' },
    RECTIFICATION: { description: 'Putting it right (GDPR art. 16).' },
    ERASURE: { description: 'Deleting it (GDPR art. 17).' },
    RESTRICTION: { description: 'Keeping it, but doing nothing with it (GDPR art. 18).' },
    OBJECTION: { description: 'Not using it for a purpose, or at all (GDPR art. 21).' },
  },
})

registerEnumType(PrivacyRequestStatus, {
  name: 'PrivacyRequestStatus',
  description: 'Where a request stands.',
  valuesConfig: {
    RECEIVED: { description: 'It waits to be dealt with.' },
    IN_PROGRESS: { description: 'It is being dealt with.' },
    DONE: { description: 'What was asked for has been done.' },
    REFUSED: { description: 'It was refused; `outcomeNote` says why.' },
    WITHDRAWN: { description: 'The person has taken it back.' },
  },
})

@Type(
  'PrivacyRequest',
  'What somebody asks about their own data. Visible to the person, and to holders of `privacy:manage`.',
  { implements: Node },
)
export class PrivacyRequestType implements Omit<
  PrivacyRequestRow,
  'userId' | 'handledById' | 'body' | 'outcomeNote' | 'extensionReason'
> {
  @GlobalId('privacy_request')
  id!: string

  @Shown(() => PrivacyRequestKind, 'What is asked for.')
  kind!: PrivacyRequestKind

  @Shown(() => PrivacyRequestStatus, 'Where it stands.')
  status!: PrivacyRequestStatus

  @Shown(() => String, 'Of an objection: the id of the purpose; null for one to anything else.', true)
  purpose!: string | null

  @Shown(() => Date, 'When it came in.')
  receivedAt!: Date

  @Shown(() => Date, 'By when it has to be answered: a month after it came in, three where it was extended.')
  dueAt!: Date

  @Shown(() => Date, 'When the person was told that it takes longer; null where it was not extended.', true)
  extendedAt!: Date | null

  @Shown(() => Date, 'When it was done, refused or withdrawn; null until then.', true)
  doneAt!: Date | null

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

export const PrivacyRequestConnection = connectionOf('PrivacyRequest', () => PrivacyRequestType)
