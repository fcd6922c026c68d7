import { Shown, Type } from '../../api/type'
import type { Suspension } from '../user/user.service'
import type { Invitation } from './invitation'

@Type('Suspension', 'Why somebody cannot use their account. Needs `users:read`.')
export class SuspensionType implements Omit<Suspension, 'userId' | 'byId'> {
  @Shown(() => String, 'Why, as the person was told; null where the account came suspended.', true)
  reason!: string | null

  @Shown(() => Date, 'Since when; null where that is not known.', true)
  suspendedAt!: Date | null

  @Shown(() => Date, 'When it ends by itself; null where somebody has to end it.', true)
  endsAt!: Date | null
}

@Type('Invitation', 'An account that staff have made, and nobody has taken up yet. Needs `users:read`.')
export class InvitationType implements Invitation {
  @Shown(() => Date, 'When the link was last sent.')
  sentAt!: Date

  @Shown(() => Date, 'Until when the link works.')
  expiresAt!: Date
}
