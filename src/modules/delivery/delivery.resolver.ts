import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { DeliveryArguments, ReplayDeliveriesInput, ReplayDeliveryInput } from './delivery.input'
import { deliveryById, type DeliveryRow } from './delivery.loader'
import { ReplayDeliveriesPayload, ReplayDeliveryPayload } from './delivery.payload'
import { DeliveryService, isReplayable } from './delivery.service'
import { DeliveryConnection, DeliveryType } from './delivery.type'

defineNode('delivery', 'Delivery', (context, id) => context.load(deliveryById, id))

@Resolver(() => DeliveryType)
export class DeliveryResolver {
  @Query(() => DeliveryConnection, {
    nullable: true,
    description: 'Mails and text messages of the last 30 days, the newest first. Needs `deliveries:manage`.',
  })
  async deliveries(
    @Ctx() context: Context,
    @Args() { filter = {}, ...page }: DeliveryArguments,
  ): Promise<Connection<DeliveryRow>> {
    const deliveries = context.use(DeliveryService)
    return toConnection(await deliveries.list(filter, page), () => deliveries.count(filter))
  }

  @Action(() => ReplayDeliveryPayload, {
    description:
      'Sends a message again that was given up, under the same id. What it says is kept for 7 days after that, or until its code expires. Needs `deliveries:manage`.',
  })
  async replayDelivery(
    @Ctx() context: Context,
    @InputArgument(() => ReplayDeliveryInput) { deliveryId }: ReplayDeliveryInput,
  ) {
    return done({ delivery: await context.use(DeliveryService).replay(deliveryId) })
  }

  @Action(() => ReplayDeliveriesPayload, {
    description:
      'Sends all messages again, in the background, that were given up since a moment, such as because the provider was down: but those whose code or link has ended, for which people ask anew, those whose words are not kept any more, and those of a restored database, which had been sent. Needs `deliveries:manage`.',
  })
  async replayDeliveries(
    @Ctx() context: Context,
    @InputArgument(() => ReplayDeliveriesInput) { channel, since }: ReplayDeliveriesInput,
  ) {
    return done({ count: await context.use(DeliveryService).replayAll({ channel: channel ?? null, since }) })
  }

  @FieldResolver(() => Boolean, { description: 'Whether `replayDelivery` would send it again.' })
  isReplayable(@Ctx() { db }: Context, @Root() delivery: DeliveryRow): boolean {
    return isReplayable(delivery, db.now)
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Whom it is to; null for somebody without an account, or whom the viewer may not see.',
  })
  async user(@Ctx() context: Context, @Root() { userId }: DeliveryRow): Promise<UserRow | null> {
    return userId === null ? null : context.load(userById, userId)
  }
}
