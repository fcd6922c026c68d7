import { IsNull, type SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { readerId, viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { reachOf } from '../../db/reach'
import { KeptText } from './kept-text.entity'
import { LegalHold } from './legal-hold.entity'

const COLUMNS = [
  'id',
  'userId',
  'holdReason',
  'caseReference',
  'placedById',
  'placedAt',
  'releasedAt',
  'releasedById',
] as const
export type LegalHoldRow = Pick<LegalHold, (typeof COLUMNS)[number]>

const NEWEST_FIRST: ListOrder<LegalHoldRow> = { columns: ['placedAt', 'id'], descending: true }

/** Every question about legal holds. `holds:manage` sees those about the people whom it reaches, but oneself. */
export class LegalHoldRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<LegalHoldRow[]> {
    return this.visible().andWhere('hold.id = ANY(:ids)', { ids }).getRawMany<LegalHoldRow>()
  }

  async list(userId: Id, page: PageRequest): Promise<Page<LegalHoldRow>> {
    return readPage(this.about(userId), NEWEST_FIRST, page)
  }

  async count(userId: Id): Promise<number> {
    return this.about(userId).getCount()
  }

  /** A hold that the viewer may see, locked until the transaction ends. */
  async lock(id: Id): Promise<LegalHoldRow | null> {
    const query = this.visible().andWhere('hold.id = :id', { id }).setLock('pessimistic_write')
    return (await query.getRawOne<LegalHoldRow>()) ?? null
  }

  /**
   * Those of these people whose data is held at this moment.
   * @visibility erasure and retention ask; nobody is shown it
   */
  async findHeld(userIds: readonly Id[]): Promise<Id[]> {
    const rows = await this.db.query<{ user_id: Id }>(
      'SELECT DISTINCT user_id FROM legal_holds WHERE user_id = ANY($1) AND released_at IS NULL',
      [userIds],
    )
    return rows.map(({ user_id }) => user_id)
  }

  /**
   * The holds on somebody's data that are in force, the oldest first.
   * @visibility whoever operates Portico asks, from the command line
   */
  async findInForce(userId: Id): Promise<LegalHoldRow[]> {
    return selectRows(this.db, LegalHold, 'hold', COLUMNS)
      .where('hold.userId = :userId AND hold.releasedAt IS NULL', { userId })
      .orderBy('hold.placedAt')
      .addOrderBy('hold.id')
      .getRawMany<LegalHoldRow>()
  }

  async add(hold: LegalHold): Promise<void> {
    await this.db.repo(LegalHold).insert(hold)
  }

  async release(id: Id, releasedById: Id): Promise<void> {
    const released = { releasedAt: this.db.now, releasedById }
    await this.db.repo(LegalHold).update({ id, releasedAt: IsNull() }, released)
  }

  async keep(text: KeptText): Promise<void> {
    await this.db.repo(KeptText).insert(text)
  }

  /**
   * What was kept of somebody's, the oldest first.
   * @visibility as `findInForce`
   */
  async findKept(authorId: Id): Promise<KeptText[]> {
    return this.db.repo(KeptText).find({ where: { authorId }, order: { keptAt: 'ASC', id: 'ASC' } })
  }

  private about(userId: Id): SelectQueryBuilder<LegalHold> {
    return this.visible().andWhere('hold.userId = :userId', { userId })
  }

  private visible(): SelectQueryBuilder<LegalHold> {
    const { viewer } = this.db.caller
    return (
      selectRows(this.db, LegalHold, 'hold', COLUMNS)
        .where('hold.userId <> ALL(:themselves)', { themselves: [viewerId(viewer), readerId(viewer)] })
        // Defending claims is what restricted data may be used for (GDPR art. 18(2)).
        .andWhere(...reachOf(viewer, 'hold.userId', 'holds:manage'))
    )
  }
}
