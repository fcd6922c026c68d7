import { randomBytes } from 'node:crypto'
import { NOBODY } from '../../api/input'
import { later, MINUTE } from '../../core/clock'
import { rejected, UserErrorCode, type Rejected } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { isShort } from '../../crypto/password-policy'
import { hashCode, hashToken, newCode, newLinkToken, sameBytes } from '../../crypto/token'
import type { Database } from '../../db/database'
import { AuditOutcome } from '../audit/audit-event'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { PasswordService } from '../password/password.service'
import { EndReason } from '../session/end-reason'
import { ThrottleService } from '../throttle/throttle.service'
import { UserStatus } from '../user/user-status'
import type { RequestPasswordResetInput, ResetPasswordInput } from './authentication.input'
import { ChallengeKind, type Challenge } from './challenge.entity'
import { ChallengeRepository } from './challenge.repository'
import { replacePassword, wordsAbout } from './change-password'
import { canonicalLogin, findPerson } from './sign-in'
import { CODE_LIFETIME, MAX_FAILURES } from './sign-up'

/** How long a link from a mail may be used. */
const LINK_LIFETIME = 30 * MINUTE

/**
 * Sends a mail with which a password can be replaced; an earlier one is void. Nobody, a suspended person and somebody else
 * get the same answer after the same work, and no mail.
 * @throws ApiError RATE_LIMITED when too many mails were asked for.
 */
export async function requestPasswordReset(
  db: Database,
  { login }: RequestPasswordResetInput,
): Promise<Challenge> {
  const person = await findPerson(db, login)
  await new ThrottleService(db).tryMail(person?.id ?? canonicalLogin(login))
  const recipientId = person?.status === UserStatus.ACTIVE ? person.id : null
  return db.transaction(async (tx) => {
    const challenge = await beginReset(tx, {
      subjectId: person?.id ?? newId(tx.now),
      recipientId,
      mail: 'passwordReset',
    })
    await new AuditService(tx).record('password.reset-requested', {
      subjectId: person?.id ?? null,
      target: toGlobalId('challenge', challenge.id),
    })
    return challenge
  })
}

/** A mail that carries what a password can be replaced with. */
type ResetMail = 'passwordReset' | 'passwordResetRequired' | 'credentialsFrozen'

/** Begins a reset and sends the proof for it; an earlier one is void. Without a recipient the work is the same, and no proof is right. */
export async function beginReset(
  tx: Database,
  { subjectId, recipientId, mail }: { subjectId: Id; recipientId: Id | null; mail: ResetMail },
): Promise<Challenge> {
  const id = newId(tx.now)
  const [code, token] = [newCode(), newLinkToken()]
  const challenge: Challenge = {
    id,
    kind: ChallengeKind.PASSWORD_RESET,
    subjectId,
    codeHash: recipientId ? hashCode(id, code) : randomBytes(32),
    tokenHash: recipientId ? hashToken(token) : randomBytes(32),
    state: null,
    failures: 0,
    createdAt: tx.now,
    expiresAt: later(tx.now, LINK_LIFETIME),
  }
  const challenges = new ChallengeRepository(tx)
  await challenges.removeOf(subjectId, ChallengeKind.PASSWORD_RESET)
  await challenges.add(challenge)
  await challenges.removeExpired()
  await new MailService(tx).send(recipientId ?? NOBODY, mail, {
    code,
    link: `${tx.tools.linkBase}/reset-password#token=${token}`,
    minutes: LINK_LIFETIME / MINUTE,
    codeMinutes: CODE_LIFETIME / MINUTE,
  })
  return challenge
}

/**
 * Replaces a forgotten password and ends all sessions. A new password that is refused leaves the proof as it was.
 * @throws Rejected INVALID_CODE for a wrong, used or expired proof, which counts; the reasons for which the new password is
 * refused. ApiError RATE_LIMITED after too many failures, which new mails do not take back.
 */
export async function resetPassword(db: Database, input: ResetPasswordInput): Promise<void> {
  const { token, challengeId, code, newPassword } = input
  if (token === undefined && (challengeId === undefined || code === undefined)) {
    throw rejected([], UserErrorCode.REQUIRED, 'Give the token of the link, or the challenge with the code.')
  }
  const challenges = new ChallengeRepository(db)
  const by = token === undefined ? { id: challengeId! } : { tokenHash: hashToken(token) }
  const challenge = await challenges.find(ChallengeKind.PASSWORD_RESET, by)
  const tries = await new ThrottleService(db).trySecret(
    `reset:${challenge?.subjectId ?? challengeId ?? token}`,
    challenge?.subjectId,
  )
  if (!challenge || !isProof(challenge, input, db.now)) {
    // Whoever has the link guesses nothing.
    if (challenge && token === undefined) await challenges.countFailure(challenge.id)
    await new AuditService(db).record('password.reset-failed', {
      subjectId: challenge?.subjectId ?? null,
      target: challenge && toGlobalId('challenge', challenge.id),
      outcome: AuditOutcome.FAILURE,
    })
    throw invalidProof(input)
  }
  const userId = challenge.subjectId
  const passwords = new PasswordService(db)
  await passwords.check(newPassword, await wordsAbout(db, userId), { field: 'newPassword' })
  const hash = await passwords.hash(newPassword)
  await db.transaction(async (tx) => {
    // Of two who use one proof at the same moment, the second finds it gone.
    const locked = await new ChallengeRepository(tx).lock(challenge.id, ChallengeKind.PASSWORD_RESET)
    if (!locked || locked.failures >= MAX_FAILURES) throw invalidProof(input)
    await new AuditService(tx).record('password.reset', { actorId: userId })
    await replacePassword(tx, userId, { hash, isShort: isShort(newPassword) }, EndReason.PASSWORD_RESET, null)
  })
  await tries.succeeded()
}

/** Whether all that is given proves it; somebody who gives both token and code is held to both. */
function isProof(challenge: Challenge, { challengeId, code }: ResetPasswordInput, now: Date): boolean {
  if (challenge.failures >= MAX_FAILURES || challenge.expiresAt <= now) return false
  if (challengeId !== undefined && challengeId !== challenge.id) return false
  if (code === undefined) return true
  return (
    later(challenge.createdAt, CODE_LIFETIME) > now &&
    sameBytes(hashCode(challenge.id, code), challenge.codeHash)
  )
}

const invalidProof = ({ token }: ResetPasswordInput): Rejected =>
  rejected(
    token === undefined ? 'code' : 'token',
    UserErrorCode.INVALID_CODE,
    'This proof is wrong, used or expired. Ask for a new mail.',
  )
