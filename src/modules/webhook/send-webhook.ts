import { DAY, later } from '../../core/clock'
import { toGlobalId, type Id } from '../../core/id'
import type { WebhookAnswer } from '../../core/webhook-transport'
import type { Database } from '../../db/database'
import { TOLD_OF_ANYBODY } from '../audit/audit-event'
import { AuditService, type ToldEvent } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { DeliveryStatus } from './delivery-status'
import { DisabledBecause } from './disabled-because'
import { nextAttemptAfter, pauseOf } from './retry-timetable'
import type { WebhookAttempt } from './webhook-attempt.entity'
import { WebhookDeliveryRepository, type ClaimedDelivery } from './webhook-delivery.repository'
import type { WebhookEndpoint } from './webhook-endpoint.entity'
import { WebhookEndpointRepository } from './webhook-endpoint.repository'
import { isTold, messageIdOf, payloadOf } from './webhook-event'
import { openSecrets, signedMessage } from './webhook-signature'

/** How long an endpoint may take nothing before it is disabled, in milliseconds. */
const PATIENCE = 5 * DAY

/** The receiver will never take anything again (RFC 9110 §15.5.11). */
const GONE = 410

/** A message that is ready to be sent. */
export interface Outgoing {
  delivery: ClaimedDelivery
  event: ToldEvent
  endpoint: WebhookEndpoint
  secrets: readonly string[]
}

/**
 * What is to be sent for these deliveries. What nobody is to be told, as things are now, is removed; what cannot be made is reported, and
 * is tried again when its claim has run out.
 */
export async function prepareWebhooks(
  db: Database,
  claimed: readonly ClaimedDelivery[],
  report: (error: unknown) => void,
): Promise<Outgoing[]> {
  const idsOf = (name: 'endpointId' | 'eventId') => [...new Set(claimed.map((delivery) => delivery[name]))]
  const told = await new AuditService(db).findTold(idsOf('eventId'), TOLD_OF_ANYBODY)
  const events = new Map(told.filter(({ action }) => isTold(action)).map((event) => [event.id, event]))
  const endpoints = await new WebhookEndpointRepository(db).findReceivers(idsOf('endpointId'))
  const secrets = await openSecrets(db, endpoints)
  const receivers = new Map(
    endpoints.map((endpoint, index) => [endpoint.id, { endpoint, secrets: secrets[index]! }]),
  )
  const dropped = claimed.filter(({ eventId }) => !events.has(eventId))
  if (dropped.length > 0) await new WebhookDeliveryRepository(db).drop(dropped)
  return claimed.flatMap((delivery) => {
    const event = events.get(delivery.eventId)
    const receiver = receivers.get(delivery.endpointId)
    if (!event || !receiver) return []
    if (receiver.secrets instanceof Error) {
      report(receiver.secrets)
      return []
    }
    return { delivery, event, endpoint: receiver.endpoint, secrets: receiver.secrets }
  })
}

/**
 * Sends one message, and writes down what came of it. A process that dies in between has it sent again by another, under the same id.
 * When `signal` aborts, others may send it at once.
 */
export async function sendWebhook(db: Database, outgoing: Outgoing, signal: AbortSignal): Promise<void> {
  const { delivery, event, endpoint, secrets } = outgoing
  const startedAt = db.now
  const begin = performance.now()
  const message = signedMessage(messageIdOf(event.id), payloadOf(event), secrets, startedAt)
  let answer: WebhookAnswer
  try {
    answer = await db.tools.webhooks.post(endpoint.url, message, signal)
  } catch (error) {
    // What goes wrong here would at once go wrong again: others have it when the claim has run out.
    if (!signal.aborted) throw error
    return new WebhookDeliveryRepository(db).release([delivery])
  }
  const attempt = { startedAt, durationMs: Math.round(performance.now() - begin), ...partsOf(answer) }
  await db.transaction((tx) => settle(tx, outgoing, attempt, pauseOf(answer, tx.now)))
}

const partsOf = (answer: WebhookAnswer) => ({
  statusCode: 'status' in answer ? answer.status : null,
  failure: 'failure' in answer ? answer.failure : null,
})

async function settle(
  tx: Database,
  { delivery, endpoint }: Outgoing,
  attempt: Omit<WebhookAttempt, 'deliveryId' | 'number'>,
  resumesAt: Date | null,
): Promise<void> {
  const { now } = tx
  const deliveries = new WebhookDeliveryRepository(tx)
  const endpoints = new WebhookEndpointRepository(tx)
  const { statusCode } = attempt
  if (statusCode !== null && statusCode >= 200 && statusCode < 300) {
    const outcome = { status: DeliveryStatus.DELIVERED, nextAttemptAt: null }
    const isOurs = await deliveries.settle(delivery, attempt, outcome)
    if (isOurs && endpoint.firstFailureAt !== null) await endpoints.noteSuccess(endpoint.id)
    return
  }
  const isGone = statusCode === GONE
  const nextAttemptAt = isGone ? null : nextAttemptAfter(delivery.retryCount + 1, now, resumesAt)
  const status = nextAttemptAt === null ? DeliveryStatus.FAILED : DeliveryStatus.PENDING
  if (!(await deliveries.settle(delivery, attempt, { status, nextAttemptAt }))) return
  const firstFailureAt = await endpoints.noteFailure(endpoint.id, resumesAt)
  if (isGone) await disable(tx, endpoint.id, DisabledBecause.GONE)
  else if (firstFailureAt !== null && firstFailureAt <= later(now, -PATIENCE))
    await disable(tx, endpoint.id, DisabledBecause.FAILING)
}

/** Sends an endpoint nothing any more, and tells whoever has made it. */
async function disable(tx: Database, id: Id, because: DisabledBecause): Promise<void> {
  const endpoints = new WebhookEndpointRepository(tx)
  const endpoint = await endpoints.lock(id)
  if (!endpoint?.isEnabled) return
  await endpoints.save({
    ...endpoint,
    isEnabled: false,
    disabledBecause: because,
    version: endpoint.version + 1,
  })
  await new AuditService(tx).record('webhook-endpoint.disabled', {
    subjectId: endpoint.createdById,
    target: toGlobalId('webhook_endpoint', id),
    details: { reason: because },
  })
  if (endpoint.createdById !== null)
    await new MailService(tx).send(endpoint.createdById, 'webhookDisabled', {
      host: new URL(endpoint.url).hostname,
    })
}
