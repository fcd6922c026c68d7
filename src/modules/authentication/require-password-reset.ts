import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AccessTokenService } from '../access-token/access-token.service'
import { AccessTokenEndReason } from '../access-token/end-reason'
import { AuditService } from '../audit/audit.service'
import { PasswordService } from '../password/password.service'
import { AuthorityService } from '../role/authority.service'
import { voidPassword } from '../password/replace-password'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import type { RequirePasswordResetInput } from './authentication.input'
import { beginReset } from './reset-password'

/**
 * Starts the replacement of somebody's password: all their sessions and access tokens end, the password lets nobody in any more, and they
 * get a mail with which they choose another. Whoever starts it never learns or chooses one (OWASP ASVS 5.0, 6.4.6).
 * @throws Rejected NOT_FOUND where there is no password; NOT_PERMITTED on somebody above the viewer. ApiError FORBIDDEN
 */
export async function requirePasswordReset(
  db: Database,
  { userId, reason }: RequirePasswordResetInput,
): Promise<Id> {
  return db.transaction(async (tx) => {
    await new AuthorityService(tx).assertMayActOn(userId, 'users:reset-password')
    // First of all: a sign-in under way ends before this goes on, and its session is among those that end below.
    if (!(await new PasswordService(tx).requireReset(userId)))
      throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person, or none with a password.')
    await voidPassword(tx, userId)
    await new SessionService(tx).endAll(userId, EndReason.PASSWORD_RESET_REQUIRED, null)
    await new AccessTokenService(tx).endAll(userId, AccessTokenEndReason.PASSWORD_RESET_REQUIRED)
    await new AuditService(tx).record('password.reset-required', { subjectId: userId, details: { reason } })
    await beginReset(tx, { subjectId: userId, recipientId: userId, mail: 'passwordResetRequired' })
    return userId
  })
}
