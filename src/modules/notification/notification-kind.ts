/** What people are told about. Each is chosen by itself, as far as there is a choice. */
export enum NotificationTopic {
  SECURITY = 'security',
  MODERATION = 'moderation',
  MENTIONS = 'mentions',
  REPLIES = 'replies',
  MESSAGES = 'messages',
  PRODUCT = 'product',
}

/** What somebody is told. */
export enum NotificationKind {
  MENTION = 'mention',
  COMMENT = 'comment',
  REPLY = 'reply',
  MESSAGE = 'message',
  ANNOUNCEMENT = 'announcement',
}

/** The topic of each kind. */
export const TOPIC_OF: Readonly<Record<NotificationKind, NotificationTopic>> = {
  [NotificationKind.MENTION]: NotificationTopic.MENTIONS,
  [NotificationKind.COMMENT]: NotificationTopic.REPLIES,
  [NotificationKind.REPLY]: NotificationTopic.REPLIES,
  [NotificationKind.MESSAGE]: NotificationTopic.MESSAGES,
  [NotificationKind.ANNOUNCEMENT]: NotificationTopic.PRODUCT,
}
