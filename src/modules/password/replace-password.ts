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
  ChallengeKind.INVITATION,
  ChallengeKind.SIGN_IN,
  ChallengeKind.SIGN_IN_LINK,
  ChallengeKind.EMAIL_CHANGE,
] as const

/** Makes void what was begun with a person's password, or to replace it. Call it before their sessions end: what is finished meanwhile is among them. */
export const voidPassword = (tx: Database, userId: Id): Promise<void> =>
  new ChallengeService(tx).removeOf(userId, ...RESTING_ON_PASSWORD)

/** Stores a new password and ends what rested on the old one: sessions, but for one that may stay, and sign-ins and resets under way. */
export async function replacePassword(
  tx: Database,
  userId: Id,
  { hash, isShort }: { hash: string; isShort: boolean },
  reason: EndReason,
  keptSessionId: Id | null,
  eventId: Id,
): Promise<number> {
  await new PasswordService(tx).store(userId, hash, { isShort })
  await voidPassword(tx, userId)
  await new MailService(tx).send(userId, 'passwordChanged', { eventId })
  return new SessionService(tx).endAll(userId, reason, keptSessionId)
}
