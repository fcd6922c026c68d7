import { defineLoader } from '../../context/loader'
import type { Id } from '../../core/id'
import { NotificationService, type NotificationActors, type NotificationRow } from './notification.service'

export type { NotificationActors, NotificationRow } from './notification.service'

export const notificationById = defineLoader<Id, NotificationRow, NotificationRow | null>(
  async (db, ids) => new Map((await new NotificationService(db).lookup(ids)).map((row) => [row.id, row])),
  null,
)

/** Who has done what many notifications tell, with one statement. */
export const actorsOfNotification = defineLoader<Id, NotificationActors, NotificationActors | null>(
  async (db, ids) =>
    new Map((await new NotificationService(db).actorsOf(ids)).map((row) => [row.notificationId, row])),
  null,
)

/** How many notifications many people have yet to read, with one statement. */
export const unreadNotifications = defineLoader<Id, number, number>(
  async (db, userIds) =>
    new Map(
      (await new NotificationService(db).countUnread(userIds)).map(({ userId, count }) => [userId, count]),
    ),
  0,
)
