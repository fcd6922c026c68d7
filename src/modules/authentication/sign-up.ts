import { randomBytes } from 'node:crypto'
import { NOBODY } from '../../api/input'
import { MINUTE, later } from '../../core/clock'
import { Rejected, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { hashCode, newCode, sameBytes } from '../../crypto/token'
import type { Database } from '../../db/database'
import { AuditOutcome } from '../audit/audit-event'
import { AuditService } from '../audit/audit.service'
import { addressProblem, normaliseAddress } from '../email/email-address'
import { EmailService } from '../email/email.service'
import { MailService } from '../mail/mail.service'
import { PasswordService } from '../password/password.service'
import type { SessionRow } from '../session/session.loader'
import { SessionService } from '../session/session.service'
import { isLocale, LOCALE_ADVICE } from '../user/locale'
import { UserService } from '../user/user.service'
import type { CompleteSignUpInput, SignUpInput } from './authentication.input'
import { Challenge, ChallengeKind } from './challenge.entity'
import { ChallengeRepository } from './challenge.repository'
import { createAccount } from './create-account'

/** How long a code from a mail may be used. */
export const CODE_LIFETIME = 10 * MINUTE

/** How many wrong codes a challenge takes. */
export const MAX_FAILURES = 5

/** What a pending sign-up keeps, encrypted, until the code proves the address. */
interface PendingAccount {
  username: string
  displayName: string
  locale: string
  address: string
  passwordHash: string
}

/**
 * Begins a sign-up: nothing but a pending, encrypted registration exists until the code from the mail comes back. An
 * address that has an account already answers in the same way, after the same work; its owner is told by mail.
 */
export async function signUp(db: Database, input: SignUpInput): Promise<Challenge> {
  const username = input.username.toLowerCase()
  const displayName = input.displayName ?? input.username
  const locale = input.locale ?? 'en'
  const address = normaliseAddress(input.email)
  if (address === null) throw new Rejected(addressProblem('email'))
  if (!isLocale(locale)) throw rejected('locale', UserErrorCode.INVALID, LOCALE_ADVICE)
  const passwords = new PasswordService(db)
  await passwords.check(input.password, [address, username, displayName])
  if (await new UserService(db).isUsernameTaken(username)) {
    throw rejected('username', UserErrorCode.TAKEN, 'This username is taken. Choose another.')
  }
  const passwordHash = await passwords.hash(input.password)

  return db.transaction(async (tx) => {
    const ownerId = await new EmailService(tx).ownerOf(address)
    const id = newId(tx.now)
    const subjectId = newId(tx.now)
    const code = newCode()
    const pending: PendingAccount = { username, displayName, locale, address, passwordHash }
    const challenge: Challenge = {
      id,
      kind: ChallengeKind.SIGN_UP,
      subjectId,
      // For a taken address no code is right.
      codeHash: ownerId ? randomBytes(32) : hashCode(id, code),
      tokenHash: null,
      state: await tx.codec.seal(Challenge, 'state', { id, ownerId: subjectId }, JSON.stringify(pending)),
      failures: 0,
      createdAt: tx.now,
      expiresAt: later(tx.now, CODE_LIFETIME),
    }
    const challenges = new ChallengeRepository(tx)
    await challenges.add(challenge)
    // Each new one takes some old ones along, so that what was never finished does not stay.
    await challenges.removeExpired()
    await new AuditService(tx).record('account.sign-up-requested', { target: toGlobalId('challenge', id) })
    const mails = new MailService(tx)
    // Looks for the owner, in whose language it is, whether there is one or not.
    await mails.send(ownerId ?? NOBODY, 'accountExists')
    if (!ownerId) {
      const link = `${tx.tools.linkBase}/sign-up#challenge=${toGlobalId('challenge', id)}&code=${code}`
      mails.sendToStranger({ address, locale }, 'signUpCode', { code, link, minutes: CODE_LIFETIME / MINUTE })
    }
    return challenge
  })
}

/** What proving an identity leads to. */
export interface Started {
  userId: Id
  session: SessionRow
  token: string
}

/**
 * Finishes a sign-up with the code from the mail: the account and its first session come into being together.
 * @throws Rejected INVALID_CODE for a wrong, used or expired code, which counts; TAKEN when the username or the
 * address has gone meanwhile.
 */
export async function completeSignUp(db: Database, input: CompleteSignUpInput): Promise<Started> {
  const started = await db
    .transaction(async (tx) => {
      const challenges = new ChallengeRepository(tx)
      const challenge = await challenges.lock(input.challengeId, ChallengeKind.SIGN_UP)
      const isOpen = challenge !== null && challenge.failures < MAX_FAILURES && challenge.expiresAt > tx.now
      if (!isOpen || !sameBytes(hashCode(challenge.id, input.code), challenge.codeHash)) {
        // A failure must be remembered, so this transaction commits and the refusal comes after it.
        if (isOpen) await challenges.countFailure(challenge.id)
        await new AuditService(tx).record('account.sign-up-failed', {
          target: toGlobalId('challenge', input.challengeId),
          outcome: AuditOutcome.FAILURE,
        })
        return null
      }
      const place = { id: challenge.id, ownerId: challenge.subjectId }
      const [state] = await tx.codec.open(Challenge, 'state', [place], () => challenge.state)
      const { address, passwordHash, ...profile } = JSON.parse(state!) as PendingAccount
      const userId = challenge.subjectId
      await createAccount(tx, { id: userId, ...profile, address, passwordHash }, userId)
      await challenges.remove(challenge.id)
      return { userId, ...(await new SessionService(tx).start(userId, input.transport, input.deviceName)) }
    })
    .catch(concerningTheWhole)
  if (!started) {
    throw rejected(
      'code',
      UserErrorCode.INVALID_CODE,
      'This code is wrong, used or expired. Check it, or sign up again for a new one.',
    )
  }
  return started
}

/** What was free when the sign-up began may be taken by now, and the input that finishes it has no field for that. */
function concerningTheWhole(error: unknown): never {
  if (error instanceof Rejected)
    throw new Rejected(...error.problems.map((problem) => ({ ...problem, field: [] })))
  throw error
}
