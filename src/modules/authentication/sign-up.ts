import { MINUTE } from '../../core/clock'
import { concerningTheWhole, Rejected, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId } from '../../core/id'
import { isLocale, LOCALE_ADVICE } from '../../core/locale'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService, CODE_LIFETIME, invalidProof, type Challenge } from '../challenge/challenge.service'
import { ConsentService } from '../consent/consent.service'
import { addressProblem, normaliseAddress } from '../email/email-address'
import { EmailService } from '../email/email.service'
import { MailService } from '../mail/mail.service'
import { PasswordService } from '../password/password.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { SessionService } from '../session/session.service'
import { ThrottleService } from '../throttle/throttle.service'
import { problemWithUsername } from '../username/username-rules'
import type { CompleteSignUpInput, SignUpInput } from './authentication.input'
import { createAccount } from './create-account'
import type { Started } from './sign-in'

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
 * @throws Rejected for what a form can put right; ApiError RATE_LIMITED
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
  const problem = await problemWithUsername(db, username)
  if (problem) throw problem
  await new ThrottleService(db).tryBeginning()
  const passwordHash = await passwords.hash(input.password)

  return db.transaction(async (tx) => {
    const ownerId = await new EmailService(tx).ownerOf(address)
    const pending: PendingAccount = { username, displayName, locale, address, passwordHash }
    const { challenge, code } = await new ChallengeService(tx).begin({
      kind: ChallengeKind.SIGN_UP,
      subjectId: newId(tx.now),
      methods: [AuthenticationMethod.EMAIL_CODE],
      state: JSON.stringify(pending),
      // For a taken address no code is right.
      isDecoy: ownerId !== null,
    })
    const target = toGlobalId('challenge', challenge.id)
    await new AuditService(tx).record('account.sign-up-requested', { target })
    const link = `${tx.tools.linkBase}/sign-up#challenge=${target}&code=${code}`
    const minutes = CODE_LIFETIME / MINUTE
    // One mail, after the same work, whether the address has an owner, in whose language it then is, or none.
    await new MailService(tx).sendToOwnerOrStranger(
      { ownerId, name: 'accountExists', facts: {} },
      { address, locale, name: 'signUpCode', facts: { code, link, minutes } },
    )
    return challenge
  })
}

/**
 * Finishes a sign-up with the code from the mail: the account and its first session come into being together.
 * @throws Rejected INVALID_CODE for a wrong, used or expired code, which counts; TAKEN when the username or the
 * address has gone meanwhile; NOT_FOUND and STALE for what was agreed to in the form.
 */
export async function completeSignUp(db: Database, input: CompleteSignUpInput): Promise<Started> {
  const started = await db
    .transaction(async (tx) => {
      const challenges = new ChallengeService(tx)
      const challenge = await challenges.lock(input.challengeId, ChallengeKind.SIGN_UP)
      if (!challenge || !challenges.isProven(challenge, { code: input.code })) {
        // A failure must be remembered, so this transaction commits and the refusal comes after it.
        if (challenge) await challenges.countFailure(challenge)
        await new AuditService(tx).record('account.sign-up-failed', {
          target: toGlobalId('challenge', input.challengeId),
        })
        return null
      }
      const pending = JSON.parse(await challenges.stateOf(challenge)) as PendingAccount
      const { address, passwordHash, ...profile } = pending
      const userId = challenge.subjectId
      await createAccount(tx, { id: userId, ...profile, address, passwordHash }, userId)
      await new EmailService(tx).noteArrival(address)
      await new ConsentService(tx).begin(userId, input.consents ?? [], profile.locale)
      await challenges.remove(challenge.id)
      const proven = [AuthenticationMethod.PASSWORD, AuthenticationMethod.EMAIL_CODE]
      const sessions = new SessionService(tx)
      return { userId, ...(await sessions.start(userId, input.transport, input.deviceName, proven)) }
    })
    .catch(concerningTheWhole)
  if (!started) throw invalidProof('code')
  return started
}
