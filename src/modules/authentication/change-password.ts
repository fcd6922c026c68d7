import { rejected, UserErrorCode, type Rejected } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import { isShort } from '../../crypto/password-policy'
import type { Database } from '../../db/database'
import { AuditOutcome } from '../audit/audit-event'
import { AuditService } from '../audit/audit.service'
import { EmailService } from '../email/email.service'
import { MailService } from '../mail/mail.service'
import { PasswordService } from '../password/password.service'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import type { ChangePasswordInput } from './authentication.input'
import { ChallengeKind } from './challenge.entity'
import { ChallengeRepository } from './challenge.repository'

/**
 * Changes the viewer's password, which ends all their other sessions and is told them by mail. Returns how many ended.
 * @throws Rejected INVALID_CREDENTIALS for a wrong current password, which counts as a failed try; the reasons for which the
 * new one is refused. ApiError RATE_LIMITED after too many failures.
 */
export async function changePassword(
  db: Database,
  { currentPassword, newPassword }: ChangePasswordInput,
): Promise<number> {
  const { userId, sessionId } = requireSignedIn(db.caller.viewer)
  const passwords = new PasswordService(db)
  const tries = await new ThrottleService(db).trySecret(userId, userId)
  const proof = await passwords.verify(userId, currentPassword)
  if (!proof) throw await wrongPassword(db)
  await tries.succeeded()
  await passwords.check(newPassword, await wordsAbout(db, userId), { field: 'newPassword' })
  const hash = await passwords.hash(newPassword)
  const endedCount = await db.transaction(async (tx) => {
    // It may have been replaced, or staff may want it replaced, since it was verified.
    if (!(await new PasswordService(tx).stillHolds(proof))) return null
    await new AuditService(tx).record('password.changed')
    const password = { hash, isShort: isShort(newPassword) }
    return replacePassword(tx, userId, password, EndReason.PASSWORD_CHANGED, sessionId)
  })
  if (endedCount === null) throw await wrongPassword(db)
  return endedCount
}

async function wrongPassword(db: Database): Promise<Rejected> {
  await new AuditService(db).record('password.change-failed', { outcome: AuditOutcome.FAILURE })
  return rejected('currentPassword', UserErrorCode.INVALID_CREDENTIALS, 'The current password is wrong.')
}

/** What no password of this person may contain. */
export async function wordsAbout(db: Database, userId: Id): Promise<string[]> {
  const addresses = await new EmailService(db).ofUsers([userId])
  const user = await new UserService(db).lookup(userId)
  return [...addresses.map(({ address }) => address), user?.username, user?.displayName].filter(
    (word) => word !== null && word !== undefined,
  )
}

/** Stores a new password and ends what rested on the old one: sessions, but for one that may stay, and resets under way. */
export async function replacePassword(
  tx: Database,
  userId: Id,
  { hash, isShort }: { hash: string; isShort: boolean },
  reason: EndReason,
  keptSessionId: Id | null,
): Promise<number> {
  await new PasswordService(tx).store(userId, hash, { isShort })
  await new ChallengeRepository(tx).removeOf(userId, ChallengeKind.PASSWORD_RESET)
  await new MailService(tx).send(userId, 'passwordChanged')
  return new SessionService(tx).endAll(userId, reason, keptSessionId)
}
