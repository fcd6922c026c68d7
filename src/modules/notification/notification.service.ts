import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import type { Notification } from './notification.entity'
import {
  NotificationRepository,
  type NewNotification,
  type NotificationActors,
  type NotificationFilter,
  type NotificationRow,
  type Occurrence,
} from './notification.repository'
import { InboxEventKind, tellInbox } from './notifications-changed'

export type { NewNotification, NotificationActors, NotificationFilter, NotificationRow, Occurrence }

/** What people are told: their inboxes. Whether, and how else, they are told, the notifier decides. */
export class NotificationService {
  private readonly notifications: NotificationRepository

  constructor(private readonly db: Database) {
    this.notifications = new NotificationRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<NotificationRow[]> {
    return this.notifications.lookup(ids)
  }

  async list(filter: NotificationFilter, page: PageRequest): Promise<Page<NotificationRow>> {
    return this.notifications.list(filter, page)
  }

  async count(filter: NotificationFilter): Promise<number> {
    return this.notifications.count(filter)
  }

  async countUnread(userIds: readonly Id[]): Promise<{ userId: Id; count: number }[]> {
    return this.notifications.countUnread(userIds)
  }

  /** Who has done what these tell; without those from whom somebody keeps away, where that is asked. */
  async actorsOf(ids: readonly Id[], keptAwayBy: Id | null = null): Promise<NotificationActors[]> {
    return this.notifications.actorsOf(ids, keptAwayBy)
  }

  /** Tells these people of what has happened, each once however often it is said. Answers who did not know of it. */
  async add(
    occurrence: Occurrence,
    told: readonly NewNotification[],
  ): Promise<Pick<Notification, 'id' | 'userId' | 'mailedAt'>[]> {
    if (told.length === 0) return []
    const added = await this.notifications.add(occurrence, told, this.db.now)
    const shown = new Set(told.filter(({ isInInbox }) => isInInbox).map(({ userId }) => userId))
    for (const { id, userId } of added)
      if (shown.has(userId))
        await tellInbox(this.db, userId, { kind: InboxEventKind.NOTIFIED, notificationId: id })
    return added
  }

  /** Takes back what people were told of a thing that is not there any more. */
  async retract(key: string): Promise<void> {
    const event = { kind: InboxEventKind.RETRACTED, notificationId: null }
    for (const userId of await this.notifications.retract(key)) await tellInbox(this.db, userId, event)
  }

  /** The viewer has seen elsewhere what a group tells them. */
  async readGroup(groupKey: string): Promise<void> {
    const { userId } = requireSession(this.db.caller.viewer)
    await this.tellRead(userId, await this.notifications.setGroupRead(userId, groupKey, this.db.now))
  }

  /** The viewer has read these of theirs. Answers them. @throws Rejected NOT_FOUND, REQUIRED */
  async markRead(ids: readonly Id[]): Promise<NotificationRow[]> {
    return this.mark(ids, true)
  }

  /** The viewer wants to read these of theirs anew. Answers them. @throws Rejected NOT_FOUND, REQUIRED */
  async markUnread(ids: readonly Id[]): Promise<NotificationRow[]> {
    return this.mark(ids, false)
  }

  /** The viewer has read all that had happened by a moment: by now where none is given. Answers how many. */
  async markAllRead(until: Date | null): Promise<number> {
    const { userId } = requireSession(this.db.caller.viewer)
    return this.db.transaction(async (tx) => {
      const { now } = tx
      const changed = await new NotificationRepository(tx).setAllRead(userId, until ?? now, now)
      await new NotificationService(tx).tellRead(userId, changed)
      return changed.length
    })
  }

  private async mark(ids: readonly Id[], isRead: boolean): Promise<NotificationRow[]> {
    const { userId } = requireSession(this.db.caller.viewer)
    if (ids.length === 0)
      throw rejected('notificationIds', UserErrorCode.REQUIRED, 'Name at least one notification.')
    return this.db.transaction(async (tx) => {
      const notifications = new NotificationRepository(tx)
      const known = new Set((await notifications.lookup(ids)).map(({ id }) => id))
      const unknown = ids.findIndex((id) => !known.has(id))
      if (unknown >= 0) {
        const field = ['notificationIds', `${unknown}`]
        throw rejected(field, UserErrorCode.NOT_FOUND, 'You have no such notification.')
      }
      const changed = await notifications.setRead(userId, ids, isRead ? tx.now : null)
      const kind = isRead ? InboxEventKind.READ : InboxEventKind.UNREAD
      await new NotificationService(tx).tellRead(userId, changed, kind)
      const rows = new Map((await notifications.lookup(ids)).map((row) => [row.id, row]))
      return [...new Set(ids)].map((id) => rows.get(id)!)
    })
  }

  private async tellRead(
    userId: Id,
    changed: readonly Id[],
    kind: InboxEventKind = InboxEventKind.READ,
  ): Promise<void> {
    if (changed.length === 0) return
    await tellInbox(this.db, userId, { kind, notificationId: changed.length === 1 ? changed[0]! : null })
  }
}
