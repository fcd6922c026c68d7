import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { UserStatus } from './user-status'
import { UserOrder, type UserRow } from './user.repository'

registerEnumType(UserStatus, {
  name: 'UserStatus',
  description: 'Whether an account may be used.',
  valuesConfig: {
    ACTIVE: { description: 'The account works.' },
    SUSPENDED: { description: 'Nobody can sign in; open sessions answer as anonymous.' },
    ERASED: { description: 'Nothing is known of the person any more; what is left is a pseudonym.' },
  },
})

registerEnumType(UserOrder, {
  name: 'UserOrder',
  description: 'The order of a list of people.',
  valuesConfig: {
    NEWEST_FIRST: { description: 'The newest account first.' },
    OLDEST_FIRST: { description: 'The oldest account first.' },
    USERNAME: { description: 'By username, A to Z.' },
  },
})

@Type('User', 'A person with an account. Name, bio and posts are public; the rest says who may read it.', {
  implements: Node,
})
export class UserType implements Omit<
  UserRow,
  'credentialsFrozenUntil' | 'invitedAt' | 'bioAudience' | 'avatarAudience' | 'lastSeenAudience'
> {
  @GlobalId('user')
  id!: string

  @Shown(() => String, 'The unique public name, in lower case.')
  username!: string

  @Shown(() => String, 'How the person wants to be called.')
  displayName!: string

  @Shown(() => String, 'What the person tells about themselves, where they show it to you.', true)
  bio!: string | null

  @Shown(() => Date, 'When the account came into being.')
  createdAt!: Date

  @Shown(
    () => String,
    'The language to speak, a BCP 47 tag such as `en` or `pt-BR`. Self, or `users:read`.',
    true,
  )
  locale!: string

  @Shown(() => String, 'The IANA time zone, e.g. `Europe/Berlin`. Self, or `users:read`.', true)
  timeZone!: string

  @Shown(() => UserStatus, 'Whether the account may be used. Self, or `users:read`.', true)
  status!: UserStatus

  @Shown(
    () => Date,
    'When the person last used Portico, to the minute, where they show it to you; otherwise self, or `users:read`.',
    true,
  )
  lastSeenAt!: Date | null

  @Shown(() => Date, 'When the person last signed in. Self, or `users:read`.', true)
  lastSignInAt!: Date | null

  @Shown(
    () => Date,
    'Since when their data is kept and no more, and they are shown to nobody else; null where it is not. Self, or `privacy:manage`.',
    true,
  )
  restrictedAt!: Date | null

  @Shown(
    () => Date,
    'Since when they do not use their account, and are shown to nobody but staff, until they sign in again; null where they do. Self, or `users:read`.',
    true,
  )
  deactivatedAt!: Date | null

  @Shown(() => Int, 'Counts the changes of the profile, for `expectedVersion`. Self, or `users:read`.', true)
  version!: number
}

export const UserConnection = connectionOf('User', () => UserType)
