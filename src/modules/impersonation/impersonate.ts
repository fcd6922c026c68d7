import { MINUTE } from '../../core/clock'
import { ApiError, rejected, UserErrorCode } from '../../core/error'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { SessionService, type Issued } from '../session/session.service'
import { UserStatus } from '../user/user-status'
import { UserService } from '../user/user.service'
import type { StartImpersonationInput } from './impersonation.input'

/** How long somebody may act as another person at a time. */
const IMPERSONATION_LIFETIME = 30 * MINUTE

/**
 * Begins a session in which the viewer acts as somebody else, who is told. It sees of the person what the viewer's own
 * permissions over them show, changes nothing unless the viewer holds `users:impersonate-write` too, and never how the
 * person signs in.
 * @throws Rejected NOT_PERMITTED on somebody who may do as much as the viewer, and on oneself; NOT_FOUND. ApiError FORBIDDEN
 */
export async function startImpersonation(
  db: Database,
  { userId, reason }: StartImpersonationInput,
): Promise<Issued> {
  const viewer = requireSession(db.caller.viewer)
  return db.transaction(async (tx) => {
    await new SessionService(tx).assertAlive()
    const authority = new AuthorityService(tx)
    const held = await authority.assertMayActOn(userId, 'users:impersonate')
    await authority.assertBelow(held, userId)
    const [person] = await new UserService(tx).findShown([userId])
    if (person?.status !== UserStatus.ACTIVE)
      throw rejected(
        'userId',
        UserErrorCode.NOT_FOUND,
        'There is no such person, or their account is suspended.',
      )
    await new AuditService(tx).record('impersonation.started', {
      subjectId: userId,
      details: { reason },
    })
    await new MailService(tx).send(userId, 'impersonated', { by: viewer.username, reason })
    return new SessionService(tx).impersonate(userId, viewer, IMPERSONATION_LIFETIME)
  })
}

/** Ends the session that acts as somebody else. @throws ApiError FORBIDDEN in a session that does not. */
export async function stopImpersonation(db: Database): Promise<void> {
  const { viewer } = db.caller
  if (viewer.kind !== 'signed-in' || !viewer.impersonator)
    throw new ApiError('FORBIDDEN', 'This session acts as nobody else.')
  const { sessionId, userId } = viewer
  await db.transaction(async (tx) => {
    await new AuditService(tx).record('impersonation.ended', {})
    await new SessionService(tx).endImpersonation(sessionId, userId)
  })
}
