import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { BulkJobItem } from './bulk-job-item.entity'
import { BulkOutcome } from './bulk-outcome'

const COLUMNS = ['userId', 'position', 'outcome', 'code', 'message', 'endedAt'] as const
export type BulkJobItemRow = Pick<BulkJobItem, (typeof COLUMNS)[number]>

const AS_DONE: ListOrder<BulkJobItemRow> = { columns: ['position'], descending: false }

/** Which people of a bulk job are meant. */
export interface BulkJobItemFilter {
  jobId: Id
  outcome?: BulkOutcome
}

/** Every question about the people whom a bulk job is about. */
export class BulkJobItemRepository {
  constructor(private readonly db: Database) {}

  /** @visibility whoever has found the job sees what it does */
  async list(filter: BulkJobItemFilter, page: PageRequest): Promise<Page<BulkJobItemRow>> {
    return readPage(this.matching(filter), AS_DONE, page)
  }

  /** @visibility as `list` */
  async count(filter: BulkJobItemFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  /** @visibility the worker asks whose turn it is */
  async userAt(jobId: Id, position: number): Promise<Id> {
    const { userId } = await this.db.repo(BulkJobItem).findOneOrFail({
      where: { jobId, position },
      select: { userId: true },
    })
    return userId
  }

  /** Adds people at the end, after so many. */
  async append(jobId: Id, after: number, userIds: readonly Id[]): Promise<void> {
    await this.db.query(
      `INSERT INTO bulk_job_items (job_id, position, user_id, outcome)
       SELECT $1, $2::int + place, user_id, '${BulkOutcome.WAITING}'
       FROM unnest($3::uuid[]) WITH ORDINALITY AS people (user_id, place)`,
      [jobId, after, userIds],
    )
  }

  async note(
    jobId: Id,
    position: number,
    result: Pick<BulkJobItem, 'outcome' | 'code' | 'message'>,
  ): Promise<void> {
    await this.db.repo(BulkJobItem).update({ jobId, position }, { ...result, endedAt: this.db.now })
  }

  private matching({ jobId, outcome }: BulkJobItemFilter): SelectQueryBuilder<BulkJobItem> {
    const query = selectRows(this.db, BulkJobItem, 'item', COLUMNS).where('item.jobId = :jobId', { jobId })
    return outcome ? query.andWhere('item.outcome = :outcome', { outcome }) : query
  }
}
