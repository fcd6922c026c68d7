import { toGlobalId } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { UserService } from '../user/user.service'
import type { EndUserSessionsInput } from './administration.input'
import { noSuchPerson } from './no-such-person'

/**
 * Ends all sessions of somebody, who is told by mail, and returns how many there were. Where there were none, nothing is told.
 * @throws Rejected NOT_FOUND; NOT_PERMITTED on somebody above the viewer. ApiError FORBIDDEN
 */
export async function endUserSessions(
  db: Database,
  { userId, reason = null }: Omit<EndUserSessionsInput, 'reason'> & { reason?: string | null },
): Promise<number> {
  return db.transaction(async (tx) => {
    await new AuthorityService(tx).assertMayActOn(userId, 'sessions:revoke')
    if (!(await new UserService(tx).exists(userId))) throw noSuchPerson()
    const endedCount = await new SessionService(tx).endAll(userId, EndReason.REVOKED_BY_STAFF, null)
    if (endedCount === 0) return 0
    await new AuditService(tx).record('sessions.ended-by-staff', {
      subjectId: userId,
      target: toGlobalId('user', userId),
      details: { reason },
    })
    await new MailService(tx).send(userId, 'sessionsEnded', { reason })
    return endedCount
  })
}
