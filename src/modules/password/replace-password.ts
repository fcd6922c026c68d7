import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService } from '../challenge/challenge.service'
import { MailService } from '../mail/mail.service'
import type { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { PasswordService } from './password.service'

/** What was begun with the password until now, or to replace it. */
const RESTING_ON_PASSWORD = [
  ChallengeKind.PASSWORD_RESET,
  ChallengeKind.SIGN_IN,
  ChallengeKind.SIGN_IN_LINK,
] as const

/** Stores a new password and ends what rested on the old one: sessions, but for one that may stay, and sign-ins and resets under way. */
export async function replacePassword(
  tx: Database,
  userId: Id,
  { hash, isShort }: { hash: string; isShort: boolean },
  reason: EndReason,
  keptSessionId: Id | null,
): Promise<number> {
  await new PasswordService(tx).store(userId, hash, { isShort })
  await new ChallengeService(tx).removeOf(userId, ...RESTING_ON_PASSWORD)
  await new MailService(tx).send(userId, 'passwordChanged')
  return new SessionService(tx).endAll(userId, reason, keptSessionId)
}
