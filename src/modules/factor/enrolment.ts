import { renderSVG } from 'uqr'
import { UserErrorCode, rejected } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { requireSession, requireSignedIn } from '../../core/viewer'
import { newTotpSecret, totpStep, totpUri } from '../../crypto/totp'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService, invalidProof, type Challenge } from '../challenge/challenge.service'
import { MailService } from '../mail/mail.service'
import { PasskeyService, type Passkey } from '../passkey/passkey.service'
import { RecoveryCodeService } from '../recovery-code/recovery-code.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { UserService } from '../user/user.service'
import type { ConfirmTotpInput, RegisterPasskeyInput } from './factor.input'
import { FactorService, type SecondFactor } from './factor.service'

/** The recovery codes, where the factor that was added is the first. */
type RecoveryCodes = string[] | null

/** Begins setting an authenticator app up; nothing is on before it has shown that it works. */
export async function startTotp(db: Database) {
  const { userId, username } = requireSignedIn(db.caller.viewer)
  const secret = newTotpSecret()
  const uri = totpUri(secret, db.tools.relyingParty.name, username)
  const challenge = await begin(db, userId, ChallengeKind.TOTP_ENROLMENT, AuthenticationMethod.TOTP, secret)
  return { challenge, enrolment: { key: secret, uri, qrCode: renderSVG(uri) } }
}

/**
 * Turns an authenticator app on, in place of an earlier one.
 * @throws Rejected INVALID_CODE for a wrong code, which counts, and for what was not begun, or too long ago.
 */
export async function confirmTotp(
  db: Database,
  { challengeId, code }: ConfirmTotpInput,
): Promise<RecoveryCodes> {
  const { userId } = requireSignedIn(db.caller.viewer)
  const challenges = new ChallengeService(db)
  const challenge = await findOwn(db, userId, ChallengeKind.TOTP_ENROLMENT, challengeId)
  if (!challenge) throw invalidProof('code')
  const secret = await challenges.stateOf(challenge)
  const step = totpStep(secret, code, db.now, null)
  if (step === null) {
    await challenges.countFailure(challenge)
    const message = 'This is not what the app shows now. Look at the clock of its device.'
    throw rejected('code', UserErrorCode.INVALID_CODE, message)
  }
  return db.transaction((tx) =>
    add(tx, userId, AuthenticationMethod.TOTP, async () => {
      await new ChallengeService(tx).consume(challenge)
      await new FactorService(tx).put(userId, AuthenticationMethod.TOTP, secret, step)
    }),
  )
}

/** Has a code by mail asked for at every sign-in, besides the password. */
export async function addEmailCode(db: Database): Promise<RecoveryCodes> {
  const { userId } = requireSignedIn(db.caller.viewer)
  return db.transaction((tx) =>
    add(tx, userId, AuthenticationMethod.EMAIL_CODE, () =>
      new FactorService(tx).put(userId, AuthenticationMethod.EMAIL_CODE, null, null),
    ),
  )
}

/** Begins the registration of a passkey. */
export async function startPasskeyRegistration(db: Database): Promise<Challenge> {
  const { userId } = requireSignedIn(db.caller.viewer)
  return begin(db, userId, ChallengeKind.PASSKEY_REGISTRATION, AuthenticationMethod.PASSKEY)
}

/**
 * Keeps a new passkey.
 * @throws Rejected INVALID_CODE for what was not begun, or too long ago; INVALID for an answer that does not fit it.
 */
export async function registerPasskey(
  db: Database,
  { challengeId, passkey: response, name = UNNAMED_PASSKEY }: RegisterPasskeyInput,
): Promise<{ passkey: Passkey; recoveryCodes: RecoveryCodes }> {
  const { userId } = requireSignedIn(db.caller.viewer)
  const challenge = await findOwn(db, userId, ChallengeKind.PASSKEY_REGISTRATION, challengeId)
  if (!challenge) throw invalidProof('challengeId')
  return db.transaction(async (tx) => {
    let passkey!: Passkey
    const recoveryCodes = await add(tx, userId, AuthenticationMethod.PASSKEY, async () => {
      await new ChallengeService(tx).consume(challenge, 'challengeId')
      passkey = await new PasskeyService(tx).register(userId, challenge.id, response, name)
    })
    return { passkey, recoveryCodes }
  })
}

const UNNAMED_PASSKEY = 'Passkey'

/**
 * Makes new recovery codes; the old ones are void.
 * @throws Rejected INVALID where no second factor is on that they could stand in for.
 */
export async function replaceRecoveryCodes(db: Database): Promise<string[]> {
  const { userId } = requireSignedIn(db.caller.viewer)
  return db.transaction(async (tx) => {
    await new SessionService(tx).assertMayChangeCredentials()
    if (!(await new FactorService(tx).hasAny(userId)))
      throw rejected([], UserErrorCode.INVALID, 'Turn a second factor on first; its codes come with it.')
    const codes = await new RecoveryCodeService(tx).replace(userId)
    const target = toGlobalId('user', userId)
    const eventId = await new AuditService(tx).record('recovery-codes.replaced', { target })
    await new MailService(tx).send(userId, 'recoveryCodesRegenerated', { eventId })
    return codes
  })
}

async function begin(
  db: Database,
  subjectId: Id,
  kind: ChallengeKind,
  method: AuthenticationMethod,
  state?: string,
): Promise<Challenge> {
  return db.transaction(async (tx) => {
    await new UserService(tx).assertNotFrozen(subjectId)
    const challenges = new ChallengeService(tx)
    await challenges.removeOf(subjectId, kind)
    return (await challenges.begin({ kind, subjectId, methods: [method], state })).challenge
  })
}

/** What this person has begun and may still finish. */
async function findOwn(
  db: Database,
  userId: Id,
  kind: ChallengeKind,
  challengeId: Id,
): Promise<Challenge | null> {
  const challenges = new ChallengeService(db)
  const challenge = await challenges.find([kind], { challengeId })
  return challenge?.subjectId === userId && challenges.isOpen(challenge) ? challenge : null
}

/** Adds a second factor, and does what follows: other sessions end, this one has proven it, and the person is told. */
async function add(
  tx: Database,
  userId: Id,
  method: SecondFactor,
  put: () => Promise<void>,
): Promise<RecoveryCodes> {
  const { sessionId } = requireSession(tx.caller.viewer)
  const sessions = new SessionService(tx)
  await sessions.assertMayChangeCredentials()
  const isFirst = !(await new FactorService(tx).hasAny(userId))
  await put()
  await sessions.addMethod(method)
  await sessions.endAll(userId, EndReason.FACTOR_CHANGED, sessionId)
  const eventId = await new AuditService(tx).record('factor.added', {
    target: toGlobalId('user', userId),
    details: { method },
  })
  await new MailService(tx).send(userId, 'secondFactorAdded', { factor: `${method}`, eventId })
  return isFirst ? new RecoveryCodeService(tx).replace(userId) : null
}
