import { NOBODY } from '../../api/input'
import { DAY, MINUTE, RECOVERY_WINDOW } from '../../core/clock'
import { concerningTheWhole, Rejected, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { fieldOfMailProof } from '../authentication/proof'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService, CODE_LIFETIME, invalidProof, type Challenge } from '../challenge/challenge.service'
import { addressProblem, normaliseAddress } from '../email/email-address'
import { EmailService, type ReadableEmail } from '../email/email.service'
import { newMailedToken } from '../mail/mailed-token'
import { MailService } from '../mail/mail.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserStatus } from '../user/user-status'
import { UserService } from '../user/user.service'
import type { AddEmailInput, ChangeEmailInput, ConfirmEmailChangeInput } from './recovery.input'

/** What a change that was begun remembers, encrypted: what to change to, and who is allowed to stay. */
interface PendingChange {
  address: string
  sessionId: Id
}

/**
 * Begins a change of the viewer's address: the proof goes to the new one. An earlier change is void. An address that somebody
 * else has answers alike, after the same work, and is sent nothing.
 * @throws Rejected INVALID for what is no address, or is the viewer's already; FROZEN. ApiError RATE_LIMITED when too many
 * mails were asked for, by this person or to this address.
 */
export async function changeEmail(db: Database, { email }: ChangeEmailInput): Promise<Challenge> {
  return beginProof(db, email, async (tx, address, { userId, sessionId }) => {
    const holder = await new EmailService(tx).holderOf(address)
    const isOwn = holder?.userId === userId
    if (isOwn && holder.isPrimary)
      throw rejected('email', UserErrorCode.INVALID, 'This is your address already.')
    const isTaken = holder !== null && !isOwn
    const pending: PendingChange = { address, sessionId }
    const { challenge, code, token } = await new ChallengeService(tx).begin({
      kind: ChallengeKind.EMAIL_CHANGE,
      subjectId: userId,
      methods: [AuthenticationMethod.EMAIL_LINK, AuthenticationMethod.EMAIL_CODE],
      state: JSON.stringify(pending),
      isDecoy: isTaken,
    })
    const target = toGlobalId('challenge', challenge.id)
    await new AuditService(tx).record('email.change-requested', { target })
    await new MailService(tx).sendElsewhere(isTaken ? NOBODY : userId, address, 'emailChangeConfirm', {
      code,
      link: `${tx.tools.linkBase}/confirm-email#token=${token}`,
      minutes: CODE_LIFETIME / MINUTE,
    })
    return challenge
  })
}

/**
 * Begins to add an address to the viewer's: a code goes there. An earlier one is void. An address that somebody else has answers alike,
 * after the same work, and is sent nothing.
 * @throws Rejected, ApiError as `changeEmail` does; NOT_PERMITTED for too many addresses.
 */
export async function addEmail(db: Database, { email }: AddEmailInput): Promise<Challenge> {
  return beginProof(db, email, async (tx, address, { userId }) => {
    const emails = new EmailService(tx)
    await emails.assertMayAdd(userId, address)
    const holder = await emails.holderOf(address)
    const isTaken = holder !== null && holder.userId !== userId
    const { challenge, code } = await new ChallengeService(tx).begin({
      kind: ChallengeKind.EMAIL_ADDITION,
      subjectId: userId,
      methods: [AuthenticationMethod.EMAIL_CODE],
      state: address,
      isDecoy: isTaken,
    })
    const target = toGlobalId('challenge', challenge.id)
    await new AuditService(tx).record('email.addition-requested', { target })
    await new MailService(tx).sendElsewhere(isTaken ? NOBODY : userId, address, 'emailAddConfirm', {
      code,
      minutes: CODE_LIFETIME / MINUTE,
    })
    return challenge
  })
}

/** Begins something that a mail to another address is going to prove, in place of what was begun earlier. */
async function beginProof(
  db: Database,
  email: string,
  begin: (tx: Database, address: string, viewer: { userId: Id; sessionId: Id }) => Promise<Challenge>,
): Promise<Challenge> {
  const viewer = requireSession(db.caller.viewer)
  const address = normaliseAddress(email)
  if (address === null) throw new Rejected(addressProblem('email'))
  const throttles = new ThrottleService(db)
  await throttles.tryMail(`email-change:${viewer.userId}`)
  await throttles.tryMail(address)
  return db.transaction(async (tx) => {
    await new SessionService(tx).assertMayChangeCredentials()
    await new ChallengeService(tx).removeOf(
      viewer.userId,
      ChallengeKind.EMAIL_CHANGE,
      ChallengeKind.EMAIL_ADDITION,
    )
    return begin(tx, address, viewer)
  })
}

/**
 * Makes the new address the account's, for as long as the session that began it lasts; every other session ends, and what was
 * sent to the old address is void. Returns how many sessions ended.
 * @throws Rejected INVALID_CODE for a wrong, used or expired proof, which counts; TAKEN when somebody else has got the address
 * meanwhile. ApiError RATE_LIMITED after too many failures, which beginning again does not take back.
 */
export async function confirmEmailChange(db: Database, input: ConfirmEmailChangeInput): Promise<number> {
  const field = fieldOfMailProof(input)
  const challenges = new ChallengeService(db)
  const challenge = await challenges.find([ChallengeKind.EMAIL_CHANGE], input)
  const tries = await new ThrottleService(db).trySecret(
    `email-change:${challenge?.subjectId ?? `nobody:${newId(db.now)}`}`,
    challenge?.subjectId,
  )
  if (!challenge || !challenges.isProven(challenge, input)) {
    if (challenge) await challenges.countFailure(challenge, input)
    await new AuditService(db).record('email.change-failed', {
      subjectId: challenge?.subjectId ?? null,
      target: challenge && toGlobalId('challenge', challenge.id),
    })
    throw invalidProof(field)
  }
  const pending = JSON.parse(await challenges.stateOf(challenge)) as PendingChange
  const endedCount = await db.transaction(async (tx) => {
    await new UserService(tx).assertNotFrozen(challenge.subjectId)
    await new ChallengeService(tx).consume(challenge, field)
    if (!(await isStanding(tx, challenge.subjectId, pending))) throw invalidProof(field)
    return replaceAddress(tx, challenge.subjectId, pending).catch(concerningTheWhole)
  })
  await tries.succeeded()
  return endedCount
}

/** Whether whoever began it may still have it: a session that was ended since takes its wishes along. */
async function isStanding(tx: Database, userId: Id, { sessionId }: PendingChange): Promise<boolean> {
  const person = await new UserService(tx).lookup(userId)
  return person?.status === UserStatus.ACTIVE && new SessionService(tx).holdOpen(sessionId)
}

async function replaceAddress(
  tx: Database,
  userId: Id,
  { address, sessionId }: PendingChange,
): Promise<number> {
  const replaced = await new EmailService(tx).replacePrimary(userId, address)
  return afterChange(tx, {
    userId,
    sessionId,
    address: replaced,
    action: 'email.changed',
    mail: 'emailChanged',
  })
}

interface Changed {
  userId: Id
  /** The one session that goes on. */
  sessionId: Id
  /** The primary address until now. */
  address: ReadableEmail
  action: 'email.changed' | 'email.made-primary'
  mail: 'emailChanged' | 'emailMadePrimary'
}

/**
 * What follows when another address is the primary one: what was sent to the one until now is void, a mail there lets it be taken back,
 * and other sessions end. Returns how many.
 */
export async function afterChange(
  tx: Database,
  { userId, sessionId, address, action, mail }: Changed,
): Promise<number> {
  await new ChallengeService(tx).removeAllOf(userId)
  const eventId = await new AuditService(tx).record(action, {
    actorId: userId,
    sessionId,
    target: toGlobalId('user', userId),
  })
  const { keyring, linkBase } = tx.tools
  await new MailService(tx).sendElsewhere(userId, address.address!, mail, {
    link: `${linkBase}/undo-email-change#token=${newMailedToken(keyring, 'disown', eventId, address.id)}`,
    days: RECOVERY_WINDOW / DAY,
  })
  return new SessionService(tx).endAll(userId, EndReason.EMAIL_CHANGED, sessionId)
}
