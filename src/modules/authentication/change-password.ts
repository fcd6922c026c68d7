import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditOutcome } from '../audit/audit-event'
import { AuditService } from '../audit/audit.service'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService } from '../challenge/challenge.service'
import { EmailService } from '../email/email.service'
import { MailService } from '../mail/mail.service'
import { PasswordService } from '../password/password.service'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import type { ChangePasswordInput } from './authentication.input'

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
  if (!proof) {
    await new AuditService(db).record('password.change-failed', { outcome: AuditOutcome.FAILURE })
    throw rejected('currentPassword', UserErrorCode.INVALID_CREDENTIALS, 'The current password is wrong.')
  }
  await tries.succeeded()
  passwords.check(newPassword, await wordsAbout(db, userId), 'newPassword')
  const hash = await passwords.hash(newPassword)
  return db.transaction(async (tx) => {
    await new PasswordService(tx).assertStands(proof)
    await new SessionService(tx).assertAlive()
    await new AuditService(tx).record('password.changed')
    return replacePassword(tx, userId, hash, EndReason.PASSWORD_CHANGED, sessionId)
  })
}

/** What no password of this person may contain. */
export async function wordsAbout(db: Database, userId: Id): Promise<string[]> {
  const addresses = await new EmailService(db).ofUsers([userId])
  const user = await new UserService(db).lookup(userId)
  return [...addresses.map(({ address }) => address), user?.username, user?.displayName].filter(
    (word) => word !== null && word !== undefined,
  )
}

/** What was begun with the password until now, or to replace it. */
const RESTING_ON_PASSWORD = [
  ChallengeKind.PASSWORD_RESET,
  ChallengeKind.SIGN_IN,
  ChallengeKind.SIGN_IN_LINK,
] as const

/** Stores a new password and ends what rested on the old one: sessions, but for one that may stay, and sign-ins and resets under way. */
export async function replacePassword(
  tx: Database,
  userId: Id,
  hash: string,
  reason: EndReason,
  keptSessionId: Id | null,
): Promise<number> {
  await new PasswordService(tx).store(userId, hash)
  await new ChallengeService(tx).removeOf(userId, ...RESTING_ON_PASSWORD)
  await new MailService(tx).send(userId, 'passwordChanged')
  return new SessionService(tx).endAll(userId, reason, keptSessionId)
}
