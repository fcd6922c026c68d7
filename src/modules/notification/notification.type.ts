import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { NotificationKind, NotificationTopic } from './notification-kind'
import type { NotificationRow } from './notification.repository'
import { InboxEventKind } from './notifications-changed'

registerEnumType(NotificationTopic, {
  name: 'NotificationTopic',
  description:
    'What people are told about. How, they choose for each (`setNotificationSettings`), but for what they have to know.',
  valuesConfig: {
    SECURITY: {
      description:
        'What happens to how they sign in, and to their data. It is written to them, and listed in `Security.events`.',
    },
    MODERATION: {
      description:
        'What is decided about what they have written, or reported. It is written to them, and listed in `User.moderationDecisions` and `User.reports`.',
    },
    MENTIONS: { description: 'Somebody mentions them by `@username`.' },
    REPLIES: { description: 'Somebody answers what they have written.' },
    MESSAGES: { description: 'Somebody writes to them in private.' },
    PRODUCT: { description: 'There is news of the application, for everybody or for some.' },
  },
})

registerEnumType(NotificationKind, {
  name: 'NotificationKind',
  description: 'What somebody is told. More kinds may come: show `text` for those that you do not know.',
  valuesConfig: {
    MENTION: { description: 'A comment mentions them: `target`.' },
    COMMENT: { description: 'Somebody comments on their post: the comment is `target`.' },
    REPLY: { description: 'Somebody answers their comment: the answer is `target`.' },
    MESSAGE: { description: 'Somebody has written in a conversation of theirs: `target`.' },
    ANNOUNCEMENT: { description: 'There is news: `target` says it. Nobody in particular has done it.' },
  },
})

registerEnumType(InboxEventKind, {
  name: 'InboxEventKind',
  description: 'What happens in an inbox.',
  valuesConfig: {
    NOTIFIED: { description: 'There is something new, be it in a notification that was there already.' },
    READ: { description: 'One was read, or several were.' },
    UNREAD: { description: 'One is to be read anew, or several are.' },
    RETRACTED: { description: 'What it told is not there any more: read the list anew.' },
  },
})

@Type(
  'Notification',
  'Something that a person is told. What happens to one thing until they read it is one: "Ada and 3 others". For the person themselves, in a session.',
  { implements: Node },
)
export class NotificationType implements Pick<
  NotificationRow,
  'id' | 'topic' | 'kind' | 'createdAt' | 'happenedAt' | 'readAt'
> {
  @GlobalId('notification')
  id!: string

  @Shown(() => NotificationTopic, 'What it is about.')
  topic!: NotificationTopic

  @Shown(() => NotificationKind, 'What has happened.')
  kind!: NotificationKind

  @Shown(() => Date, 'When the first of it has happened.')
  createdAt!: Date

  @Shown(() => Date, 'When the last of it has happened.')
  happenedAt!: Date

  @Shown(() => Date, 'When they have read it; null until then.', true)
  readAt!: Date | null
}

export const NotificationConnection = connectionOf('Notification', () => NotificationType)

@Type('InboxEvent', 'Something that has happened in the inbox of whoever follows it.')
export class InboxEventType {
  @Shown(() => String, 'Marks this event: give it as `after` to go on from here.')
  cursor!: string

  @Shown(() => InboxEventKind, 'What has happened.')
  kind!: InboxEventKind

  @Shown(
    () => NotificationType,
    'The one that it is about; null for several, and for one that is gone.',
    true,
  )
  notification!: NotificationRow | null

  @Shown(() => Int, 'How many there are to read by now.')
  unreadCount!: number
}
