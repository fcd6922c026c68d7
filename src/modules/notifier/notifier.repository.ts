import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { isHidden } from '../../db/reach'
import { isKeptAway } from '../block/block-condition'
import type { NewNotification } from '../notification/notification.service'
import { isActive } from '../user/user-status'
import { isOfUnwantedConversation } from './conversation-news'
import type { NotificationDigest } from './notification-digest.entity'
import { NotificationMute } from './notification-mute.entity'

/** Somebody who can be told something. */
export interface Reachable {
  userId: Id
  timeZone: string
}

/** Something that somebody has yet to read and wants to hear of. */
export interface Unread extends Pick<NewNotification, 'id' | 'topic' | 'kind' | 'isInInbox'> {
  /** The global id of what it is about. */
  target: string
}

/** SQL for: a notification is to be read, and was not told by mail, nor is to be. */
const IS_UNTOLD = `told.is_in_inbox AND told.read_at IS NULL AND (told.mailed_at IS NULL OR told.mailed_at < told.happened_at)
  AND NOT EXISTS (SELECT FROM notification_mails mail WHERE mail.notification_id = told.id)`

/** SQL for: somebody has a mail or a summary to come, after a moment, or could have a summary. */
const isWaiting = (person: string, now: string): string =>
  `(EXISTS (SELECT FROM notification_mails mail WHERE mail.user_id = ${person} AND mail.due_at > ${now})
     OR EXISTS (SELECT FROM notification_digests digest WHERE digest.user_id = ${person} AND digest.due_at > ${now})
     OR EXISTS (SELECT FROM notifications told WHERE told.user_id = ${person} AND ${IS_UNTOLD}))`

/** Every question about who is told what by which way, and when. Portico asks them, on nobody's behalf. */
export class NotifierRepository {
  constructor(private readonly db: Database) {}

  /**
   * Those of these people who are told of what somebody does: who use their account, and have neither blocked nor muted that person,
   * nor muted the post that it is about. @visibility Portico tells them
   */
  async reachable(
    people: readonly Id[],
    { actorId, postId }: { actorId: Id | null; postId: Id | null },
  ): Promise<Reachable[]> {
    return this.db.query(
      `SELECT id AS "userId", time_zone AS "timeZone" FROM users person
       WHERE id = ANY($1) AND id IS DISTINCT FROM $2::uuid AND ${isActive('person', '$4')} AND NOT ${isHidden('person')}
         AND NOT ${isKeptAway('person.id', '$2', '$4')}
         AND NOT EXISTS (SELECT FROM notification_mutes mute WHERE mute.user_id = person.id AND mute.post_id = $3)`,
      [people, actorId, postId, this.db.now],
    )
  }

  /** Somebody who has mails or a summary to come, as they are by now; null where they are not told anything. @visibility as `reachable` */
  async reach(userId: Id): Promise<Reachable | null> {
    const [row] = await this.db.query<Reachable>(
      `SELECT id AS "userId", time_zone AS "timeZone" FROM users person
       WHERE id = $1 AND ${isActive('person', '$2')} AND NOT ${isHidden('person')}`,
      [userId, this.db.now],
    )
    return row ?? null
  }

  /** Which of these posts somebody has muted. @visibility the viewer asks about themselves */
  async mutedAmong(userId: Id, postIds: readonly Id[]): Promise<Id[]> {
    const rows = await this.db.query<{ postId: Id }>(
      'SELECT post_id AS "postId" FROM notification_mutes WHERE user_id = $1 AND post_id = ANY($2)',
      [userId, postIds],
    )
    return rows.map(({ postId }) => postId)
  }

  /** @visibility as `mutedAmong` */
  async countMutes(userId: Id): Promise<number> {
    return this.db.repo(NotificationMute).countBy({ userId })
  }

  async addMute(mute: NotificationMute): Promise<void> {
    await this.db.repo(NotificationMute).insert(mute)
  }

  /** @visibility as `mutedAmong` */
  async removeMute(userId: Id, postId: Id): Promise<boolean> {
    const { affected } = await this.db.repo(NotificationMute).delete({ userId, postId })
    return affected === 1
  }

  /** Has these mails sent, unless they are to be sent already. @visibility Portico tells them */
  async addMails(mails: readonly { notificationId: Id; userId: Id; dueAt: Date }[]): Promise<void> {
    if (mails.length === 0) return
    await this.db.query(
      `INSERT INTO notification_mails (notification_id, user_id, due_at)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) ORDER BY 1 ON CONFLICT DO NOTHING`,
      [
        mails.map(({ notificationId }) => notificationId),
        mails.map(({ userId }) => userId),
        mails.map(({ dueAt }) => dueAt),
      ],
    )
  }

  /** Has these people told by a summary, unless one is to come already. @visibility Portico tells them */
  async addDigests(digests: readonly NotificationDigest[]): Promise<void> {
    if (digests.length === 0) return
    await this.db.query(
      `INSERT INTO notification_digests (user_id, due_at, slot_at)
       SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) ORDER BY 1 ON CONFLICT DO NOTHING`,
      columnsOf(digests),
    )
  }

  /** Those of these people who have mails or a summary to come, but not by now, or could have one. @visibility as `reachable` */
  async waiting(people: readonly Id[]): Promise<Reachable[]> {
    return this.db.query(
      `SELECT id AS "userId", time_zone AS "timeZone" FROM users person WHERE id = ANY($1) AND ${isWaiting('person.id', '$2')}`,
      [people, this.db.now],
    )
  }

  /** The same of the members of a group, in the order of their ids, up to so many. @visibility as `reachable` */
  async waitingMembers(groupId: Id, after: Id | null, limit: number): Promise<Id[]> {
    const rows = await this.db.query<{ userId: Id }>(
      `SELECT user_id AS "userId" FROM group_members member
       WHERE group_id = $1 AND ($2::uuid IS NULL OR user_id > $2) AND ${isWaiting('member.user_id', '$3')} ORDER BY user_id LIMIT $4`,
      [groupId, after, this.db.now, limit],
    )
    return rows.map(({ userId }) => userId)
  }

  /** The mails to come of these people, but not by now. @visibility Portico tells them */
  async mailsOf(
    people: readonly Id[],
  ): Promise<{ notificationId: Id; userId: Id; createdAt: Date; mailedAt: Date | null }[]> {
    return this.db.query(
      `SELECT mail.notification_id AS "notificationId", mail.user_id AS "userId", told.created_at AS "createdAt", told.mailed_at AS "mailedAt"
       FROM notification_mails mail JOIN notifications told ON told.id = mail.notification_id
       WHERE mail.user_id = ANY($1) AND mail.due_at > $2`,
      [people, this.db.now],
    )
  }

  /** Has mails sent at another moment. @visibility Portico tells them */
  async setMailsDue(mails: readonly { notificationId: Id; dueAt: Date }[]): Promise<void> {
    await this.db.query(
      `UPDATE notification_mails mail SET due_at = given.due_at
       FROM unnest($1::uuid[], $2::timestamptz[]) AS given (notification_id, due_at) WHERE mail.notification_id = given.notification_id`,
      [mails.map(({ notificationId }) => notificationId), mails.map(({ dueAt }) => dueAt)],
    )
  }

  /** For when the summaries of these people are that are to come, but not by now. @visibility Portico tells them */
  async digestsOf(people: readonly Id[]): Promise<{ userId: Id; slotAt: Date }[]> {
    return this.db.query(
      `SELECT user_id AS "userId", coalesce(slot_at, due_at) AS "slotAt" FROM notification_digests
       WHERE user_id = ANY($1) AND due_at > $2 ORDER BY user_id FOR UPDATE`,
      [people, this.db.now],
    )
  }

  /** Has summaries sent at another moment. @visibility Portico tells them */
  async setDigestsDue(digests: readonly NotificationDigest[]): Promise<void> {
    await this.db.query(
      `UPDATE notification_digests digest SET due_at = given.due_at, slot_at = given.slot_at
       FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS given (user_id, due_at, slot_at)
       WHERE digest.user_id = given.user_id`,
      columnsOf(digests),
    )
  }

  /** @visibility they want no summary */
  async removeDigests(people: readonly Id[]): Promise<void> {
    await this.db.query('DELETE FROM notification_digests WHERE user_id = ANY($1)', [people])
  }

  /** Those of these people whom a summary has something to tell. @visibility Portico tells them */
  async untoldAmong(people: readonly Id[]): Promise<Id[]> {
    const rows = await this.db.query<{ userId: Id }>(
      `SELECT DISTINCT user_id AS "userId" FROM notifications told WHERE user_id = ANY($1) AND ${IS_UNTOLD}`,
      [people],
    )
    return rows.map(({ userId }) => userId)
  }

  /** People to whom a mail, or a summary, is due; up to so many. @visibility Portico tells them */
  async due(what: 'mails' | 'digests', limit: number): Promise<Id[]> {
    const rows = await this.db.query<{ userId: Id }>(
      `SELECT user_id AS "userId" FROM notification_${what} WHERE due_at <= $1 GROUP BY user_id ORDER BY min(due_at) LIMIT $2`,
      [this.db.now, limit],
    )
    return rows.map(({ userId }) => userId)
  }

  /**
   * The notifications of which mails are due to somebody, the last first, locked; those that another process sends are left to it.
   * @visibility Portico tells them
   */
  async lockMails(userId: Id): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      `SELECT told.id FROM notification_mails mail JOIN notifications told ON told.id = mail.notification_id
       WHERE mail.user_id = $1 AND mail.due_at <= $2 ORDER BY told.happened_at DESC, told.id DESC
       FOR UPDATE OF mail SKIP LOCKED`,
      [userId, this.db.now],
    )
    return rows.map(({ id }) => id)
  }

  /**
   * Those of these notifications that their owner has yet to read and wants to hear of: not of a thread or a conversation that they have muted by
   * now, nor of one that they have declined or left, nor where they have blocked or muted everybody who has done it. @visibility Portico tells them
   */
  async unreadAmong(ids: readonly Id[]): Promise<Unread[]> {
    return this.db.query(
      `SELECT id, topic, kind, target, is_in_inbox AS "isInInbox" FROM notifications told
       WHERE id = ANY($1) AND read_at IS NULL
         AND NOT EXISTS (SELECT FROM notification_mutes mute WHERE mute.user_id = told.user_id AND mute.post_id = told.post_id)
         AND NOT ${isOfUnwantedConversation('told', '$2')}
         AND EXISTS (SELECT FROM notification_causes cause
           WHERE cause.notification_id = told.id AND NOT ${isKeptAway('told.user_id', 'cause.actor_id', '$2')})`,
      [ids, this.db.now],
    )
  }

  /** Has what is due to somebody wait. @visibility Portico tells them */
  async postpone(what: 'mails' | 'digests', userId: Id, dueAt: Date): Promise<void> {
    await this.db.query(`UPDATE notification_${what} SET due_at = $3 WHERE user_id = $1 AND due_at <= $2`, [
      userId,
      this.db.now,
      dueAt,
    ])
  }

  /** @visibility Portico has told them */
  async removeMails(notificationIds: readonly Id[]): Promise<void> {
    await this.db.query('DELETE FROM notification_mails WHERE notification_id = ANY($1)', [notificationIds])
  }

  /** Notes that these were told by mail, which need not be told in a summary. @visibility as `removeMails` */
  async noteMailed(notificationIds: readonly Id[], at: Date): Promise<void> {
    await this.db.query('UPDATE notifications SET mailed_at = $2 WHERE id = ANY($1)', [notificationIds, at])
  }

  /** Notes that these were not told after all, as it was noted at a moment. Answers those that this changes. @visibility as `removeMails` */
  async noteUntold(notificationIds: readonly Id[], notedAt: Date): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      `WITH untold AS (UPDATE notifications SET mailed_at = NULL WHERE id = ANY($1) AND mailed_at = $2 RETURNING id) SELECT id FROM untold`,
      [notificationIds, notedAt],
    )
    return rows.map(({ id }) => id)
  }

  /** Takes the summary that is due to somebody; false where another process does, or has. @visibility Portico tells them */
  async takeDigest(userId: Id): Promise<boolean> {
    const rows = await this.db.query(
      `WITH taken AS (DELETE FROM notification_digests WHERE user_id IN (
         SELECT user_id FROM notification_digests WHERE user_id = $1 AND due_at <= $2 FOR UPDATE SKIP LOCKED)
       RETURNING user_id) SELECT FROM taken`,
      [userId, this.db.now],
    )
    return rows.length > 0
  }

  /** What somebody has to read and was not told by mail, nor is to be; the last first. @visibility Portico tells them */
  async untold(userId: Id): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      `SELECT id FROM notifications told WHERE user_id = $1 AND ${IS_UNTOLD} ORDER BY happened_at DESC, id DESC`,
      [userId],
    )
    return rows.map(({ id }) => id)
  }
}

const columnsOf = (digests: readonly NotificationDigest[]): unknown[] => [
  digests.map(({ userId }) => userId),
  digests.map(({ dueAt }) => dueAt),
  digests.map(({ slotAt }) => slotAt),
]
