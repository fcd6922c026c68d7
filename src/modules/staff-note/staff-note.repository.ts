import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { readerId, viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { withinReach } from '../../db/reach'
import { StaffNote } from './staff-note.entity'

const COLUMNS = ['id', 'subjectId', 'authorId', 'body', 'createdAt', 'updatedAt', 'version'] as const
export type StaffNoteRow = Pick<StaffNote, (typeof COLUMNS)[number]>

const NEWEST_FIRST: ListOrder<StaffNoteRow> = { columns: ['createdAt', 'id'], descending: true }

/** Every question about staff notes. `notes:read` sees those about the people whom it reaches, but oneself. */
export class StaffNoteRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<StaffNoteRow[]> {
    return this.visible().andWhere('note.id = ANY(:ids)', { ids }).getRawMany<StaffNoteRow>()
  }

  async list(subjectId: Id, page: PageRequest): Promise<Page<StaffNoteRow>> {
    return readPage(this.about(subjectId), NEWEST_FIRST, page)
  }

  async count(subjectId: Id): Promise<number> {
    return this.about(subjectId).getCount()
  }

  /** A note that the viewer may see, locked until the transaction ends. */
  async lock(id: Id): Promise<StaffNoteRow | null> {
    const query = this.visible().andWhere('note.id = :id', { id }).setLock('pessimistic_write')
    return (await query.getRawOne<StaffNoteRow>()) ?? null
  }

  async add(note: StaffNote): Promise<void> {
    await this.db.repo(StaffNote).insert(note)
  }

  async save({ id, ...columns }: StaffNote): Promise<void> {
    await this.db.repo(StaffNote).update({ id }, columns)
  }

  async remove(id: Id): Promise<void> {
    await this.db.repo(StaffNote).delete({ id })
  }

  private about(subjectId: Id): SelectQueryBuilder<StaffNote> {
    return this.visible().andWhere('note.subjectId = :subjectId', { subjectId })
  }

  private visible(): SelectQueryBuilder<StaffNote> {
    const { viewer } = this.db.caller
    return selectRows(this.db, StaffNote, 'note', COLUMNS)
      .where('note.subjectId <> ALL(:themselves)', { themselves: [viewerId(viewer), readerId(viewer)] })
      .andWhere(...withinReach(viewer, 'note.subjectId', 'notes:read'))
  }
}
