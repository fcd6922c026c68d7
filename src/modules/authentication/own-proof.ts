import { toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import type { AuditAction } from '../audit/audit-event'
import { AuditService } from '../audit/audit.service'
import type { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService, invalidProof, type Challenge } from '../challenge/challenge.service'
import { SessionService } from '../session/session.service'
import { ThrottleService } from '../throttle/throttle.service'

/** A code that the viewer gives for something that they have begun. */
export interface OwnProof {
  challengeId: Id
  code: string
}

/** What the code is for, and what the trail says of a wrong one. */
interface Proving {
  kind: ChallengeKind
  failure: Extract<AuditAction, 'phone.verification-failed' | 'email.addition-failed'>
}

/**
 * Does, in one transaction, what the viewer has begun and gives the code for; `finish` gets what was remembered.
 * @throws Rejected INVALID_CODE for a wrong, used or expired code, or one of somebody else, which counts; FROZEN. ApiError
 * RATE_LIMITED after too many failures, which beginning again does not take back.
 */
export async function withOwnProof(
  db: Database,
  { challengeId, code }: OwnProof,
  { kind, failure }: Proving,
  finish: (tx: Database, userId: Id, remembered: string) => Promise<void>,
): Promise<void> {
  const { userId } = requireSession(db.caller.viewer)
  const tries = await new ThrottleService(db).trySecret(`${kind}:${userId}`, userId)
  const challenges = new ChallengeService(db)
  const challenge = ownOnly(await challenges.find([kind], { challengeId }), userId)
  if (!challenge || !challenges.isProven(challenge, { challengeId, code })) {
    if (challenge) await challenges.countFailure(challenge)
    await new AuditService(db).record(failure, {
      target: challenge && toGlobalId('challenge', challenge.id),
    })
    throw invalidProof('code')
  }
  const remembered = await challenges.stateOf(challenge)
  await db.transaction(async (tx) => {
    await new SessionService(tx).assertMayChangeCredentials()
    await new ChallengeService(tx).consume(challenge)
    await finish(tx, userId, remembered)
  })
  await tries.succeeded()
}

const ownOnly = (challenge: Challenge | null, userId: Id): Challenge | null =>
  challenge?.subjectId === userId ? challenge : null
