import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { toGlobalId } from '../../core/id'
import { auditEventById, type AuditEventRow } from '../audit/audit-event.loader'
import { AuditEventType } from '../audit/audit-event.type'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { DisabledBecause } from './disabled-because'
import type { WebhookAttempt } from './webhook-attempt.entity'
import { WebhookDeliveryService } from './webhook-delivery.service'
import { WebhookEndpointService } from './webhook-endpoint.service'
import { messageIdOf } from './webhook-event'
import {
  CreateWebhookEndpointInput,
  DeleteWebhookEndpointInput,
  ReplayWebhookDeliveriesInput,
  ReplayWebhookDeliveryInput,
  RotateWebhookSecretInput,
  SendTestWebhookInput,
  UpdateWebhookEndpointInput,
  WebhookDeliveryArguments,
} from './webhook.input'
import {
  attemptsByDelivery,
  webhookDeliveryById,
  webhookEndpointById,
  type WebhookDeliveryRow,
  type WebhookEndpointRow,
} from './webhook.loader'
import {
  CreateWebhookEndpointPayload,
  DeleteWebhookEndpointPayload,
  ReplayWebhookDeliveriesPayload,
  ReplayWebhookDeliveryPayload,
  RotateWebhookSecretPayload,
  SendTestWebhookPayload,
  UpdateWebhookEndpointPayload,
} from './webhook.payload'
import {
  WebhookAttemptType,
  WebhookDeliveryConnection,
  WebhookDeliveryType,
  WebhookEndpointConnection,
  WebhookEndpointType,
} from './webhook.type'

defineNode('webhook_endpoint', 'WebhookEndpoint', (context, id) => context.load(webhookEndpointById, id))
defineNode('webhook_delivery', 'WebhookDelivery', (context, id) => context.load(webhookDeliveryById, id))

@Resolver(() => WebhookEndpointType)
export class WebhookEndpointResolver {
  @Query(() => WebhookEndpointConnection, {
    nullable: true,
    description: 'Where other systems are told what happens, the oldest first. Needs `webhooks:manage`.',
  })
  async webhookEndpoints(
    @Ctx() context: Context,
    @Args() page: PageArguments,
  ): Promise<Connection<WebhookEndpointRow>> {
    const endpoints = context.use(WebhookEndpointService)
    return toConnection(await endpoints.list(page), () => endpoints.count())
  }

  @Action(() => CreateWebhookEndpointPayload, {
    description:
      'Makes a webhook endpoint: another system is told what happens from now on, by ids. There are at most 100. Needs `webhooks:manage` over everybody.',
  })
  async createWebhookEndpoint(
    @Ctx() context: Context,
    @InputArgument(() => CreateWebhookEndpointInput) input: CreateWebhookEndpointInput,
  ) {
    return done(await context.use(WebhookEndpointService).create(input))
  }

  @Action(() => UpdateWebhookEndpointPayload, {
    description:
      'Changes what a webhook endpoint is told, where, or whether. What waits is sent to where it leads then. Needs `webhooks:manage`.',
  })
  async updateWebhookEndpoint(
    @Ctx() context: Context,
    @InputArgument(() => UpdateWebhookEndpointInput) input: UpdateWebhookEndpointInput,
  ) {
    return done({ webhookEndpoint: await context.use(WebhookEndpointService).update(input) })
  }

  @Action(() => DeleteWebhookEndpointPayload, {
    description:
      'Deletes a webhook endpoint, with all that it was told or waits to be told. Its secrets are destroyed. Needs `webhooks:manage`.',
  })
  async deleteWebhookEndpoint(
    @Ctx() context: Context,
    @InputArgument(() => DeleteWebhookEndpointInput) { webhookEndpointId }: DeleteWebhookEndpointInput,
  ) {
    const deleted = await context.use(WebhookEndpointService).delete(webhookEndpointId)
    return done({ deletedWebhookEndpointId: toGlobalId('webhook_endpoint', deleted) })
  }

  @Action(() => RotateWebhookSecretPayload, {
    description:
      'Gives a webhook endpoint a new secret. For a day messages are signed with the one before as well; a second rotation makes that one worthless at once. Needs `webhooks:manage`.',
  })
  async rotateWebhookSecret(
    @Ctx() context: Context,
    @InputArgument(() => RotateWebhookSecretInput) { webhookEndpointId }: RotateWebhookSecretInput,
  ) {
    return done(await context.use(WebhookEndpointService).rotateSecret(webhookEndpointId))
  }

  @Action(() => SendTestWebhookPayload, {
    description:
      'Sends an endpoint a message of the type `webhook-endpoint.tested`, whatever it is told otherwise. Needs `webhooks:manage`.',
  })
  async sendTestWebhook(
    @Ctx() context: Context,
    @InputArgument(() => SendTestWebhookInput) { webhookEndpointId }: SendTestWebhookInput,
  ) {
    return done({ webhookDelivery: await context.use(WebhookDeliveryService).test(webhookEndpointId) })
  }

  @Action(() => ReplayWebhookDeliveriesPayload, {
    description:
      'Sends an endpoint, in the background, what it was sent since a moment and has not taken in a day, and what happened since then while it was disabled or not there yet. Needs `webhooks:manage`.',
  })
  async replayWebhookDeliveries(
    @Ctx() context: Context,
    @InputArgument(() => ReplayWebhookDeliveriesInput) input: ReplayWebhookDeliveriesInput,
  ) {
    return done({ webhookEndpoint: await context.use(WebhookDeliveryService).replaySince(input) })
  }

  @FieldResolver(() => DisabledBecause, {
    nullable: true,
    description: 'Why Portico has disabled it; null where it has not, but perhaps staff.',
  })
  disabledReason(@Root() { disabledBecause }: WebhookEndpointRow): DisabledBecause | null {
    return disabledBecause
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who has made it, and is told when it is disabled.',
  })
  async createdBy(
    @Ctx() context: Context,
    @Root() { createdById }: WebhookEndpointRow,
  ): Promise<UserRow | null> {
    return createdById === null ? null : context.load(userById, createdById)
  }

  @FieldResolver(() => WebhookDeliveryConnection, {
    nullable: true,
    description: 'What it was told and is going to be told, the latest events first.',
  })
  async deliveries(
    @Ctx() context: Context,
    @Root() { id }: WebhookEndpointRow,
    @Args() { filter = {}, ...page }: WebhookDeliveryArguments,
  ): Promise<Connection<WebhookDeliveryRow>> {
    const deliveries = context.use(WebhookDeliveryService)
    return toConnection(await deliveries.list(id, filter, page), () => deliveries.count(id, filter))
  }
}

@Resolver(() => WebhookDeliveryType)
export class WebhookDeliveryResolver {
  @Action(() => ReplayWebhookDeliveryPayload, {
    description:
      'Sends a message again, whatever has come of it before, under the same `webhook-id`. Needs `webhooks:manage`.',
  })
  async replayWebhookDelivery(
    @Ctx() context: Context,
    @InputArgument(() => ReplayWebhookDeliveryInput) { webhookDeliveryId }: ReplayWebhookDeliveryInput,
  ) {
    return done({ webhookDelivery: await context.use(WebhookDeliveryService).replay(webhookDeliveryId) })
  }

  @FieldResolver(() => String, {
    description:
      'The header `webhook-id` of the message, by which its receiver knows it again: the id of the event.',
  })
  messageId(@Root() { eventId }: WebhookDeliveryRow): string {
    return messageIdOf(eventId)
  }

  @FieldResolver(() => AuditEventType, {
    nullable: true,
    description: 'The event that it tells of, for those who may see it; see `AuditEvent`.',
  })
  event(@Ctx() context: Context, @Root() { eventId }: WebhookDeliveryRow): Promise<AuditEventRow | null> {
    return context.load(auditEventById, eventId)
  }

  @FieldResolver(() => WebhookEndpointType, { nullable: true, description: 'The endpoint that is told.' })
  endpoint(
    @Ctx() context: Context,
    @Root() { endpointId }: WebhookDeliveryRow,
  ): Promise<WebhookEndpointRow | null> {
    return context.load(webhookEndpointById, endpointId)
  }

  @FieldResolver(() => [WebhookAttemptType], {
    description: 'Its last tries, at most 50, the latest first.',
  })
  attempts(@Ctx() context: Context, @Root() { id }: WebhookDeliveryRow): Promise<WebhookAttempt[]> {
    return context.load(attemptsByDelivery, id)
  }
}
