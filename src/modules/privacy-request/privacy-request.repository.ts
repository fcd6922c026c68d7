import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach, withinReach } from '../../db/reach'
import { PrivacyRequest } from './privacy-request.entity'
import { OPEN, type PrivacyRequestKind, type PrivacyRequestStatus } from './privacy-request-kind'

const COLUMNS = [
  'id',
  'userId',
  'kind',
  'status',
  'purpose',
  'body',
  'outcomeNote',
  'extensionReason',
  'receivedAt',
  'dueAt',
  'extendedAt',
  'doneAt',
  'handledById',
  'version',
] as const
export type PrivacyRequestRow = Pick<PrivacyRequest, (typeof COLUMNS)[number]>

export interface PrivacyRequestFilter {
  kind?: PrivacyRequestKind
  status?: PrivacyRequestStatus
  /** Open, and should have been answered by now; or the others. */
  overdue?: boolean
}

const NEWEST_FIRST: ListOrder<PrivacyRequestRow> = { columns: ['receivedAt', 'id'], descending: true }
const BY_DUE_DATE: ListOrder<PrivacyRequestRow> = { columns: ['dueAt', 'id'], descending: false }

/** What SQL says for: it should have been answered by now. It is the only answer, for nothing is written when a time is over. */
const IS_OVERDUE = `(request.status IN ('received', 'in-progress') AND request.due_at < :now)`

/** Every question about requests. People see their own; `privacy:manage` sees those of the people whom it reaches. */
export class PrivacyRequestRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<PrivacyRequestRow[]> {
    return this.visible().andWhere('request.id = ANY(:ids)', { ids }).getRawMany<PrivacyRequestRow>()
  }

  async listOf(userId: Id, page: PageRequest): Promise<Page<PrivacyRequestRow>> {
    return readPage(this.of(userId), NEWEST_FIRST, page)
  }

  async countOf(userId: Id): Promise<number> {
    return this.of(userId).getCount()
  }

  /** The queue: what is due first comes first. */
  async list(filter: PrivacyRequestFilter, page: PageRequest): Promise<Page<PrivacyRequestRow>> {
    return readPage(this.matching(filter), BY_DUE_DATE, page)
  }

  async count(filter: PrivacyRequestFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  /**
   * The whole row, locked until the transaction ends, so that a check and the change that it allows are one.
   * @visibility the use case asks whose it is before it changes or shows anything
   */
  async lock(id: Id): Promise<PrivacyRequest | null> {
    return this.db.repo(PrivacyRequest).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  /**
   * The open request of a kind that somebody has, the oldest first.
   * @visibility a use case asks on behalf of the person
   */
  async findOpen(userId: Id, kind: PrivacyRequestKind): Promise<PrivacyRequestRow | null> {
    const row = await this.select()
      .where('request.userId = :userId AND request.kind = :kind', { userId, kind })
      .andWhere('request.status = ANY(:open)', { open: OPEN })
      .orderBy('request.receivedAt')
      .addOrderBy('request.id')
      .limit(1)
      .getRawOne<PrivacyRequestRow>()
    return row ?? null
  }

  /**
   * Whatever somebody has asked that nobody has answered, what is due first first.
   * @visibility whoever operates Portico asks, from the command line
   */
  async findAllOpen(userId: Id): Promise<PrivacyRequestRow[]> {
    return this.select()
      .where('request.userId = :userId AND request.status = ANY(:open)', { userId, open: OPEN })
      .orderBy('request.dueAt')
      .addOrderBy('request.id')
      .getRawMany<PrivacyRequestRow>()
  }

  /**
   * Some requests that have become overdue and of which the trail has not been told, which it is now; locked.
   * @visibility a task asks, which shows nobody anything
   */
  async markOverdue(limit: number): Promise<Pick<PrivacyRequest, 'id' | 'userId' | 'kind'>[]> {
    return this.db.query(
      `WITH told AS (
         UPDATE privacy_requests SET overdue_told_at = $1
         WHERE id IN (
           SELECT id FROM privacy_requests
           WHERE status IN ('received', 'in-progress') AND due_at < $1 AND overdue_told_at IS NULL
           ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
         ) RETURNING id, user_id AS "userId", kind
       ) SELECT * FROM told`,
      [this.db.now, limit],
    )
  }

  async add(request: PrivacyRequest): Promise<void> {
    await this.db.repo(PrivacyRequest).insert(request)
  }

  async save({ id, ...columns }: PrivacyRequest): Promise<void> {
    await this.db.repo(PrivacyRequest).update({ id }, columns)
  }

  private of(userId: Id): SelectQueryBuilder<PrivacyRequest> {
    return this.visible().andWhere('request.userId = :userId', { userId })
  }

  /** The queue is staff's: it holds nobody whom their permission does not reach. */
  private matching({ kind, status, overdue }: PrivacyRequestFilter): SelectQueryBuilder<PrivacyRequest> {
    const { viewer } = this.db.caller
    const query = this.select().where(...withinReach(viewer, 'request.userId', 'privacy:manage'))
    if (kind) query.andWhere('request.kind = :kind', { kind })
    if (status) query.andWhere('request.status = :status', { status })
    if (overdue != null) query.andWhere(overdue ? IS_OVERDUE : `NOT ${IS_OVERDUE}`, { now: this.db.now })
    return query
  }

  private visible(): SelectQueryBuilder<PrivacyRequest> {
    const { viewer } = this.db.caller
    return this.select().where(...ownOrWithinReach(viewer, 'request.userId', 'privacy:manage'))
  }

  private select(): SelectQueryBuilder<PrivacyRequest> {
    return selectRows(this.db, PrivacyRequest, 'request', COLUMNS)
  }
}
