import { coarseNetwork } from '../../core/address'
import { later } from '../../core/clock'
import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { UserService } from '../user/user.service'
import { RETENTION } from './session-limits'
import { Session } from './session.entity'
import { SessionRepository } from './session.repository'

/**
 * Whether a session that is about to start is from a device that its holder has not used in the last 90 days: none of
 * their sessions had this name and came from the same network. Nothing is put on the device to know it again by, so one
 * that moves to another network is told of as well. The first sign-in of all is from no new device, nor is one that no
 * request made.
 */
export async function isNewDevice(tx: Database, { userId, deviceName }: Session): Promise<boolean> {
  const { caller, now } = tx
  if (caller.requestId === null) return false
  const user = await new UserService(tx).lookup(userId)
  if (!user?.lastSignInAt) return false
  const known = await new SessionRepository(tx).findByDevice(userId, deviceName, later(now, -RETENTION))
  const places = known.map((session) => ({ ...session, ownerId: userId }))
  const addresses = await tx.codec.open(Session, 'address', places, ({ address }) => address)
  const network = networkOf(caller.address)
  return !addresses.some((address) => networkOf(address) === network)
}

/** Tells somebody of a sign-in from a new device, after commit. */
export async function tellOfNewDevice(
  tx: Database,
  { userId, deviceName }: Session,
  eventId: Id,
): Promise<void> {
  await new MailService(tx).send(userId, 'newDevice', { device: deviceName, eventId })
}

/** Records that a sign-in has brought a deactivated account back, and tells its owner, after commit. */
export async function tellOfReactivation(tx: Database, { id, userId }: Session): Promise<void> {
  const eventId = await new AuditService(tx).record('account.reactivated', {
    actorId: userId,
    sessionId: id,
    subjectId: userId,
    target: toGlobalId('user', userId),
  })
  await new MailService(tx).send(userId, 'accountReactivated', { eventId })
}

/** Tells somebody that their session was ended because a superseded token of it was used, after commit. */
export async function tellOfMisuse(tx: Database, userId: Id, deviceName: string): Promise<void> {
  await new MailService(tx).send(userId, 'sessionTokenReused', { device: deviceName })
}

const networkOf = (address: string | null) => address && coarseNetwork(address)
