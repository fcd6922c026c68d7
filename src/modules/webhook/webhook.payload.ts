import { ID } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { WebhookDeliveryType, WebhookEndpointType } from './webhook.type'

const SECRET =
  'The secret with which messages are signed: `whsec_…`, for a library of Standard Webhooks. Shown only here.'

@Type('CreateWebhookEndpointPayload', 'The answer of `createWebhookEndpoint`.')
export class CreateWebhookEndpointPayload extends MutationPayload {
  @Shown(() => WebhookEndpointType, 'The new endpoint.', true)
  webhookEndpoint?: WebhookEndpointType

  @Shown(() => String, SECRET, true)
  secret?: string
}

@Type('UpdateWebhookEndpointPayload', 'The answer of `updateWebhookEndpoint`.')
export class UpdateWebhookEndpointPayload extends MutationPayload {
  @Shown(() => WebhookEndpointType, 'The endpoint as it is now.', true)
  webhookEndpoint?: WebhookEndpointType
}

@Type('DeleteWebhookEndpointPayload', 'The answer of `deleteWebhookEndpoint`.')
export class DeleteWebhookEndpointPayload extends MutationPayload {
  @Shown(() => ID, 'The id of the endpoint that is gone.', true)
  deletedWebhookEndpointId?: string
}

@Type('RotateWebhookSecretPayload', 'The answer of `rotateWebhookSecret`.')
export class RotateWebhookSecretPayload extends MutationPayload {
  @Shown(() => WebhookEndpointType, 'The endpoint as it is now.', true)
  webhookEndpoint?: WebhookEndpointType

  @Shown(() => String, SECRET, true)
  secret?: string
}

@Type('SendTestWebhookPayload', 'The answer of `sendTestWebhook`.')
export class SendTestWebhookPayload extends MutationPayload {
  @Shown(() => WebhookDeliveryType, 'The delivery, which is sent in a moment.', true)
  webhookDelivery?: WebhookDeliveryType
}

@Type('ReplayWebhookDeliveryPayload', 'The answer of `replayWebhookDelivery`.')
export class ReplayWebhookDeliveryPayload extends MutationPayload {
  @Shown(() => WebhookDeliveryType, 'The delivery, which is sent in a moment.', true)
  webhookDelivery?: WebhookDeliveryType
}

@Type('ReplayWebhookDeliveriesPayload', 'The answer of `replayWebhookDeliveries`.')
export class ReplayWebhookDeliveriesPayload extends MutationPayload {
  @Shown(() => WebhookEndpointType, 'The endpoint; its `deliveries` show how it gets on.', true)
  webhookEndpoint?: WebhookEndpointType
}
