import { NOBODY } from '../../api/input'
import { MINUTE } from '../../core/clock'
import { rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService, CODE_LIFETIME, invalidProof, type Challenge } from '../challenge/challenge.service'
import { FactorService } from '../factor/factor.service'
import { MailService } from '../mail/mail.service'
import { PasswordService, type PasswordProof } from '../password/password.service'
import { AuthenticationMethod, differ } from '../session/authentication-method'
import type { SessionRow } from '../session/session.loader'
import { SessionService } from '../session/session.service'
import type { Transport } from '../session/transport'
import { ThrottleService } from '../throttle/throttle.service'
import { UserStatus } from '../user/user-status'
import { UserService } from '../user/user.service'
import type { CompleteSignInInput, RequestSignInLinkInput, SignInInput } from './authentication.input'
import { findPerson, standIn, tryMailTo } from './login'
import { assertGiven, FIELD_OF, noteUse, prove, tryProof, type Proof } from './proof'

/** What proving an identity leads to. */
export interface Started {
  userId: Id
  session: SessionRow
  token: string
}

/** A sign-in is done, or waits for one more proof. */
export type SignInStep = Started | { challenge: Challenge }

/** How the session that begins is to be carried. */
export interface Carrier {
  transport: Transport
  deviceName?: string
}

/** The kinds that `completeSignIn` finishes. */
const SIGN_INS = [ChallengeKind.SIGN_IN, ChallengeKind.SIGN_IN_LINK] as const

/**
 * Signs in with a username or e-mail address and the password. Unknown, wrong and suspended answer alike, after the same
 * work, and each failure is recorded. Where a second factor is on, the answer is a challenge for it.
 * @throws Rejected INVALID_CREDENTIALS; ApiError RATE_LIMITED after too many failures, or when too many passwords wait to
 * be verified.
 */
export async function signIn(
  db: Database,
  { login, password, ...carrier }: SignInInput,
): Promise<SignInStep> {
  const person = await findPerson(db, login)
  const tries = await new ThrottleService(db).trySecret(person?.id ?? standIn(db, login), person?.id)
  const passwords = new PasswordService(db)
  const proof = await passwords.verify(person?.id ?? NOBODY, password)
  const isWelcome = proof && person?.status === UserStatus.ACTIVE
  const step = isWelcome && (await proceedWith(db, proof, carrier))
  if (!step) {
    await new AuditService(db).record('session.sign-in-failed', {
      subjectId: person?.id ?? null,
    })
    throw rejected([], UserErrorCode.INVALID_CREDENTIALS, 'The login or the password is wrong.')
  }
  await tries.succeeded()
  passwords.watch(proof, password)
  return step
}

/** Goes on from a password that was right; null when it has been replaced, or is to be, or its owner was suspended, meanwhile. */
async function proceedWith(db: Database, proof: PasswordProof, carrier: Carrier): Promise<SignInStep | null> {
  return db.transaction(async (tx) => {
    if (!(await new UserService(tx).holdActive(proof.userId))) return null
    if (!(await new PasswordService(tx).stillHolds(proof))) return null
    return proceed(tx, proof.userId, [AuthenticationMethod.PASSWORD], carrier)
  })
}

/**
 * Sends a mail with which its reader can sign in; an earlier one is void. Nobody, a suspended person and somebody else get
 * the same answer after the same work, and no mail.
 * @throws ApiError RATE_LIMITED when too many mails were asked for.
 */
export async function requestSignInLink(db: Database, { login }: RequestSignInLinkInput): Promise<Challenge> {
  const { subjectId, personId, recipientId } = await tryMailTo(db, login)
  return db.transaction(async (tx) => {
    const challenges = new ChallengeService(tx)
    await challenges.removeOf(subjectId, ChallengeKind.SIGN_IN_LINK)
    const { challenge, code, token } = await challenges.begin({
      kind: ChallengeKind.SIGN_IN_LINK,
      subjectId,
      methods: [AuthenticationMethod.EMAIL_LINK, AuthenticationMethod.EMAIL_CODE],
      isDecoy: recipientId === null,
    })
    await new AuditService(tx).record('session.link-requested', {
      subjectId: personId,
      target: toGlobalId('challenge', challenge.id),
    })
    await new MailService(tx).send(recipientId ?? NOBODY, 'signInLink', {
      code,
      link: `${tx.tools.linkBase}/sign-in#token=${token}`,
      minutes: CODE_LIFETIME / MINUTE,
    })
    return challenge
  })
}

/** Begins a sign-in with a passkey alone: the authenticator says whose it is. @throws ApiError RATE_LIMITED */
export async function startPasskeySignIn(db: Database): Promise<Challenge> {
  await new ThrottleService(db).tryBeginning()
  return db.transaction(async (tx) => {
    const { challenge } = await new ChallengeService(tx).begin({
      kind: ChallengeKind.SIGN_IN,
      subjectId: newId(tx.now),
      methods: [AuthenticationMethod.PASSKEY],
    })
    return challenge
  })
}

/**
 * Goes on with a sign-in that waits for a proof: of a second factor, of the mail that was sent, or of a passkey. Where that
 * is not enough, the answer is a challenge for the next.
 * @throws Rejected INVALID_CODE for a wrong, used or expired proof, which counts; ApiError RATE_LIMITED after too many
 * failures, which beginning again does not take back.
 */
export async function completeSignIn(db: Database, input: CompleteSignInInput): Promise<SignInStep> {
  assertGiven(input)
  const { method } = input
  const challenges = new ChallengeService(db)
  const challenge = await challenges.find(SIGN_INS, input)
  const tries = await tryProof(db, method, challenge)
  const serves = challenge !== null && challenges.isOpen(challenge) && challenge.methods.includes(method)
  const proof = serves ? await prove(db, challenge.subjectId, input, challenge) : null
  const step = challenge && proof && (await finish(db, challenge, proof, input))
  if (!step) {
    if (challenge) await challenges.countFailure(challenge, input)
    await new AuditService(db).record('session.proof-failed', {
      subjectId: challenge?.subjectId ?? null,
      target: challenge && toGlobalId('challenge', challenge.id),
      details: { method },
    })
    throw invalidProof(FIELD_OF[method])
  }
  await tries.succeeded()
  return step
}

/** Uses the challenge up and goes on; null for somebody suspended. @throws Rejected INVALID_CODE where it was used, or the password replaced, meanwhile. */
async function finish(
  db: Database,
  challenge: Challenge,
  { userId, password }: Proof,
  input: CompleteSignInInput,
): Promise<SignInStep | null> {
  const field = FIELD_OF[input.method]
  return db.transaction(async (tx) => {
    if (!(await new UserService(tx).holdActive(userId))) return null
    await new ChallengeService(tx).consume(challenge, field)
    if (password && !(await new PasswordService(tx).stillHolds(password))) throw invalidProof(field)
    await noteUse(tx, userId, input)
    return proceed(tx, userId, [...challenge.proven, input.method], input)
  })
}

/** Starts the session, or asks for the proof that is missing. Call it inside the transaction that rests on the last proof. */
export async function proceed(
  tx: Database,
  userId: Id,
  proven: readonly AuthenticationMethod[],
  { transport, deviceName }: Carrier,
): Promise<SignInStep> {
  const methods = await missingProofs(tx, userId, proven)
  if (methods.length === 0) {
    return { userId, ...(await new SessionService(tx).start(userId, transport, deviceName, proven)) }
  }
  const { challenge } = await new ChallengeService(tx).begin({
    kind: ChallengeKind.SIGN_IN,
    subjectId: userId,
    methods,
    proven,
  })
  return { challenge }
}

/**
 * What still has to be proven, any one of these: nothing where no second factor is on or one has been given. Whoever comes by
 * mail and has only the mailbox as second factor is asked for the password, or for the mailbox again where there is none.
 */
async function missingProofs(
  db: Database,
  userId: Id,
  proven: readonly AuthenticationMethod[],
): Promise<AuthenticationMethod[]> {
  const [first] = proven
  if (proven.length > 1 || first === AuthenticationMethod.PASSKEY) return []
  const factors = await new FactorService(db).methodsOf(userId)
  if (factors.length === 0) return []
  const others = factors.filter((method) => differ(method, first!))
  if (others.some((method) => method !== AuthenticationMethod.RECOVERY_CODE)) return others
  return (await new PasswordService(db).hasOne(userId)) ? [AuthenticationMethod.PASSWORD, ...others] : factors
}
