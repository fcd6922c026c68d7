import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { ExpectedVersion, IdOf, Input, Text } from '../../api/input'
import { DeliveryStatus } from './delivery-status'
import type { WebhookDeliveryFilter } from './webhook-delivery.repository'

const URL = {
  description:
    'Where to send to: `https://`, to a public address, without user and fragment. Redirects are not followed.',
  max: 2_048,
} as const
const DESCRIPTION = {
  description: 'Which system it is, and what for.',
  max: 500,
  min: 0,
  multiline: true,
} as const
const EVENTS = {
  description:
    'What to tell: actions as `AuditEvent.action` lists them, `post.*` for all that begin so, or `*` for all. Private messages, who blocks or reports whom, staff notes and legal holds are told nowhere.',
  max: 64,
  list: { max: 200 },
} as const

@Input('CreateWebhookEndpointInput', 'A new webhook endpoint: what another system is told, and where.')
export class CreateWebhookEndpointInput {
  @Text(URL)
  url!: string

  @Text(DESCRIPTION)
  description!: string

  @Text(EVENTS)
  events!: string[]
}

@Input('UpdateWebhookEndpointInput', 'What to change of an endpoint; what is left out stays.')
export class UpdateWebhookEndpointInput {
  @IdOf('webhook_endpoint', 'The endpoint to change.')
  webhookEndpointId!: string

  @Text({ ...URL, optional: 'stays' })
  url?: string

  @Text({ ...DESCRIPTION, optional: 'stays' })
  description?: string

  @Text({ ...EVENTS, optional: 'stays' })
  events?: string[]

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether it is told anything. What happens while it is not can be had with `replayWebhookDeliveries` afterwards.',
  })
  isEnabled?: boolean | null

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('DeleteWebhookEndpointInput', 'Which endpoint to delete.')
export class DeleteWebhookEndpointInput {
  @IdOf('webhook_endpoint', 'The endpoint to delete.')
  webhookEndpointId!: string
}

@Input('RotateWebhookSecretInput', 'Which endpoint gets a new secret.')
export class RotateWebhookSecretInput {
  @IdOf('webhook_endpoint', 'The endpoint.')
  webhookEndpointId!: string
}

@Input('SendTestWebhookInput', 'Which endpoint to test.')
export class SendTestWebhookInput {
  @IdOf('webhook_endpoint', 'The endpoint to test.')
  webhookEndpointId!: string
}

@Input('ReplayWebhookDeliveryInput', 'What to send again.')
export class ReplayWebhookDeliveryInput {
  @IdOf('webhook_delivery', 'The delivery to send again.')
  webhookDeliveryId!: string
}

@Input('ReplayWebhookDeliveriesInput', 'To which endpoint to send what it has missed, and since when.')
export class ReplayWebhookDeliveriesInput {
  @IdOf('webhook_endpoint', 'The endpoint.')
  webhookEndpointId!: string

  @Field(() => Date, { description: 'Since when, at most 30 days ago.' })
  since!: Date
}

@Input('WebhookDeliveryFilter', 'Which deliveries to list.')
export class WebhookDeliveryFilterInput implements WebhookDeliveryFilter {
  @Field(() => DeliveryStatus, { nullable: true, description: 'Only those of which this has come.' })
  status?: DeliveryStatus
}

@ArgsType()
export class WebhookDeliveryArguments extends PageArguments {
  @Field(() => WebhookDeliveryFilterInput, { nullable: true, description: 'Which deliveries to list.' })
  filter?: WebhookDeliveryFilterInput
}
