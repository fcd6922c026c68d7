import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { partiesOf } from '../../core/viewer'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { withinReach } from '../../db/reach'
import { TicketChange } from './ticket-change.entity'

const COLUMNS = ['id', 'ticketId', 'userId', 'changedById', 'changedAt', 'field', 'before', 'after'] as const
export type TicketChangeRow = Pick<TicketChange, (typeof COLUMNS)[number]>

const OLDEST_FIRST: ListOrder<TicketChangeRow> = { columns: ['changedAt', 'id'], descending: false }

/** Every question about the history of tickets. Whoever deals with the ticket sees it; nobody sees that of their own. */
export class TicketChangeRepository {
  constructor(private readonly db: Database) {}

  async list(ticketId: Id, page: PageRequest): Promise<Page<TicketChangeRow>> {
    return readPage(this.ofTicket(ticketId), OLDEST_FIRST, page)
  }

  async count(ticketId: Id): Promise<number> {
    return this.ofTicket(ticketId).getCount()
  }

  async add(changes: readonly TicketChange[]): Promise<void> {
    await insertRows(this.db, TicketChange, changes)
  }

  private ofTicket(ticketId: Id): SelectQueryBuilder<TicketChange> {
    const { viewer } = this.db.caller
    return selectRows(this.db, TicketChange, 'change', COLUMNS)
      .where('change.userId <> ALL(:themselves)', { themselves: partiesOf(viewer) })
      .andWhere(...withinReach(viewer, 'change.userId', 'tickets:answer'))
      .andWhere('change.ticketId = :ticketId', { ticketId })
  }
}
