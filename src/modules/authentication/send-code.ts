import { MINUTE } from '../../core/clock'
import { rejected, UserErrorCode } from '../../core/error'
import { toGlobalId } from '../../core/id'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService, CODE_LIFETIME, type Challenge } from '../challenge/challenge.service'
import { MailService } from '../mail/mail.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { ThrottleService } from '../throttle/throttle.service'
import type { SendCodeInput } from './authentication.input'

/**
 * Sends a code by mail for a challenge that takes one; an earlier code is void, and wrong tries stay counted.
 * @throws Rejected EXPIRED when there is no such challenge, or none that waits for a code; ApiError RATE_LIMITED
 */
export async function sendCode(db: Database, { challengeId }: SendCodeInput): Promise<Challenge> {
  const challenges = new ChallengeService(db)
  const challenge = await challenges.find([ChallengeKind.SIGN_IN, ChallengeKind.REAUTHENTICATION], {
    challengeId,
  })
  const isOwn =
    challenge?.kind === ChallengeKind.SIGN_IN || challenge?.subjectId === viewerId(db.caller.viewer)
  if (
    !challenge ||
    !isOwn ||
    !challenges.isOpen(challenge) ||
    !challenge.methods.includes(AuthenticationMethod.EMAIL_CODE)
  ) {
    throw rejected(
      'challengeId',
      UserErrorCode.EXPIRED,
      'Nothing waits for a code here any more. Begin again.',
    )
  }
  await new ThrottleService(db).tryMail(`code:${challenge.subjectId}`)
  await db.transaction(async (tx) => {
    const code = await new ChallengeService(tx).renewCode(challenge.id)
    await new AuditService(tx).record('session.code-requested', {
      subjectId: challenge.subjectId,
      target: toGlobalId('challenge', challenge.id),
    })
    await new MailService(tx).send(challenge.subjectId, 'signInCode', {
      code,
      minutes: CODE_LIFETIME / MINUTE,
    })
  })
  return challenge
}
