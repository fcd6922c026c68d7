import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holds, ownId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { NotificationKind } from '../notification/notification-kind'
import { Announcement } from './announcement.entity'

const COLUMNS = [
  'id',
  'texts',
  'isForEverybody',
  'purposeId',
  'perMinute',
  'sendAt',
  'servedCount',
  'toldCount',
  'mailedCount',
  'createdAt',
  'startedAt',
  'endedAt',
  'isCancelled',
  'failure',
] as const
export type AnnouncementRow = Pick<Announcement, (typeof COLUMNS)[number]>

const NEWEST_FIRST: ListOrder<AnnouncementRow> = { columns: ['sendAt', 'id'], descending: true }

/** The group of the notifications that tell of an announcement. */
export const groupOf = (id: Id): string => `announcement:${id}`

/** SQL for: a notification tells of the announcement of this id. */
const tellsOf = (notification: string, id: string): string =>
  `${notification}.kind = '${NotificationKind.ANNOUNCEMENT}' AND ${notification}.group_key = 'announcement:' || ${id}`

/** Every question about announcements. Who was told of one sees it; `announcements:send` over everybody sees all. */
export class AnnouncementRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<AnnouncementRow[]> {
    return this.visible().andWhere('announcement.id = ANY(:ids)', { ids }).getRawMany<AnnouncementRow>()
  }

  async list(page: PageRequest): Promise<Page<AnnouncementRow>> {
    return readPage(this.visible(), NEWEST_FIRST, page)
  }

  async count(): Promise<number> {
    return this.visible().getCount()
  }

  /** What these say. @visibility whoever was told of one is told what it says */
  async saidBy(
    ids: readonly Id[],
  ): Promise<Pick<Announcement, 'id' | 'texts' | 'purposeId' | 'isCancelled'>[]> {
    return this.db.query(
      'SELECT id, texts, purpose_id AS "purposeId", is_cancelled AS "isCancelled" FROM announcements WHERE id = ANY($1)',
      [ids],
    )
  }

  /** How many of those who were told of these have read it. @visibility the policy lets only those ask who may send announcements */
  async countReaders(ids: readonly Id[]): Promise<{ id: Id; count: number }[]> {
    return this.db.query(
      `SELECT id, (SELECT count(*)::int FROM notifications told WHERE ${tellsOf('told', 'asked.id')} AND told.read_at IS NOT NULL) AS count
       FROM unnest($1::uuid[]) AS asked (id)`,
      [ids],
    )
  }

  /**
   * The whole row, locked until the transaction ends: people have their turn once, and not after it has been cancelled.
   * @visibility the worker asks, or a use case that has found it visible
   */
  async lock(id: Id): Promise<Announcement | null> {
    return this.db.repo(Announcement).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  /** Those whose next people have their turn by now. @visibility the worker asks */
  async due(): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      'SELECT id FROM announcements WHERE ended_at IS NULL AND next_at <= $1 ORDER BY next_at, id',
      [this.db.now],
    )
    return rows.map(({ id }) => id)
  }

  async add(announcement: Announcement): Promise<void> {
    await this.db.repo(Announcement).insert(announcement)
  }

  async save({ id, texts: _, ...columns }: Announcement): Promise<void> {
    await this.db.repo(Announcement).update({ id }, columns)
  }

  private visible(): SelectQueryBuilder<Announcement> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, Announcement, 'announcement', COLUMNS)
    if (holds(viewer, 'announcements:send')) return query.where('true')
    return query.where(
      `EXISTS (SELECT FROM notifications told
         WHERE told.user_id = :own AND told.is_in_inbox AND ${tellsOf('told', 'announcement.id')})`,
      { own: ownId(viewer, 'announcements:send') },
    )
  }
}
