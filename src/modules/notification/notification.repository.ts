import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { ownId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { isKeptAway } from '../block/block-condition'
import type { NotificationTopic } from './notification-kind'
import { Notification } from './notification.entity'

const COLUMNS = ['id', 'userId', 'topic', 'kind', 'target', 'createdAt', 'happenedAt', 'readAt'] as const
export type NotificationRow = Pick<Notification, (typeof COLUMNS)[number]>

export interface NotificationFilter {
  userId: Id
  isUnread: boolean
  topic: NotificationTopic | null
}

/** Who has done what a notification tells: the last three, and how many they are. */
export interface NotificationActors {
  notificationId: Id
  actorIds: Id[]
  actorCount: number
  count: number
}

/** Something that has happened, which people are told of. */
export interface Occurrence {
  /** The one thing that it is. */
  key: string
  /** Null where nobody in particular has done it. */
  actorId: Id | null
  /** The global id of what it is about. */
  target: string
  /** The post to whose thread it belongs, which people can mute; null for none. */
  postId: Id | null
}

/** One of those who are told of it, and how. */
export type NewNotification = Pick<
  Notification,
  'id' | 'userId' | 'topic' | 'kind' | 'groupKey' | 'isInInbox'
>

const LATEST_FIRST: ListOrder<NotificationRow> = { columns: ['happenedAt', 'id'], descending: true }

/** Every question about what people are told. Each sees their own. */
export class NotificationRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<NotificationRow[]> {
    return this.visible().andWhere('notification.id = ANY(:ids)', { ids }).getRawMany<NotificationRow>()
  }

  async list(filter: NotificationFilter, page: PageRequest): Promise<Page<NotificationRow>> {
    return readPage(this.filtered(filter), LATEST_FIRST, page)
  }

  async count(filter: NotificationFilter): Promise<number> {
    return this.filtered(filter).getCount()
  }

  /** How many these people have yet to read. @visibility the policy lets nobody but the person ask */
  async countUnread(userIds: readonly Id[]): Promise<{ userId: Id; count: number }[]> {
    return this.db.query(
      `SELECT user_id AS "userId", count(*)::int AS count FROM notifications
       WHERE user_id = ANY($1) AND read_at IS NULL AND is_in_inbox GROUP BY user_id`,
      [userIds],
    )
  }

  /** Who has done what these tell, but whom this person keeps away from. @visibility whoever has the notifications may know */
  async actorsOf(ids: readonly Id[], keptAwayBy: Id | null = null): Promise<NotificationActors[]> {
    return this.db.query(
      `SELECT notification_id AS "notificationId", count(*)::int AS "actorCount", sum(count)::int AS count,
         (array_agg(actor_id ORDER BY last_at DESC, actor_id))[:3] AS "actorIds"
       FROM (SELECT notification_id, actor_id, max(happened_at) AS last_at, count(*) FROM notification_causes
         WHERE notification_id = ANY($1) AND actor_id IS NOT NULL AND NOT ${isKeptAway('$2', 'actor_id', '$3')}
         GROUP BY notification_id, actor_id) actors
       GROUP BY notification_id`,
      [ids, keptAwayBy, this.db.now],
    )
  }

  /**
   * Tells these people of what has happened: with what they have yet to read of its group, or by itself. Answers the notification of
   * each who did not know of it. @visibility Portico tells them
   */
  async add(
    { key, actorId, target, postId }: Occurrence,
    told: readonly NewNotification[],
    now: Date,
  ): Promise<Pick<Notification, 'id' | 'userId' | 'mailedAt'>[]> {
    const column = <Key extends keyof NewNotification>(name: Key) => told.map((each) => each[name])
    // In the order of people, as everybody does it: two that tell the same people wait for each other and never both at once.
    return this.db.query(
      `WITH noted AS (
         INSERT INTO notifications AS present (id, user_id, topic, kind, group_key, is_in_inbox, is_open, target, post_id, created_at, happened_at)
         SELECT id, user_id, topic, kind, group_key, is_in_inbox, true, $8, $11, $9, $9
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::boolean[])
           AS told (id, user_id, topic, kind, group_key, is_in_inbox)
         WHERE NOT EXISTS (SELECT FROM notification_causes known WHERE known.user_id = told.user_id AND known.key = $7)
         ORDER BY user_id, group_key
         ON CONFLICT (user_id, group_key) WHERE is_open DO UPDATE
           SET target = excluded.target, happened_at = excluded.happened_at,
             is_in_inbox = present.is_in_inbox OR excluded.is_in_inbox
         RETURNING id, user_id, mailed_at
       ), caused AS (
         INSERT INTO notification_causes (user_id, key, notification_id, actor_id, happened_at)
         SELECT user_id, $7, id, $10, $9 FROM noted
       )
       SELECT id, user_id AS "userId", mailed_at AS "mailedAt" FROM noted`,
      [
        column('id'),
        column('userId'),
        column('topic'),
        column('kind'),
        column('groupKey'),
        column('isInInbox'),
        key,
        target,
        now,
        actorId,
        postId,
      ],
    )
  }

  /**
   * Takes back what was told of one thing; with nothing else to tell, the notification goes too. Answers whose they were.
   * @visibility Portico takes back what it has told
   */
  async retract(key: string): Promise<Id[]> {
    const rows = await this.db.query<{ userId: Id }>(
      `WITH gone AS (DELETE FROM notification_causes WHERE key = $1 RETURNING notification_id, user_id),
       emptied AS (DELETE FROM notifications USING gone WHERE notifications.id = gone.notification_id
         AND NOT EXISTS (SELECT FROM notification_causes other WHERE other.notification_id = gone.notification_id AND other.key <> $1))
       SELECT user_id AS "userId" FROM gone ORDER BY user_id`,
      [key],
    )
    return rows.map(({ userId }) => userId)
  }

  /** Notes that somebody has read these of theirs, or has not. Answers those that this changes. @visibility they are their own */
  async setRead(userId: Id, ids: readonly Id[], readAt: Date | null): Promise<Id[]> {
    return this.changed(
      `UPDATE notifications SET read_at = $3, is_open = is_open AND $3::timestamptz IS NULL
       WHERE user_id = $1 AND id = ANY($2) AND (read_at IS NULL) <> ($3::timestamptz IS NULL) RETURNING id`,
      [userId, ids, readAt],
    )
  }

  /** Notes that somebody has read all that had happened by a moment. Answers those that this changes. @visibility as `setRead` */
  async setAllRead(userId: Id, until: Date, readAt: Date): Promise<Id[]> {
    return this.changed(
      'UPDATE notifications SET read_at = $3, is_open = false WHERE user_id = $1 AND happened_at <= $2 AND read_at IS NULL RETURNING id',
      [userId, until, readAt],
    )
  }

  /** Notes that somebody has seen elsewhere what a group tells. Answers those that this changes. @visibility as `setRead` */
  async setGroupRead(userId: Id, groupKey: string, readAt: Date): Promise<Id[]> {
    return this.changed(
      'UPDATE notifications SET read_at = $3, is_open = false WHERE user_id = $1 AND group_key = $2 AND read_at IS NULL RETURNING id',
      [userId, groupKey, readAt],
    )
  }

  private async changed(update: string, values: unknown[]): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(`WITH changed AS (${update}) SELECT id FROM changed`, values)
    return rows.map(({ id }) => id)
  }

  private filtered({ userId, isUnread, topic }: NotificationFilter): SelectQueryBuilder<Notification> {
    const query = this.visible().andWhere('notification.userId = :userId', { userId })
    if (isUnread) query.andWhere('notification.readAt IS NULL')
    if (topic !== null) query.andWhere('notification.topic = :topic', { topic })
    return query
  }

  private visible(): SelectQueryBuilder<Notification> {
    return selectRows(this.db, Notification, 'notification', COLUMNS)
      .where('notification.userId = :own', { own: ownId(this.db.caller.viewer) })
      .andWhere('notification.isInInbox')
  }
}
