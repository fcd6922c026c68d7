import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { ownId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { BlockKind } from './block-kind'
import { Block } from './block.entity'

const COLUMNS = ['id', 'personId', 'blockedId', 'kind', 'endsAt', 'createdAt'] as const
export type BlockRow = Pick<Block, (typeof COLUMNS)[number]>

const NEWEST_FIRST: ListOrder<BlockRow> = { columns: ['createdAt', 'id'], descending: true }

/** Every question about who has blocked or muted whom. People see their own, and nobody else's. */
export class BlockRepository {
  constructor(private readonly db: Database) {}

  async list(personId: Id, kind: BlockKind, page: PageRequest): Promise<Page<BlockRow>> {
    return readPage(this.visible(personId, kind), NEWEST_FIRST, page)
  }

  async count(personId: Id, kind: BlockKind): Promise<number> {
    return this.visible(personId, kind).getCount()
  }

  /** @visibility whoever blocks asks about their own */
  async find(personId: Id, kind: BlockKind, blockedId: Id): Promise<BlockRow | null> {
    return this.db.repo(Block).findOneBy({ personId, kind, blockedId })
  }

  /** @visibility whoever blocks asks about their own */
  async countOf(personId: Id, kind: BlockKind): Promise<number> {
    return this.db.repo(Block).countBy({ personId, kind })
  }

  /**
   * Which of these people a person has blocked.
   * @visibility what blocks keep away follows from them; no row is shown
   */
  async blockedBy(personId: Id, people: readonly Id[]): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      'SELECT blocked_id AS id FROM blocks WHERE person_id = $1 AND kind = $2 AND blocked_id = ANY($3)',
      [personId, BlockKind.BLOCKED, people],
    )
    return rows.map(({ id }) => id)
  }

  /**
   * Which of these people have blocked a person.
   * @visibility what blocks keep away follows from them; no row is shown
   */
  async blockersOf(personId: Id, people: readonly Id[]): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      'SELECT person_id AS id FROM blocks WHERE blocked_id = $1 AND kind = $2 AND person_id = ANY($3)',
      [personId, BlockKind.BLOCKED, people],
    )
    return rows.map(({ id }) => id)
  }

  async add(block: Block): Promise<void> {
    await this.db.repo(Block).insert(block)
  }

  async save({ id, ...columns }: Block): Promise<void> {
    await this.db.repo(Block).update({ id }, columns)
  }

  async remove(id: Id): Promise<void> {
    await this.db.repo(Block).delete({ id })
  }

  /** Removes what has ended by itself. */
  async removeOver(personId: Id): Promise<void> {
    await this.db.query('DELETE FROM blocks WHERE person_id = $1 AND ends_at <= $2', [personId, this.db.now])
  }

  private visible(personId: Id, kind: BlockKind): SelectQueryBuilder<Block> {
    const { viewer } = this.db.caller
    return selectRows(this.db, Block, 'block', COLUMNS)
      .where('block.personId = :own AND block.personId = :personId', { own: ownId(viewer), personId })
      .andWhere('block.kind = :kind', { kind })
      .andWhere('(block.endsAt IS NULL OR block.endsAt > :now)', { now: this.db.now })
  }
}
