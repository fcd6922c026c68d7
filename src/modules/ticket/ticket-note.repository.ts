import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { partiesOf } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { withinReach } from '../../db/reach'
import { TicketNote } from './ticket-note.entity'

const COLUMNS = ['id', 'ticketId', 'userId', 'authorId', 'noteText', 'createdAt'] as const
export type TicketNoteRow = Pick<TicketNote, (typeof COLUMNS)[number]>

const OLDEST_FIRST: ListOrder<TicketNoteRow> = { columns: ['createdAt', 'id'], descending: false }

/** Every question about what staff note in tickets. Whoever deals with the ticket sees it; nobody sees those about themselves. */
export class TicketNoteRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<TicketNoteRow[]> {
    return this.visible().andWhere('note.id = ANY(:ids)', { ids }).getRawMany<TicketNoteRow>()
  }

  async list(ticketId: Id, page: PageRequest): Promise<Page<TicketNoteRow>> {
    return readPage(this.ofTicket(ticketId), OLDEST_FIRST, page)
  }

  async count(ticketId: Id): Promise<number> {
    return this.ofTicket(ticketId).getCount()
  }

  async add(note: TicketNote): Promise<void> {
    await this.db.repo(TicketNote).insert(note)
  }

  /** All that was noted in a ticket stands in another one, of the same person. */
  async move(ticketId: Id, toTicketId: Id): Promise<void> {
    await this.db.repo(TicketNote).update({ ticketId }, { ticketId: toTicketId })
  }

  private ofTicket(ticketId: Id): SelectQueryBuilder<TicketNote> {
    return this.visible().andWhere('note.ticketId = :ticketId', { ticketId })
  }

  private visible(): SelectQueryBuilder<TicketNote> {
    const { viewer } = this.db.caller
    return selectRows(this.db, TicketNote, 'note', COLUMNS)
      .where('note.userId <> ALL(:themselves)', { themselves: partiesOf(viewer) })
      .andWhere(...withinReach(viewer, 'note.userId', 'tickets:answer'))
  }
}
