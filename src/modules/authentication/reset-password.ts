import { NOBODY } from '../../api/input'
import { DAY, MINUTE } from '../../core/clock'
import { newId, toGlobalId, type Id } from '../../core/id'
import { isShort } from '../../crypto/password-policy'
import type { Database } from '../../db/database'
import { AccessTokenService } from '../access-token/access-token.service'
import { AccessTokenEndReason } from '../access-token/end-reason'
import { AuditService } from '../audit/audit.service'
import { ChallengeKind } from '../challenge/challenge-kind'
import {
  ChallengeService,
  CODE_LIFETIME,
  invalidProof,
  LINK_LIFETIME,
  type Challenge,
} from '../challenge/challenge.service'
import { EmailService } from '../email/email.service'
import { MailService } from '../mail/mail.service'
import { PasswordService } from '../password/password.service'
import { replacePassword } from '../password/replace-password'
import { AuthenticationMethod } from '../session/authentication-method'
import { EndReason } from '../session/end-reason'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import type { RequestPasswordResetInput, ResetPasswordInput } from './authentication.input'
import { assertFactorBeside, checkNewPassword } from './change-password'
import { fieldOfMailProof } from './proof'
import { tryMailTo } from './login'

/**
 * Sends a mail with which a password can be replaced; an earlier one is void. Nobody, a suspended person and somebody else
 * get the same answer after the same work, and no mail.
 * @throws ApiError RATE_LIMITED when too many mails were asked for.
 */
export async function requestPasswordReset(
  db: Database,
  { login }: RequestPasswordResetInput,
): Promise<Challenge> {
  const { subjectId, personId, recipientId } = await tryMailTo(db, login)
  return db.transaction(async (tx) => {
    const challenge = await beginReset(tx, {
      subjectId,
      recipientId,
      mail: 'passwordReset',
    })
    await new AuditService(tx).record('password.reset-requested', {
      subjectId: personId,
      target: toGlobalId('challenge', challenge.id),
    })
    return challenge
  })
}

/** How long the link of an invitation may be used, in milliseconds. */
export const INVITATION_LIFETIME = 7 * DAY

/** A mail that carries what a password can be replaced with. */
type ResetMail = 'passwordReset' | 'passwordResetRequired' | 'credentialsFrozen'

/** Begins a reset and sends the proof for it; an earlier one is void. Without a recipient the work is the same, and no proof is right. */
export async function beginReset(
  tx: Database,
  { subjectId, recipientId, mail }: { subjectId: Id; recipientId: Id | null; mail: ResetMail },
): Promise<Challenge> {
  const challenges = new ChallengeService(tx)
  await challenges.removeOf(subjectId, ChallengeKind.PASSWORD_RESET)
  const { challenge, code, token } = await challenges.begin({
    kind: ChallengeKind.PASSWORD_RESET,
    subjectId,
    methods: [AuthenticationMethod.EMAIL_LINK, AuthenticationMethod.EMAIL_CODE],
    lifetime: LINK_LIFETIME,
    isDecoy: recipientId === null,
  })
  await new MailService(tx).send(recipientId ?? NOBODY, mail, {
    code,
    link: `${tx.tools.linkBase}/reset-password#token=${token}`,
    minutes: LINK_LIFETIME / MINUTE,
    codeMinutes: CODE_LIFETIME / MINUTE,
  })
  return challenge
}

/** Sends somebody the link with which they set their first password; an earlier one is void. A forgotten password leaves it as it is. */
export async function beginInvitation(tx: Database, userId: Id): Promise<void> {
  const challenges = new ChallengeService(tx)
  await challenges.removeOf(userId, ChallengeKind.INVITATION)
  const { token } = await challenges.begin({
    kind: ChallengeKind.INVITATION,
    subjectId: userId,
    methods: [AuthenticationMethod.EMAIL_LINK],
    lifetime: INVITATION_LIFETIME,
  })
  const users = new UserService(tx)
  await users.noteInvitation(userId)
  await new AuditService(tx).record('account.invited', {
    subjectId: userId,
    target: toGlobalId('user', userId),
  })
  await new MailService(tx).send(userId, 'invitation', {
    username: (await users.lookup(userId))!.username,
    link: `${tx.tools.linkBase}/reset-password#token=${token}&for=invitation`,
    days: INVITATION_LIFETIME / DAY,
  })
}

/**
 * Replaces a forgotten password, or sets the first one, and ends all sessions and access tokens. A new password that is refused leaves the proof as it was.
 * @throws Rejected INVALID_CODE for a wrong, used or expired proof, which counts, and for a suspended person; the reasons for which the new password is
 * refused. ApiError RATE_LIMITED after too many failures, which new mails do not take back.
 */
export async function resetPassword(db: Database, input: ResetPasswordInput): Promise<void> {
  const { newPassword } = input
  const field = fieldOfMailProof(input)
  const challenges = new ChallengeService(db)
  const challenge = await challenges.find([ChallengeKind.PASSWORD_RESET, ChallengeKind.INVITATION], input)
  const tries = await new ThrottleService(db).trySecret(
    `reset:${challenge?.subjectId ?? `nobody:${newId(db.now)}`}`,
    challenge?.subjectId,
  )
  if (!challenge || !challenges.isProven(challenge, input)) {
    if (challenge) await challenges.countFailure(challenge, input)
    await new AuditService(db).record('password.reset-failed', {
      subjectId: challenge?.subjectId ?? null,
      target: challenge && toGlobalId('challenge', challenge.id),
    })
    throw invalidProof(field)
  }
  const userId = challenge.subjectId
  const passwords = new PasswordService(db)
  await checkNewPassword(db, userId, newPassword)
  const hash = await passwords.hash(newPassword)
  await db.transaction(async (tx) => {
    const users = new UserService(tx)
    if (!(await users.holdActive(userId))) throw invalidProof(field)
    // The proof came to the address that the account has, so whoever has it may end a freeze.
    await users.thawCredentials(userId)
    await new EmailService(tx).verifyPrimary(userId)
    await new ChallengeService(tx).consume(challenge, field)
    await assertFactorBeside(tx, userId, newPassword)
    const eventId = await new AuditService(tx).record('password.reset', { actorId: userId })
    const password = { hash, isShort: isShort(newPassword) }
    await replacePassword(tx, userId, password, EndReason.PASSWORD_RESET, null, eventId)
    await new AccessTokenService(tx).endAll(userId, AccessTokenEndReason.PASSWORD_RESET)
  })
  await tries.succeeded()
}
