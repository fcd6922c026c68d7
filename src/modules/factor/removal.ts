import { notFound, rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { PasskeyService } from '../passkey/passkey.service'
import { PasswordService } from '../password/password.service'
import { replacePassword } from '../password/replace-password'
import { RecoveryCodeService } from '../recovery-code/recovery-code.service'
import { RoleGrantService } from '../role/role-grant.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import type { FactorKind } from './factor.entity'
import { FactorService, type SecondFactor } from './factor.service'

/** Turns an authenticator app, or codes by mail, off. @throws ApiError NOT_FOUND when it is not on. */
export async function removeFactor(db: Database, kind: FactorKind, newPassword?: string): Promise<void> {
  await remove(db, kind, newPassword, async (tx, userId) => {
    if (!(await new FactorService(tx).remove(userId, kind))) throw notFound('second factor')
  })
}

/** Removes a passkey of the viewer's. @throws ApiError NOT_FOUND when it is none of theirs. */
export async function removePasskey(db: Database, passkeyId: Id, newPassword?: string): Promise<void> {
  await remove(db, AuthenticationMethod.PASSKEY, newPassword, async (tx, userId) => {
    await new PasskeyService(tx).remove(passkeyId, userId)
  })
}

/** What follows when a second factor goes: other sessions end, codes that stood in for it go too, and the person is told. */
async function remove(
  db: Database,
  method: SecondFactor,
  newPassword: string | undefined,
  takeAway: (tx: Database, userId: Id) => Promise<void>,
): Promise<void> {
  const { userId, sessionId } = requireSession(db.caller.viewer)
  const hash = newPassword === undefined ? null : await hashReplacement(db, userId, newPassword)
  await db.transaction(async (tx) => {
    await new SessionService(tx).assertMayChangeCredentials()
    const isShort = (await new PasswordService(tx).lock(userId))?.isShort ?? false
    await takeAway(tx, userId)
    const isLast = !(await new FactorService(tx).hasAny(userId))
    if (isLast) await new RecoveryCodeService(tx).removeOf(userId)
    if (isLast && isShort && hash === null)
      throw rejected('newPassword', UserErrorCode.REQUIRED, TOO_SHORT_ALONE)
    if (isLast && tx.tools.staffNeedSecondFactor && (await new RoleGrantService(tx).isStaff(userId)))
      throw rejected(
        [],
        UserErrorCode.NOT_PERMITTED,
        'Your roles ask for a second factor. Add another one first.',
      )
    if (hash !== null) {
      const changed = await new AuditService(tx).record('password.changed')
      const password = { hash, isShort: false }
      await replacePassword(tx, userId, password, EndReason.PASSWORD_CHANGED, sessionId, changed)
    }
    await new SessionService(tx).endAll(userId, EndReason.FACTOR_CHANGED, sessionId)
    const eventId = await new AuditService(tx).record('factor.removed', {
      target: toGlobalId('user', userId),
      details: { method },
    })
    await new MailService(tx).send(userId, 'secondFactorRemoved', { factor: `${method}`, eventId })
  })
}

const TOO_SHORT_ALONE =
  'Without a second factor your password is too short. Give one of at least 15 characters with it.'

/** Checked as the only factor that it is going to be; slow, so outside the transaction. */
async function hashReplacement(db: Database, userId: Id, newPassword: string): Promise<string> {
  const passwords = new PasswordService(db)
  await passwords.checkFor(userId, newPassword, { field: 'newPassword' })
  return passwords.hash(newPassword)
}
