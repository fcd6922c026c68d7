import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holds, ownId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { isShown } from '../../db/reach'
import { BulkJob } from './bulk-job.entity'

const COLUMNS = [
  'id',
  'action',
  'startedById',
  'total',
  'isFound',
  'doneCount',
  'failedCount',
  'createdAt',
  'startedAt',
  'endedAt',
  'isCancelled',
] as const
export type BulkJobRow = Pick<BulkJob, (typeof COLUMNS)[number]>

const NEWEST_FIRST: ListOrder<BulkJobRow> = { columns: ['createdAt', 'id'], descending: true }

/** Every question about bulk jobs. People see those that they have started; `audit:read` over everybody sees all. */
export class BulkJobRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<BulkJobRow[]> {
    return this.visible().andWhere('job.id = ANY(:ids)', { ids }).getRawMany<BulkJobRow>()
  }

  async list(page: PageRequest): Promise<Page<BulkJobRow>> {
    return readPage(this.visible(), NEWEST_FIRST, page)
  }

  async count(): Promise<number> {
    return this.visible().getCount()
  }

  /**
   * The whole row, locked until the transaction ends: what is done to one person after the other is done by one at a time,
   * and not after it has been cancelled.
   * @visibility the worker asks, or a use case that has found it visible
   */
  async lock(id: Id): Promise<BulkJob | null> {
    return this.db.repo(BulkJob).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  async add(job: BulkJob): Promise<void> {
    await this.db.repo(BulkJob).insert(job)
  }

  async save({ id, ...columns }: BulkJob): Promise<void> {
    await this.db.repo(BulkJob).update({ id }, columns)
  }

  private visible(): SelectQueryBuilder<BulkJob> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, BulkJob, 'job', COLUMNS)
    if (!holds(viewer, 'audit:read'))
      return query.where('job.startedById = :own', { own: ownId(viewer, 'audit:read') })
    return query.where(...isShown(viewer, 'job.startedById'))
  }
}
