import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { partiesOf } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach, withinReach } from '../../db/reach'
import { Appeal } from './appeal.entity'
import { AppealStatus } from './appeal-status'

const COLUMNS = [
  'id',
  'decisionId',
  'userId',
  'appealText',
  'status',
  'createdAt',
  'answer',
  'decidedById',
  'decidedAt',
  'version',
] as const
export type AppealRow = Pick<Appeal, (typeof COLUMNS)[number]>

export interface AppealFilter {
  /** Open appeals where nothing is said. */
  status?: AppealStatus
}

const OLDEST_FIRST: ListOrder<AppealRow> = { columns: ['createdAt', 'id'], descending: false }

/** Every question about appeals. People see their own; `posts:moderate` sees those of the people whom it reaches. */
export class AppealRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<AppealRow[]> {
    return this.visible().andWhere('appeal.id = ANY(:ids)', { ids }).getRawMany<AppealRow>()
  }

  async findByDecision(decisionIds: readonly Id[]): Promise<AppealRow[]> {
    return this.visible()
      .andWhere('appeal.decisionId = ANY(:decisionIds)', { decisionIds })
      .getRawMany<AppealRow>()
  }

  async list(filter: AppealFilter, page: PageRequest): Promise<Page<AppealRow>> {
    return readPage(this.matching(filter), OLDEST_FIRST, page)
  }

  async count(filter: AppealFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  /** How many appeals of others there are in each status that has any. */
  async countByStatus(): Promise<Map<AppealStatus, number>> {
    const rows = await this.ofOthers()
      .select('appeal.status', 'status')
      .addSelect('count(*)::int', 'count')
      .groupBy('appeal.status')
      .getRawMany<{ status: AppealStatus; count: number }>()
    return new Map(rows.map(({ status, count }) => [status, count]))
  }

  /** An appeal of somebody whom the viewer moderates, locked until the transaction ends. */
  async lockOfOthers(id: Id): Promise<AppealRow | null> {
    const query = this.ofOthers().andWhere('appeal.id = :id', { id }).setLock('pessimistic_write')
    return (await query.getRawOne<AppealRow>()) ?? null
  }

  /**
   * Whether a decision has been appealed against.
   * @visibility the viewer is the person, or was told of it by mail
   */
  async existsAgainst(decisionId: Id): Promise<boolean> {
    return this.db.repo(Appeal).existsBy({ decisionId })
  }

  async add(appeal: Appeal): Promise<void> {
    await this.db.repo(Appeal).insert(appeal)
  }

  async save({ id, ...columns }: Appeal): Promise<void> {
    await this.db.repo(Appeal).update({ id }, columns)
  }

  private matching({ status = AppealStatus.OPEN }: AppealFilter): SelectQueryBuilder<Appeal> {
    return this.ofOthers().andWhere('appeal.status = :status', { status })
  }

  private ofOthers(): SelectQueryBuilder<Appeal> {
    const { viewer } = this.db.caller
    return selectRows(this.db, Appeal, 'appeal', COLUMNS)
      .where('appeal.userId <> ALL(:themselves)', { themselves: partiesOf(viewer) })
      .andWhere(...withinReach(viewer, 'appeal.userId', 'posts:moderate'))
  }

  private visible(): SelectQueryBuilder<Appeal> {
    const { viewer } = this.db.caller
    return selectRows(this.db, Appeal, 'appeal', COLUMNS).where(
      ...ownOrWithinReach(viewer, 'appeal.userId', 'posts:moderate'),
    )
  }
}
