import { rejected, UserErrorCode } from '../../core/error'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService, invalidProof, type Challenge } from '../challenge/challenge.service'
import { PasswordService } from '../password/password.service'
import { AuthenticationMethod } from '../session/authentication-method'
import type { SessionRow } from '../session/session.loader'
import { SessionService } from '../session/session.service'
import type { ReauthenticateInput } from './authentication.input'
import { assertGiven, FIELD_OF, noteUse, prove, tryProof } from './proof'
import { waysToStepUp } from './step-up'

/** Begins a fresh proof of identity, for the ways that need a challenge: a passkey, or a code by mail. */
export async function startReauthentication(db: Database): Promise<Challenge> {
  const { userId } = requireSignedIn(db.caller.viewer)
  return db.transaction(async (tx) => {
    const methods = await waysToStepUp(tx, userId)
    const { challenge } = await new ChallengeService(tx).begin({
      kind: ChallengeKind.REAUTHENTICATION,
      subjectId: userId,
      methods,
    })
    return challenge
  })
}

/**
 * Proves again who the viewer is. The session goes on under a new token; the old one is dead.
 * @throws Rejected INVALID_CREDENTIALS or INVALID_CODE; ApiError RATE_LIMITED after too many failures.
 */
export async function reauthenticate(
  db: Database,
  input: ReauthenticateInput,
): Promise<{ session: SessionRow; token: string }> {
  assertGiven(input)
  const { method, challengeId } = input
  const { userId } = requireSignedIn(db.caller.viewer)
  const challenges = new ChallengeService(db)
  const found = await challenges.find([ChallengeKind.REAUTHENTICATION], { challengeId })
  const challenge = found?.subjectId === userId && challenges.isOpen(found) ? found : null
  const tries = await tryProof(db, method, challenge, userId)
  const isForeign = challengeId !== undefined && !challenge
  const serves = !isForeign && (await waysToStepUp(db, userId)).includes(method)
  const proof = serves ? await prove(db, userId, input, challenge) : null
  if (!proof) {
    if (challenge) await challenges.countFailure(challenge)
    await new AuditService(db).record('session.reauthentication-failed', {
      details: { method },
    })
    if (method !== AuthenticationMethod.PASSWORD) throw invalidProof(FIELD_OF[method])
    throw wrongPassword()
  }
  const renewed = await db.transaction(async (tx) => {
    if (challenge) await new ChallengeService(tx).consume(challenge, FIELD_OF[method])
    if (proof.password && !(await new PasswordService(tx).stillHolds(proof.password))) throw wrongPassword()
    await noteUse(tx, userId, input)
    return new SessionService(tx).renew([method])
  })
  await tries.succeeded()
  return renewed
}

const wrongPassword = () => rejected('password', UserErrorCode.INVALID_CREDENTIALS, 'The password is wrong.')
