import { DAY, later } from '../../core/clock'
import { rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { PrivacyRequestKind } from '../privacy-request/privacy-request-kind'
import { PrivacyRequestService } from '../privacy-request/privacy-request.service'
import { UserService } from '../user/user.service'
import { planErasure, type ErasureEntry } from './erase'
import { ErasureRepository, type ErasureRow } from './erasure.repository'

export type { ErasureRow }

/** How long somebody can take back that they want to be erased, in milliseconds; well within the month of GDPR art. 12 (3). */
export const GRACE = 30 * DAY

/** People's right to be forgotten (GDPR art. 17): what would go, the wish itself, and taking it back. `erase-person.ts` does it. */
export class ErasureService {
  private readonly erasures: ErasureRepository

  constructor(private readonly db: Database) {
    this.erasures = new ErasureRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<ErasureRow[]> {
    return this.erasures.lookup(ids)
  }

  /** The last one of each of these people, taken back or not; who has none is left out. */
  async latestOf(userIds: readonly Id[]): Promise<ErasureRow[]> {
    return this.erasures.findLatest(userIds)
  }

  /** What erasing this person would do at this moment. Whose it is, the caller asks. */
  async plan(userId: Id): Promise<ErasureEntry[]> {
    return planErasure(this.db, userId)
  }

  /**
   * Notes that the viewer wants to be erased; one that waits already stays as it is. A mail says until when it can be taken back.
   * @throws Rejected LAST_ADMIN, FROZEN
   */
  async request(): Promise<ErasureRow> {
    const { userId } = requireSession(this.db.caller.viewer)
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).assertNotLastAdmin(userId)
      await new UserService(tx).assertNotFrozen(userId)
      const erasures = new ErasureRepository(tx)
      const pending = await erasures.lockPending(userId)
      if (pending) return pending
      const { now } = tx
      const erasure: ErasureRow = {
        id: newId(now),
        userId,
        requestId: await new PrivacyRequestService(tx).undertake(PrivacyRequestKind.ERASURE, userId),
        requestedAt: now,
        erasesAt: later(now, GRACE),
        cancelledAt: null,
        delayedAt: null,
        erasedAt: null,
        entries: null,
        ledgerNumber: null,
        certificate: null,
      }
      await erasures.add(erasure)
      const eventId = await new AuditService(tx).record('erasure.requested', {
        target: toGlobalId('erasure', erasure.id),
        details: { erasesAt: erasure.erasesAt.toISOString() },
      })
      await new MailService(tx).send(userId, 'erasureRequested', { until: erasure.erasesAt, eventId })
      return erasure
    })
  }

  /** Takes it back. @throws Rejected NOT_FOUND where nothing waits. */
  async cancel(): Promise<ErasureRow> {
    const { userId } = requireSession(this.db.caller.viewer)
    const cancelled = await this.cancelOf(userId)
    if (cancelled) return cancelled
    throw rejected([], UserErrorCode.NOT_FOUND, 'You have not asked for your account to be erased.')
  }

  /** Takes back what this person has asked for, or somebody in their name; null where nothing waits. */
  async cancelOf(userId: Id): Promise<ErasureRow | null> {
    return this.db.transaction(async (tx) => {
      await new UserService(tx).hold(userId)
      const erasures = new ErasureRepository(tx)
      const pending = await erasures.lockPending(userId)
      if (!pending) return null
      const cancelled = { ...pending, cancelledAt: tx.now }
      // What was kept for the law alone, and not what the person restricted themselves.
      if (pending.delayedAt) await new UserService(tx).liftRestriction(userId, pending.delayedAt)
      await erasures.save(cancelled)
      if (pending.requestId) await new PrivacyRequestService(tx).conclude(pending.requestId, 'withdraw')
      const target = toGlobalId('erasure', pending.id)
      const eventId = await new AuditService(tx).record('erasure.cancelled', { subjectId: userId, target })
      await new MailService(tx).send(userId, 'erasureCancelled', { eventId })
      return cancelled
    })
  }
}
