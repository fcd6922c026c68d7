import type { SelectQueryBuilder } from 'typeorm'
import { UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holds } from '../../core/viewer'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ContentFilter } from './content-filter.entity'
import { FilteredKind } from './filter-terms'

constraintMeans(
  'content_filters_name_key',
  'name',
  UserErrorCode.TAKEN,
  'There is a filter of this name already.',
)

const COLUMNS = [
  'id',
  'name',
  'kind',
  'action',
  'covers',
  'terms',
  'youngerThanDays',
  'fewerPostsThan',
  'messageToAuthor',
  'isEnabled',
  'createdAt',
  'updatedAt',
  'version',
] as const
export type ContentFilterRow = Pick<ContentFilter, (typeof COLUMNS)[number]>

const OLDEST_FIRST: ListOrder<ContentFilterRow> = { columns: ['createdAt', 'id'], descending: false }

/** Somebody who writes something at a moment. */
export interface Writer {
  authorId: Id
  at: Date
}

/** Those who are new to something: whose account is younger, or who had published less. */
export type Newcomers = Pick<ContentFilter, 'youngerThanDays' | 'fewerPostsThan'>

/** What one person has written within a span of time. */
export interface Span {
  authorId: Id
  kinds: readonly FilteredKind[]
  since: Date
}

/** What SQL says for the pieces of each kind that somebody ($1) has written since a moment ($2), be it that they wait or are gone again. */
const WRITTEN: Readonly<Record<FilteredKind, string>> = {
  [FilteredKind.POST]: `SELECT FROM posts WHERE author_id = $1 AND published_at > $2
    UNION ALL SELECT FROM posts WHERE author_id = $1 AND status = 'held' AND updated_at > $2 AND published_at IS NULL`,
  [FilteredKind.COMMENT]: 'SELECT FROM comments WHERE author_id = $1 AND created_at > $2',
  [FilteredKind.MESSAGE]: 'SELECT FROM messages WHERE sender_id = $1 AND created_at > $2',
}

/** Every question about filters. `filters:manage` sees all, nobody else any. */
export class ContentFilterRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<ContentFilterRow[]> {
    return this.visible().andWhere('filter.id = ANY(:ids)', { ids }).getRawMany<ContentFilterRow>()
  }

  async list(page: PageRequest): Promise<Page<ContentFilterRow>> {
    return readPage(this.visible(), OLDEST_FIRST, page)
  }

  async count(): Promise<number> {
    return this.visible().getCount()
  }

  /**
   * How many are switched on.
   * @visibility whoever switches one on is told that there are too many
   */
  async countEnabled(): Promise<number> {
    return this.db.repo(ContentFilter).countBy({ isEnabled: true })
  }

  /**
   * Those that are switched on, and what they look at.
   * @visibility whatever somebody writes is looked at; what by, they are not shown
   */
  async enabled(): Promise<Pick<ContentFilterRow, 'id' | 'version' | 'covers'>[]> {
    return this.db.query('SELECT id, version, covers FROM content_filters WHERE is_enabled ORDER BY id')
  }

  /** @visibility as `enabled` */
  async findEnabled(): Promise<ContentFilterRow[]> {
    return this.select().where('filter.isEnabled').orderBy('filter.id').getRawMany<ContentFilterRow>()
  }

  /**
   * The whole row, locked until the transaction ends.
   * @visibility whoever manages filters changes them
   */
  async lock(id: Id): Promise<ContentFilter | null> {
    return this.db.repo(ContentFilter).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  async add(filter: ContentFilter): Promise<void> {
    await this.db.repo(ContentFilter).insert(filter)
  }

  async save({ id, ...columns }: ContentFilter): Promise<void> {
    await this.db.repo(ContentFilter).update({ id }, columns)
  }

  async remove(id: Id): Promise<void> {
    await this.db.repo(ContentFilter).delete({ id })
  }

  /**
   * Which of these writers were new at their moment, by their place in the list.
   * @visibility a filter asks, which shows nobody anything
   */
  async newcomersAmong(
    writers: readonly Writer[],
    { youngerThanDays, fewerPostsThan }: Newcomers,
  ): Promise<Set<number>> {
    const rows = await this.db.query<{ place: number }>(
      `SELECT writer.place::int AS place
       FROM unnest($1::uuid[], $2::timestamptz[]) WITH ORDINALITY AS writer (id, at, place)
         JOIN users person ON person.id = writer.id
       WHERE person.created_at > writer.at - $3::integer * interval '1 day'
         OR $4::integer IS NOT NULL AND (SELECT count(*) FROM (
           SELECT FROM posts WHERE posts.author_id = writer.id AND posts.published_at < writer.at
             AND posts.status = 'published' AND posts.deleted_at IS NULL LIMIT $4::integer
         ) published) < $4::integer`,
      [writers.map(({ authorId }) => authorId), writers.map(({ at }) => at), youngerThanDays, fewerPostsThan],
    )
    return new Set(rows.map(({ place }) => place - 1))
  }

  /**
   * How many pieces somebody has written, up to so many.
   * @visibility as `newcomersAmong`
   */
  async countWritten({ authorId, kinds, since }: Span, limit: number): Promise<number> {
    const [row] = await this.db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (${kinds.map((kind) => WRITTEN[kind]).join(' UNION ALL ')} LIMIT $3) written`,
      [authorId, since, limit],
    )
    return row!.count
  }

  private visible(): SelectQueryBuilder<ContentFilter> {
    const { viewer } = this.db.caller
    return this.select().where(holds(viewer, 'filters:manage') ? 'true' : 'false')
  }

  private select(): SelectQueryBuilder<ContentFilter> {
    return selectRows(this.db, ContentFilter, 'filter', COLUMNS)
  }
}
