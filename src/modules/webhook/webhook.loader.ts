import { defineLoader, grouped, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import {
  WebhookDeliveryService,
  type WebhookAttempt,
  type WebhookDeliveryRow,
} from './webhook-delivery.service'
import { WebhookEndpointService, type WebhookEndpointRow } from './webhook-endpoint.service'

export type { WebhookDeliveryRow, WebhookEndpointRow }

export const webhookEndpointById = defineLoader<Id, WebhookEndpointRow>(async (db, ids) =>
  keyed(await new WebhookEndpointService(db).lookup(ids), 'id'),
)

export const webhookDeliveryById = defineLoader<Id, WebhookDeliveryRow>(async (db, ids) =>
  keyed(await new WebhookDeliveryService(db).lookup(ids), 'id'),
)

/** The last attempts of deliveries, the latest first. */
export const attemptsByDelivery = defineLoader<Id, WebhookAttempt[], WebhookAttempt[]>(
  async (db, deliveryIds) =>
    grouped(await new WebhookDeliveryService(db).attempts(deliveryIds), 'deliveryId'),
  [],
)
