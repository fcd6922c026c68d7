import { NOBODY } from '../../api/input'
import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditOutcome } from '../audit/audit-event'
import { AuditService } from '../audit/audit.service'
import { normaliseAddress } from '../email/email-address'
import { EmailService } from '../email/email.service'
import { PasswordService, type PasswordProof } from '../password/password.service'
import type { SessionRow } from '../session/session.loader'
import { SessionService } from '../session/session.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserStatus } from '../user/user-status'
import { UserService } from '../user/user.service'
import type { ReauthenticateInput, SignInInput } from './authentication.input'
import type { Started } from './sign-up'

/**
 * Signs in with a username or e-mail address and the password. Unknown, wrong and suspended answer alike, after the same
 * work, and each failure is recorded.
 * @throws Rejected INVALID_CREDENTIALS; ApiError RATE_LIMITED after too many failures, or when too many passwords wait to
 * be verified.
 */
export async function signIn(
  db: Database,
  { login, password, transport, deviceName }: SignInInput,
): Promise<Started> {
  const person = await findPerson(db, login)
  const tries = await new ThrottleService(db).trySecret(person?.id ?? canonicalLogin(login), person?.id)
  const passwords = new PasswordService(db)
  const proof = await passwords.verify(person?.id ?? NOBODY, password)
  const isWelcome = proof && person?.status === UserStatus.ACTIVE
  const started = isWelcome && (await startSession(db, proof, { transport, deviceName }))
  if (!started) {
    await new AuditService(db).record('session.sign-in-failed', {
      subjectId: person?.id ?? null,
      outcome: AuditOutcome.FAILURE,
    })
    throw rejected([], UserErrorCode.INVALID_CREDENTIALS, 'The login or the password is wrong.')
  }
  await tries.succeeded()
  passwords.watch(proof, password)
  return started
}

/** Starts a session on a password that was right; null when it has been replaced, or is to be, meanwhile. */
async function startSession(
  db: Database,
  proof: PasswordProof,
  { transport, deviceName }: Pick<SignInInput, 'transport' | 'deviceName'>,
): Promise<Started | null> {
  const { userId } = proof
  return db.transaction(async (tx) => {
    if (!(await new PasswordService(tx).stillHolds(proof))) return null
    return { userId, ...(await new SessionService(tx).start(userId, transport, deviceName)) }
  })
}

/** One spelling for a login that leads nowhere, so that each of its spellings counts for all. */
export const canonicalLogin = (login: string): string =>
  normaliseAddress(login) ?? login.normalize('NFKC').trim().toLowerCase()

/** Takes as many statements for somebody as for nobody. */
export async function findPerson(
  db: Database,
  login: string,
): Promise<{ id: Id; status: UserStatus } | null> {
  const users = new UserService(db)
  const address = normaliseAddress(login)
  if (address === null) return users.findByUsername(login)
  return users.lookup((await new EmailService(db).ownerOf(address)) ?? NOBODY)
}

/**
 * Proves again who the viewer is. The session goes on under a new token; the old one is dead.
 * @throws Rejected INVALID_CREDENTIALS; ApiError RATE_LIMITED after too many failures.
 */
export async function reauthenticate(
  db: Database,
  { password }: ReauthenticateInput,
): Promise<{ session: SessionRow; token: string }> {
  const { userId } = requireSignedIn(db.caller.viewer)
  const tries = await new ThrottleService(db).trySecret(userId, userId)
  if (!(await new PasswordService(db).verify(userId, password))) {
    await new AuditService(db).record('session.reauthentication-failed', { outcome: AuditOutcome.FAILURE })
    throw rejected('password', UserErrorCode.INVALID_CREDENTIALS, 'The password is wrong.')
  }
  await tries.succeeded()
  return new SessionService(db).renew()
}
