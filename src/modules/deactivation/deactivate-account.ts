import { toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AccessTokenEndReason } from '../access-token/end-reason'
import { AccessTokenService } from '../access-token/access-token.service'
import { AuditService } from '../audit/audit.service'
import { ChallengeService } from '../challenge/challenge.service'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { UserService } from '../user/user.service'

/**
 * Deactivates the viewer's account until they sign in again: they and what they have written are shown to nobody but staff, and
 * whatever is signed in ends, the session that asks included. Nothing is erased.
 * @throws Rejected LAST_ADMIN, FROZEN; ApiError UNAUTHENTICATED when the session has ended meanwhile.
 */
export async function deactivateAccount(db: Database): Promise<Id> {
  const { userId } = requireSession(db.caller.viewer)
  return db.transaction(async (tx) => {
    await new AuthorityService(tx).assertNotLastAdmin(userId)
    const sessions = new SessionService(tx)
    // A sign-in under way ends before this goes on, and its session is among those that end below.
    await sessions.assertMayChangeCredentials()
    await new UserService(tx).deactivate(userId)
    const eventId = await new AuditService(tx).record('account.deactivated', {
      target: toGlobalId('user', userId),
    })
    await new ChallengeService(tx).removeAllOf(userId)
    await sessions.endAll(userId, EndReason.DEACTIVATED, null)
    await new AccessTokenService(tx).endAll(userId, AccessTokenEndReason.DEACTIVATED)
    await new MailService(tx).send(userId, 'accountDeactivated', { eventId })
    return userId
  })
}
