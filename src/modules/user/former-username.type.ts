import { Shown, Type } from '../../api/type'
import type { FormerUsernameRow } from './former-username.repository'

@Type('FormerUsername', 'A username that somebody has given up.')
export class FormerUsernameType implements Pick<
  FormerUsernameRow,
  'username' | 'changedAt' | 'reservationEndsAt'
> {
  @Shown(() => String, 'The username that it was.')
  username!: string

  @Shown(() => Date, 'When another took its place.')
  changedAt!: Date

  @Shown(() => Date, 'Until when it leads to the person, and nobody else can have it.')
  reservationEndsAt!: Date
}
