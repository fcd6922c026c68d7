import { Args, Ctx, FieldResolver, Int, Resolver, Root, Subscription } from 'type-graphql'
import { Action, done } from '../../api/action'
import { toConnection, type Connection } from '../../api/connection'
import { FollowArguments, InputArgument } from '../../api/input'
import { defineNode, findNode, Node } from '../../api/node'
import type { Context } from '../../context/context'
import { fromGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import { follow, type StreamEvent } from '../../db/event-stream'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  MarkAllNotificationsReadInput,
  MarkNotificationsReadInput,
  MarkNotificationsUnreadInput,
  NotificationArguments,
} from './notification.input'
import {
  actorsOfNotification,
  notificationById,
  unreadNotifications,
  type NotificationRow,
} from './notification.loader'
import {
  MarkAllNotificationsReadPayload,
  MarkNotificationsReadPayload,
  MarkNotificationsUnreadPayload,
} from './notification.payload'
import { NotificationService } from './notification.service'
import { InboxEventType, NotificationConnection, NotificationType } from './notification.type'
import { inboxTopic, type InboxEvent } from './notifications-changed'

defineNode('notification', 'Notification', (context, id) => context.load(notificationById, id))

@Resolver(() => NotificationType)
export class NotificationResolver {
  @Action(() => MarkNotificationsReadPayload, {
    description:
      'Notes that you have read these notifications of yours; those that you have read before stay so.',
  })
  async markNotificationsRead(
    @Ctx() context: Context,
    @InputArgument(() => MarkNotificationsReadInput) { notificationIds }: MarkNotificationsReadInput,
  ) {
    return done({ notifications: await context.use(NotificationService).markRead(notificationIds) })
  }

  @Action(() => MarkNotificationsUnreadPayload, {
    description: 'Takes back that you have read these notifications of yours.',
  })
  async markNotificationsUnread(
    @Ctx() context: Context,
    @InputArgument(() => MarkNotificationsUnreadInput) { notificationIds }: MarkNotificationsUnreadInput,
  ) {
    return done({ notifications: await context.use(NotificationService).markUnread(notificationIds) })
  }

  @Action(() => MarkAllNotificationsReadPayload, {
    description: 'Notes that you have read all of your notifications, up to a moment.',
  })
  async markAllNotificationsRead(
    @Ctx() context: Context,
    @InputArgument(() => MarkAllNotificationsReadInput) { until }: MarkAllNotificationsReadInput,
  ) {
    return done({ count: await context.use(NotificationService).markAllRead(until ?? null) })
  }

  @Subscription(() => InboxEventType, {
    nullable: true,
    description:
      'What happens in your inbox, as it happens, each event once; after a cursor also what you have missed of the last day. Needs a session.',
    subscribe: ({ context, args }: { context: Context; args: { after?: string } }) =>
      follow(context, inboxTopic(requireSession(context.viewer).userId), { after: args.after }),
  })
  async viewerNotificationsChanged(
    @Ctx() context: Context,
    @Root() { cursor, event }: StreamEvent,
    @Args(() => FollowArguments) _arguments: FollowArguments,
  ): Promise<InboxEventType> {
    const { kind, notificationId } = event as InboxEvent
    const { userId } = requireSession(context.viewer)
    const [notification, unreadCount] = await Promise.all([
      notificationId === null ? null : context.load(notificationById, notificationId),
      context.load(unreadNotifications, userId),
    ])
    return { cursor, kind, notification, unreadCount }
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description: 'What it is about; null where it is not there any more, or not for them to see.',
  })
  target(@Ctx() context: Context, @Root() { target }: NotificationRow): Promise<object | null> {
    return findNode(context, fromGlobalId(target))
  }

  @FieldResolver(() => [UserType], {
    description: 'Who has done it, the last first: three at most; without those who are not shown.',
  })
  async actors(@Ctx() context: Context, @Root() { id }: NotificationRow): Promise<UserRow[]> {
    const found = await context.load(actorsOfNotification, id)
    const people = await Promise.all((found?.actorIds ?? []).map((each: Id) => context.load(userById, each)))
    return people.filter((person) => person !== null)
  }

  @FieldResolver(() => Int, { description: 'How many people have done it.' })
  async actorCount(@Ctx() context: Context, @Root() { id }: NotificationRow): Promise<number> {
    return (await context.load(actorsOfNotification, id))?.actorCount ?? 0
  }

  @FieldResolver(() => Int, { description: 'How often it has happened.' })
  async count(@Ctx() context: Context, @Root() { id }: NotificationRow): Promise<number> {
    return (await context.load(actorsOfNotification, id))?.count ?? 0
  }
}

@Resolver(() => UserType)
export class UserNotificationsResolver {
  @FieldResolver(() => NotificationConnection, {
    nullable: true,
    description:
      'What this person is told, where something has happened last first. For the person themselves, in a session.',
  })
  async notifications(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => NotificationArguments) { filter, ...page }: NotificationArguments,
  ): Promise<Connection<NotificationRow>> {
    const notifications = context.use(NotificationService)
    const asked = { userId: id, isUnread: filter?.isUnread ?? false, topic: filter?.topic ?? null }
    return toConnection(await notifications.list(asked, page), () => notifications.count(asked))
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'How many notifications this person has yet to read. For the person themselves, in a session.',
  })
  unreadNotificationCount(@Ctx() context: Context, @Root() { id }: UserRow): Promise<number> {
    return context.load(unreadNotifications, id)
  }
}
