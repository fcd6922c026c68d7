import { rejected, UserErrorCode, type Rejected } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import { isShort, MINIMUM_ALONE } from '../../crypto/password-policy'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { FactorService } from '../factor/factor.service'
import { PasswordService } from '../password/password.service'
import { replacePassword } from '../password/replace-password'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { ThrottleService } from '../throttle/throttle.service'
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
  const { userId, sessionId } = requireSession(db.caller.viewer)
  const passwords = new PasswordService(db)
  const tries = await new ThrottleService(db).trySecret(userId, userId)
  const proof = await passwords.verify(userId, currentPassword)
  if (!proof) throw await wrongPassword(db)
  await tries.succeeded()
  await checkNewPassword(db, userId, newPassword)
  const hash = await passwords.hash(newPassword)
  const endedCount = await db.transaction(async (tx) => {
    await new SessionService(tx).assertMayChangeCredentials()
    // It may have been replaced, or staff may want it replaced, since it was verified.
    if (!(await new PasswordService(tx).stillHolds(proof))) return null
    await assertFactorBeside(tx, userId, newPassword)
    const eventId = await new AuditService(tx).record('password.changed')
    const password = { hash, isShort: isShort(newPassword) }
    return replacePassword(tx, userId, password, EndReason.PASSWORD_CHANGED, sessionId, eventId)
  })
  if (endedCount === null) throw await wrongPassword(db)
  return endedCount
}

async function wrongPassword(db: Database): Promise<Rejected> {
  await new AuditService(db).record('password.change-failed')
  return rejected('currentPassword', UserErrorCode.INVALID_CREDENTIALS, 'The current password is wrong.')
}

/** Refuses a new password of somebody with an account; it may be shorter where a second factor is on. */
export async function checkNewPassword(db: Database, userId: Id, newPassword: string): Promise<void> {
  const hasSecondFactor = await new FactorService(db).hasAny(userId)
  await new PasswordService(db).checkFor(userId, newPassword, { field: 'newPassword', hasSecondFactor })
}

/** Makes sure of the same inside the transaction that stores it: the factor may be gone. */
export async function assertFactorBeside(tx: Database, userId: Id, newPassword: string): Promise<void> {
  if (!isShort(newPassword)) return
  await new PasswordService(tx).lock(userId)
  if (await new FactorService(tx).hasAny(userId)) return
  throw rejected('newPassword', UserErrorCode.TOO_SHORT, `Use at least ${MINIMUM_ALONE} characters.`)
}
