import { later } from '../../core/clock'
import { INVITATION_LIFETIME } from '../authentication/reset-password'
import type { UserRow } from '../user/user.loader'

/** When somebody was sent the link to take up their account, and until when it works. */
export interface Invitation {
  sentAt: Date
  expiresAt: Date
}

/** The invitation of somebody who has neither chosen a password nor signed in so far; null for everybody else. */
export function invitationOf(
  { invitedAt, lastSignInAt }: Pick<UserRow, 'invitedAt' | 'lastSignInAt'>,
  hasPassword: boolean,
): Invitation | null {
  if (invitedAt === null || lastSignInAt !== null || hasPassword) return null
  return { sentAt: invitedAt, expiresAt: later(invitedAt, INVITATION_LIFETIME) }
}
