import { DAY, later } from '../../core/clock'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import type { Channel } from './channel'
import type { DeliveryChannel } from './delivery-channel'
import type { DeliveryPriority } from './delivery-priority'
import { DeliveryStatus } from './delivery-status'
import { Delivery } from './delivery.entity'
import {
  DeliveryRepository,
  REPLAYABLE_FOR,
  type DeliveryFilter,
  type DeliveryRow,
  type GivenUp,
} from './delivery.repository'
import { sendGivenUpAgain } from './delivery.task'
import { sendAtOnce } from './send-delivery'

export type { DeliveryFilter, DeliveryRow }

/** A message that is to be sent. */
export interface Posted<Content> {
  template: string
  /** Whose it is; null for somebody without an account. */
  userId: Id | null
  /** It is to nobody: all is done but the sending. */
  isDecoy?: boolean
  /** What JSON carries and gives back as it was, but for moments, which become texts. */
  content: Content
  addressIndex: Buffer
  priority: DeliveryPriority
  /** When its code or its link is worth nothing any more. */
  expiresAt?: Date | null
  /** What would be the same message a second time. */
  deduplicationKey?: string | null
}

/** Messages that leave the house: posted in the transaction of their cause, and then sent at least once. */
export class DeliveryService {
  private readonly deliveries: DeliveryRepository

  constructor(private readonly db: Database) {
    this.deliveries = new DeliveryRepository(db)
  }

  /**
   * Has a message sent once this transaction has committed, and never without that; of two with the same deduplication key, one. It takes the
   * same statements for a decoy.
   */
  async post<Content>(
    channel: Channel<Content>,
    {
      template,
      userId,
      isDecoy = false,
      content,
      addressIndex,
      priority,
      expiresAt = null,
      deduplicationKey = null,
    }: Posted<Content>,
  ): Promise<void> {
    const { now } = this.db
    const id = newId(now)
    const text = JSON.stringify(content)
    const sealed = await this.db.codec.seal(Delivery, 'letter', { id, ownerId: id }, text)
    const since = performance.now()
    const claimed = await this.deliveries.add({
      ...{ id, channel: channel.name, template, userId, isDecoy, letter: sealed, addressIndex },
      ...{ deduplicationKey, priority, expiresAt },
    })
    if (claimed === null) return this.deliveries.forgetKey(id)
    const { tools } = this.db
    this.db.afterCommit(() => sendAtOnce(Database.of(tools), channel, claimed, text, since))
  }

  async lookup(ids: readonly Id[]): Promise<DeliveryRow[]> {
    return this.deliveries.lookup(ids)
  }

  async list(filter: DeliveryFilter, page: PageRequest): Promise<Page<DeliveryRow>> {
    return this.deliveries.list(filter, page)
  }

  async count(filter: DeliveryFilter): Promise<number> {
    return this.deliveries.count(filter)
  }

  /** To which address a message went, as its channel hashes them; null where there is no such message any more. */
  async addressIndexOf(id: Id, channel: DeliveryChannel): Promise<Buffer | null> {
    return this.deliveries.addressIndexOf(id, channel)
  }

  /**
   * Has a message sent again that was given up.
   * @throws ApiError NOT_FOUND; Rejected INVALID for one that was not given up, or whose content is gone or of no use any more.
   */
  async replay(id: Id): Promise<DeliveryRow> {
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).require('deliveries:manage')
      const deliveries = new DeliveryRepository(tx)
      const [delivery] = await deliveries.lookup([id])
      if (!delivery) throw notFound('delivery')
      if (!(await deliveries.sendAgain(id)))
        throw rejected([], UserErrorCode.INVALID, whyNot(delivery, tx.now))
      await new AuditService(tx).record('delivery.replayed', {
        subjectId: delivery.userId,
        target: toGlobalId('delivery', id),
      })
      const [again] = await deliveries.lookup([id])
      return again!
    })
  }

  /**
   * Has all messages sent again that were given up since a moment, in one channel or all of them. A job sees to it. Returns how many.
   * @throws Rejected INVALID for a moment that is to come, or longer ago than is kept.
   */
  async replayAll({ channel, since }: Omit<GivenUp, 'until'>): Promise<number> {
    return this.db.transaction(async (tx) => {
      const { now: until } = tx
      await new AuthorityService(tx).require('deliveries:manage')
      if (since > until || since < later(until, -REPLAYABLE_FOR)) {
        const message = `Give a moment of the last ${REPLAYABLE_FOR / DAY} days.`
        throw rejected('since', UserErrorCode.INVALID, message)
      }
      const count = await new DeliveryRepository(tx).countGivenUp({ channel, since, until })
      const [from, to] = [since.toISOString(), until.toISOString()]
      await tx.enqueue(sendGivenUpAgain, { channel, since: from, until: to })
      await new AuditService(tx).record('deliveries.replayed', { details: { channel, since: from, count } })
      return count
    })
  }
}

/** Whether a message can be sent again. */
export const isReplayable = ({ status, hasLetter, expiresAt }: DeliveryRow, now: Date): boolean =>
  status === DeliveryStatus.FAILED && hasLetter && (expiresAt === null || expiresAt > now)

function whyNot({ status, expiresAt }: DeliveryRow, now: Date): string {
  if (status !== DeliveryStatus.FAILED) return 'It was not given up, so there is nothing to send again.'
  if (expiresAt !== null && expiresAt <= now)
    return 'Its code or its link has expired. The person has to ask for another one.'
  return 'What it said is not kept any more, so that it cannot be sent again.'
}
