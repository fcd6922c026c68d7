import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { WebhookFailure } from '../../core/webhook-transport'
import type { AuditAction } from '../audit/audit-event'
import { DeliveryStatus } from './delivery-status'
import { DisabledBecause } from './disabled-because'
import type { WebhookAttempt } from './webhook-attempt.entity'
import type { WebhookDeliveryRow } from './webhook-delivery.repository'
import type { WebhookEndpointRow } from './webhook-endpoint.repository'

registerEnumType(DisabledBecause, {
  name: 'WebhookDisabledReason',
  description: 'Why Portico has disabled a webhook endpoint.',
  valuesConfig: {
    FAILING: { description: 'It has taken nothing for five days.' },
    GONE: { description: 'It has answered 410: it will never take anything again.' },
  },
})

registerEnumType(DeliveryStatus, {
  name: 'WebhookDeliveryStatus',
  description: 'What has come of telling an endpoint of an event.',
  valuesConfig: {
    PENDING: { description: 'It is to be sent, for the first time or again.' },
    DELIVERED: { description: 'The endpoint has answered with a status of 200 to 299.' },
    FAILED: { description: 'It was tried for a day and given up, or the endpoint is gone.' },
  },
})

registerEnumType(WebhookFailure, {
  name: 'WebhookFailure',
  description: 'Why an endpoint has not answered.',
  valuesConfig: {
    NAME_NOT_FOUND: { description: 'Its name could not be looked up.' },
    ADDRESS_REFUSED: {
      description: 'Its name leads into a private network. Nothing was sent.',
    },
    UNREACHABLE: { description: 'No connection could be made.' },
    NOT_TRUSTED: { description: 'It has no certificate that is to be trusted for its name.' },
    NO_ANSWER: { description: 'The connection ended without an answer, or what came was no HTTP.' },
    TIMED_OUT: { description: 'It did not answer within 15 seconds.' },
  },
})

@Type(
  'WebhookEndpoint',
  'Where another system is told what happens, by signed messages (Standard Webhooks). Visible to holders of `webhooks:manage`.',
  { implements: Node },
)
export class WebhookEndpointType implements Omit<WebhookEndpointRow, 'createdById' | 'disabledBecause'> {
  @GlobalId('webhook_endpoint')
  id!: string

  @Shown(() => String, 'Where messages are sent to.')
  url!: string

  @Shown(() => String, 'Which system it is, and what for.')
  description!: string

  @Shown(() => [String], 'What it is told: actions, `post.*` for all that begin so, or `*` for all.')
  events!: string[]

  @Shown(() => Boolean, 'Whether it is told anything.')
  isEnabled!: boolean

  @Shown(
    () => Date,
    'When the first message failed of those that it has not taken since it took one; null where it took the last.',
    true,
  )
  firstFailureAt!: Date | null

  @Shown(
    () => Date,
    'Until when it has asked to be left alone, with 429 or 503 and `Retry-After`; null where it has not.',
    true,
  )
  resumesAt!: Date | null

  @Shown(
    () => Date,
    'Until when messages are signed with the secret before as well; null where there is none.',
    true,
  )
  previousSecretExpiresAt!: Date | null

  @Shown(() => Date, 'When it was made.')
  createdAt!: Date

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

@Type(
  'WebhookDelivery',
  'That an endpoint is to be told of an event, and what has come of it. Kept for 30 days. Visible to holders of `webhooks:manage`.',
  { implements: Node },
)
export class WebhookDeliveryType implements Pick<
  WebhookDeliveryRow,
  'id' | 'action' | 'occurredAt' | 'status' | 'nextAttemptAt' | 'attemptCount'
> {
  @GlobalId('webhook_delivery')
  id!: string

  @Shown(() => String, 'What happened, as `AuditEvent.action` has it: the `type` of the message.')
  action!: AuditAction

  @Shown(() => Date, 'When it happened: the `timestamp` of the message.')
  occurredAt!: Date

  @Shown(() => DeliveryStatus, 'What has come of it.')
  status!: DeliveryStatus

  @Shown(() => Date, 'When it is sent next; null where that was for the last time.', true)
  nextAttemptAt!: Date | null

  @Shown(() => Int, 'How often it was sent.')
  attemptCount!: number
}

@Type('WebhookAttempt', 'One try to tell an endpoint of an event.')
export class WebhookAttemptType implements Omit<WebhookAttempt, 'deliveryId'> {
  @Shown(() => Int, 'Which one it was, from 1.')
  number!: number

  @Shown(() => Date, 'When it was sent.')
  startedAt!: Date

  @Shown(() => Int, 'How long it took, in milliseconds.')
  durationMs!: number

  @Shown(() => Int, 'The status that was answered; null where nothing was.', true)
  statusCode!: number | null

  @Shown(() => WebhookFailure, 'Why nothing was answered; null where something was.', true)
  failure!: WebhookFailure | null
}

export const WebhookEndpointConnection = connectionOf('WebhookEndpoint', () => WebhookEndpointType)
export const WebhookDeliveryConnection = connectionOf('WebhookDelivery', () => WebhookDeliveryType)
