import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { publish } from '../../db/event-stream'
import type { Message } from '../../db/pub-sub'

/** What happens in an inbox. */
export enum InboxEventKind {
  NOTIFIED = 'notified',
  READ = 'read',
  UNREAD = 'unread',
  RETRACTED = 'retracted',
}

export interface InboxEvent extends Message {
  kind: InboxEventKind
  /** Null where it is about several, or one that is gone. */
  notificationId: Id | null
}

/** The topic of what happens in somebody's inbox. */
export const inboxTopic = (userId: Id): string => `inbox:${userId}`

/** Tells whoever follows this inbox. */
export const tellInbox = (tx: Database, userId: Id, event: InboxEvent): Promise<void> =>
  publish(tx, [inboxTopic(userId)], event)
