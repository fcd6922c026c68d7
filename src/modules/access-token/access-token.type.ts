import { registerEnumType } from 'type-graphql'
import { GlobalId, Shown, Type } from '../../api/type'
import type { AccessTokenRow } from './access-token.repository'
import { AccessTokenEndReason } from './end-reason'

registerEnumType(AccessTokenEndReason, {
  name: 'AccessTokenEndReason',
  description: 'Why an access token ended.',
  valuesConfig: {
    REVOKED: { description: 'Its owner ended it.' },
    PASSWORD_RESET: { description: "Its owner's password was reset with the proof from a mail." },
    PASSWORD_RESET_REQUIRED: { description: 'Staff asked its owner for another password.' },
    DISOWNED: { description: 'The owner said that something was not them.' },
    DEACTIVATED: { description: 'The owner deactivated their account.' },
    EXPIRED: { description: 'Its time was up.' },
  },
})

@Type(
  'AccessToken',
  'What lets a program act for a person. It may do what its scopes and the permissions of its owner both allow, and nothing that concerns credentials.',
)
export class AccessTokenType implements Omit<AccessTokenRow, 'userId'> {
  @GlobalId('access_token', 'The global id.')
  id!: string

  @Shown(() => String, 'What the person calls it.')
  name!: string

  @Shown(() => [String], 'The permissions that it may make use of, as far as its owner holds them.')
  scopes!: string[]

  @Shown(() => Date, 'When it was made.')
  createdAt!: Date

  @Shown(() => Date, 'When it ends by itself.')
  expiresAt!: Date

  @Shown(() => Date, 'When it was last used, to the minute; null for never.', true)
  lastUsedAt!: Date | null

  @Shown(() => Date, 'When it was ended before its time.', true)
  revokedAt!: Date | null

  @Shown(() => AccessTokenEndReason, 'Why it ended; null while it works.', true)
  endReason!: AccessTokenEndReason | null
}
