import { DAY, later } from '../../core/clock'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import { momentOf, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import type { ReplayWebhookDeliveriesInput } from './webhook.input'
import type { WebhookAttempt } from './webhook-attempt.entity'
import {
  KEPT_FOR,
  WebhookDeliveryRepository,
  type WebhookDeliveryFilter,
  type WebhookDeliveryRow,
} from './webhook-delivery.repository'
import type { WebhookEndpoint } from './webhook-endpoint.entity'
import { WebhookEndpointRepository, type WebhookEndpointRow } from './webhook-endpoint.repository'
import { sendMissedWebhooks } from './webhook.task'

export type { WebhookAttempt, WebhookDeliveryFilter, WebhookDeliveryRow }

/** How many attempts are shown of one delivery, the last ones. */
const SHOWN_ATTEMPTS = 50

/** What endpoints were told and are going to be told, and what they are to be told again. */
export class WebhookDeliveryService {
  private readonly deliveries: WebhookDeliveryRepository

  constructor(private readonly db: Database) {
    this.deliveries = new WebhookDeliveryRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<WebhookDeliveryRow[]> {
    return this.deliveries.lookup(ids)
  }

  async list(
    endpointId: Id,
    filter: WebhookDeliveryFilter,
    page: PageRequest,
  ): Promise<Page<WebhookDeliveryRow>> {
    return this.deliveries.list(endpointId, filter, page)
  }

  async count(endpointId: Id, filter: WebhookDeliveryFilter): Promise<number> {
    return this.deliveries.count(endpointId, filter)
  }

  async attempts(deliveryIds: readonly Id[]): Promise<WebhookAttempt[]> {
    return this.deliveries.findAttempts(deliveryIds, SHOWN_ATTEMPTS)
  }

  /**
   * Has an endpoint told that it is tested; returns the delivery.
   * @throws ApiError NOT_FOUND; Rejected INVALID for one that is disabled.
   */
  async test(endpointId: Id): Promise<WebhookDeliveryRow> {
    return this.change(async (tx) => {
      const target = targetOf(await enabled(tx, endpointId))
      const id = await new AuditService(tx).record('webhook-endpoint.tested', { target })
      const event = { id, action: 'webhook-endpoint.tested', occurredAt: momentOf(id)! } as const
      return new WebhookDeliveryRepository(tx).add(endpointId, event)
    })
  }

  /**
   * Has an endpoint told of an event again, whatever has come of it before.
   * @throws ApiError NOT_FOUND; Rejected INVALID for one that is disabled.
   */
  async replay(id: Id): Promise<WebhookDeliveryRow> {
    return this.change(async (tx) => {
      const deliveries = new WebhookDeliveryRepository(tx)
      const [delivery] = await deliveries.lookup([id])
      if (!delivery) throw notFound('webhook delivery')
      await enabled(tx, delivery.endpointId)
      await deliveries.sendAgain(id)
      await new AuditService(tx).record('webhook-delivery.replayed', {
        target: toGlobalId('webhook_delivery', id),
      })
      return id
    })
  }

  /**
   * Has an endpoint told of all that has happened since a moment and that it was not told, or has not taken. A job sees to it.
   * @throws ApiError NOT_FOUND; Rejected INVALID for one that is disabled, and for a moment that is to come or longer ago than is kept.
   */
  async replaySince({ webhookEndpointId, since }: ReplayWebhookDeliveriesInput): Promise<WebhookEndpointRow> {
    return this.db.transaction(async (tx) => {
      const { now } = tx
      await new AuthorityService(tx).require('webhooks:manage')
      const endpoint = await enabled(tx, webhookEndpointId)
      if (since > now || since < later(now, -KEPT_FOR)) {
        const message = `Give a moment of the last ${KEPT_FOR / DAY} days.`
        throw rejected('since', UserErrorCode.INVALID, message)
      }
      const [from, until] = [since.toISOString(), now.toISOString()]
      await tx.enqueue(sendMissedWebhooks, { endpointId: webhookEndpointId, since: from, until })
      await new AuditService(tx).record('webhook-deliveries.replayed', {
        target: targetOf(endpoint),
        details: { since: from },
      })
      return endpoint
    })
  }

  private async change(work: (tx: Database) => Promise<Id>): Promise<WebhookDeliveryRow> {
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).require('webhooks:manage')
      const [delivery] = await new WebhookDeliveryRepository(tx).lookup([await work(tx)])
      return delivery!
    })
  }
}

const targetOf = ({ id }: Pick<WebhookEndpoint, 'id'>): string => toGlobalId('webhook_endpoint', id)

async function enabled(tx: Database, id: Id): Promise<WebhookEndpoint> {
  const endpoint = await new WebhookEndpointRepository(tx).lock(id)
  if (!endpoint) throw notFound('webhook endpoint')
  if (endpoint.isEnabled) return endpoint
  throw rejected([], UserErrorCode.INVALID, 'This endpoint is disabled. Enable it first.')
}
