import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { selectRows } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { Erasure } from './erasure.entity'

const COLUMNS = [
  'id',
  'userId',
  'requestId',
  'requestedAt',
  'erasesAt',
  'cancelledAt',
  'delayedAt',
  'erasedAt',
  'entries',
  'ledgerNumber',
  'certificate',
] as const
export type ErasureRow = Pick<Erasure, (typeof COLUMNS)[number]>

/** Every question about erasures. People see their own, `privacy:manage` those of whom it reaches. */
export class ErasureRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<ErasureRow[]> {
    return this.visible().andWhere('erasure.id = ANY(:ids)', { ids }).getRawMany<ErasureRow>()
  }

  /** The last one of each of these people, taken back or not. */
  async findLatest(userIds: readonly Id[]): Promise<ErasureRow[]> {
    return this.visible()
      .andWhere('erasure.userId = ANY(:userIds)', { userIds })
      .distinctOn(['erasure.userId'])
      .orderBy('erasure.userId')
      .addOrderBy('erasure.requestedAt', 'DESC')
      .addOrderBy('erasure.id', 'DESC')
      .getRawMany<ErasureRow>()
  }

  /**
   * The one that waits, locked until the transaction ends.
   * @visibility the viewer's own, as the use case asks for it
   */
  async lockPending(userId: Id): Promise<ErasureRow | null> {
    const query = this.rows()
      .where('erasure.userId = :userId AND erasure.cancelledAt IS NULL AND erasure.erasedAt IS NULL', {
        userId,
      })
      .setLock('pessimistic_write')
    return (await query.getRawOne<ErasureRow>()) ?? null
  }

  /**
   * Those whose time has come, or that have no certificate yet, by id.
   * @visibility asked by the job that erases
   */
  async findDue(limit: number): Promise<Pick<ErasureRow, 'id' | 'userId'>[]> {
    return this.rows()
      .where('erasure.cancelledAt IS NULL AND erasure.certificate IS NULL AND erasure.erasesAt <= :now', {
        now: this.db.now,
      })
      .orderBy('erasure.erasesAt')
      .limit(limit)
      .getRawMany<ErasureRow>()
  }

  /**
   * One, locked until the transaction ends.
   * @visibility asked by the job that erases
   */
  async lock(id: Id): Promise<ErasureRow | null> {
    const query = this.rows().where('erasure.id = :id', { id }).setLock('pessimistic_write')
    return (await query.getRawOne<ErasureRow>()) ?? null
  }

  /**
   * Whom somebody has been erased as since a moment.
   * @visibility asked by the job that looks again
   */
  async findErasedSince(since: Date): Promise<Id[]> {
    const rows = await this.rows().where('erasure.erasedAt >= :since', { since }).getRawMany<ErasureRow>()
    return rows.map(({ userId }) => userId)
  }

  async add(erasure: ErasureRow): Promise<void> {
    await this.db.repo(Erasure).insert(erasure)
  }

  async save({ id, ...columns }: Pick<ErasureRow, 'id'> & Partial<ErasureRow>): Promise<void> {
    await this.db.repo(Erasure).update({ id }, columns)
  }

  private rows(): SelectQueryBuilder<Erasure> {
    return selectRows(this.db, Erasure, 'erasure', COLUMNS)
  }

  private visible(): SelectQueryBuilder<Erasure> {
    return this.rows().where(...ownOrWithinReach(this.db.caller.viewer, 'erasure.userId', 'privacy:manage'))
  }
}
