import { later, RECOVERY_WINDOW } from '../../core/clock'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AccessTokenService } from '../access-token/access-token.service'
import { AccessTokenEndReason } from '../access-token/end-reason'
import { entryOf } from '../audit/audit-event'
import { AuditService, type SecurityEventRow } from '../audit/audit.service'
import { beginReset } from '../authentication/reset-password'
import { ChallengeService, invalidProof } from '../challenge/challenge.service'
import { DataExportService } from '../data-export/data-export.service'
import { ErasureService } from '../erasure/erasure.service'
import { EmailService, type EmailRow } from '../email/email.service'
import { FactorService } from '../factor/factor.service'
import { IdentityService } from '../identity/identity.service'
import { idInMailedToken, isMailedToken } from '../mail/mailed-token'
import { PasswordService } from '../password/password.service'
import { PhoneService } from '../phone/phone.service'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'

/*
 * "This was not me." Whoever says it, from a session or from a mail, gains nothing but an account that is locked: the way back
 * in is a mail to the address that the person had a week ago, or to the one that the mail which they show was sent to.
 */

/**
 * Disowns an event of the viewer's security inbox.
 * @throws Rejected REQUIRED, INVALID for one that cannot be disowned or was. ApiError NOT_FOUND, UNAUTHENTICATED
 */
export async function disownOwnEvent(db: Database, eventId: Id | undefined): Promise<void> {
  if (eventId === undefined)
    throw rejected([], UserErrorCode.REQUIRED, 'Give the event, or the token of the mail.')
  const { userId } = requireSession(db.caller.viewer)
  await db.transaction(async (tx) => {
    await freeze(tx, userId)
    await new SessionService(tx).assertAlive()
    const event = await new AuditService(tx).findSecurity(eventId)
    if (event?.subjectId !== userId) throw notFound('event')
    if (!(await isOpen(tx, event)))
      throw rejected('eventId', UserErrorCode.INVALID, 'This cannot be disowned, or was already.')
    const [oldest] = await new EmailService(tx).restorable(userId)
    await secure(tx, event, oldest!)
  })
}

/**
 * Disowns the event that a mail has told of; whoever names one besides is held to both.
 * @throws Rejected INVALID_CODE for a wrong, used or expired token.
 */
export async function disownTold(db: Database, token: string, eventId?: Id): Promise<void> {
  await byMail(
    db,
    token,
    ({ id }) => eventId === undefined || eventId === id,
    ([oldest]) => oldest!,
  )
}

/**
 * Takes a change of the address back, from the old one: that one is the account's again, and none that came after it is.
 * @throws Rejected INVALID_CODE for a wrong, used or expired token.
 */
export async function undoEmailChange(db: Database, token: string): Promise<void> {
  await byMail(
    db,
    token,
    ({ action }) => action === 'email.changed' || action === 'email.made-primary',
    (_restorable, own) => own,
  )
}

async function byMail(
  db: Database,
  token: string,
  isMeant: (event: SecurityEventRow) => boolean,
  choose: (restorable: EmailRow[], own: EmailRow) => EmailRow,
): Promise<void> {
  // Nobody guesses 256 bits; who tries is slowed down by address, and nobody else is for it.
  const tries = await new ThrottleService(db).trySecret(`disown:${token}`)
  const eventId = idInMailedToken(token)
  const event = eventId === null ? null : await new AuditService(db).findSecurity(eventId)
  const userId = event?.subjectId
  const isRecent = event !== null && event.occurredAt > later(db.now, -RECOVERY_WINDOW)
  if (!userId || !isRecent || !isMeant(event)) throw await refused(db)
  const isDone = await db.transaction(async (tx) => {
    await new UserService(tx).hold(userId)
    const restorable = await new EmailService(tx).restorable(userId)
    const own = restorable.find(({ id }) => isMailedToken(tx.tools.keyring, 'disown', token, event.id, id))
    if (!own || !(await isOpen(tx, event))) return false
    await freeze(tx, userId)
    await secure(tx, event, choose(restorable, own))
    return true
  })
  if (!isDone) throw await refused(db)
  await tries.succeeded()
}

/** Whether an event can be disowned, and has not been. */
async function isOpen(tx: Database, { id, action }: SecurityEventRow): Promise<boolean> {
  return entryOf(action).inbox === 'disowned' && !(await new AuditService(tx).disownedAt([id])).has(id)
}

const freeze = (tx: Database, userId: Id): Promise<void> =>
  new UserService(tx).freezeCredentials(userId, later(tx.now, RECOVERY_WINDOW))

/** Takes from whoever has got in what they have, and leaves the person who has this address the way back in. */
async function secure(tx: Database, event: SecurityEventRow, address: EmailRow): Promise<void> {
  const { userId } = address
  await new PasswordService(tx).requireReset(userId)
  await new ChallengeService(tx).removeAllOf(userId)
  await new FactorService(tx).removeSince(userId, later(tx.now, -RECOVERY_WINDOW))
  await new IdentityService(tx).removeSince(userId, later(tx.now, -RECOVERY_WINDOW))
  await new PhoneService(tx).removeSince(userId, later(tx.now, -RECOVERY_WINDOW))
  await new EmailService(tx).restore(address)
  await new AuditService(tx).record('account.disowned', {
    actorId: userId,
    target: toGlobalId('event', event.id),
    details: { action: event.action },
  })
  await new SessionService(tx).endAll(userId, EndReason.DISOWNED, null)
  await new AccessTokenService(tx).endAll(userId, AccessTokenEndReason.DISOWNED)
  await new DataExportService(tx).removeOf(userId)
  await new ErasureService(tx).cancelOf(userId)
  await beginReset(tx, { subjectId: userId, recipientId: userId, mail: 'credentialsFrozen' })
}

async function refused(db: Database) {
  await new AuditService(db).record('account.recovery-failed')
  return invalidProof('token')
}
