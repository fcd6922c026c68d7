import { rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { PrivacyRequestKind } from '../privacy-request/privacy-request-kind'
import { PrivacyRequestService, type PrivacyRequestRow } from '../privacy-request/privacy-request.service'
import { SessionService } from '../session/session.service'
import { UserService } from '../user/user.service'
import type { LiftRestrictionInput, RestrictProcessingInput } from './restriction.input'

/**
 * Keeps somebody's data and does no more with it, at once: one's own, or that of somebody whose request one handles, be it for
 * this or because something about it is disputed (GDPR art. 18(1)). Returns whose it is.
 * @throws ApiError NOT_FOUND, FORBIDDEN; Rejected NOT_PERMITTED for a request that is over, and for one's own.
 */
export async function restrictProcessing(
  db: Database,
  { privacyRequestId, message }: RestrictProcessingInput,
): Promise<Id> {
  const { userId: viewerId } = requireSession(db.caller.viewer)
  return db.transaction(async (tx) => {
    const requests = new PrivacyRequestService(tx)
    const handled = privacyRequestId === undefined ? null : await requests.lockToAnswer(privacyRequestId)
    if (handled && handled.doneAt !== null)
      throw rejected('privacyRequestId', UserErrorCode.NOT_PERMITTED, 'This request is over.')
    const userId = handled?.userId ?? viewerId
    await new UserService(tx).hold(userId)
    if (!(await new UserService(tx).restrict(userId))) return userId
    // Nobody who acts as them at this moment sees what nobody else sees any more.
    await new SessionService(tx).endImpersonationsOf(userId)
    await record(tx, 'processing.restricted', userId, handled)
    if (handled && handled.kind !== PrivacyRequestKind.RESTRICTION) {
      await new MailService(tx).send(userId, 'processingRestricted')
    } else {
      const kind = PrivacyRequestKind.RESTRICTION
      const open = handled ?? (await requests.findOpen(userId, kind))
      await (open ? requests.finish(open.id) : requests.settle({ kind, userId, message }))
    }
    return userId
  })
}

/**
 * Ends it; the person is told (GDPR art. 18(3)). Returns whose data it is.
 * @throws ApiError NOT_FOUND, FORBIDDEN; Rejected NOT_PERMITTED for a request of one's own.
 */
export async function liftRestriction(db: Database, { privacyRequestId }: LiftRestrictionInput): Promise<Id> {
  const { userId: viewerId } = requireSession(db.caller.viewer)
  return db.transaction(async (tx) => {
    const handled =
      privacyRequestId === undefined
        ? null
        : await new PrivacyRequestService(tx).lockToAnswer(privacyRequestId)
    const userId = handled?.userId ?? viewerId
    if (!(await new UserService(tx).liftRestriction(userId))) return userId
    await record(tx, 'processing.restriction-lifted', userId, handled)
    await new MailService(tx).send(userId, 'restrictionLifted')
    return userId
  })
}

async function record(
  tx: Database,
  action: 'processing.restricted' | 'processing.restriction-lifted',
  userId: Id,
  handled: PrivacyRequestRow | null,
): Promise<void> {
  await new AuditService(tx).record(action, {
    subjectId: userId,
    target: toGlobalId('user', userId),
    details: { request: handled && toGlobalId('privacy_request', handled.id) },
  })
}
