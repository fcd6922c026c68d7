import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { TicketMessage } from './ticket-message.entity'

const COLUMNS = ['id', 'ticketId', 'userId', 'authorId', 'isFromStaff', 'writtenText', 'createdAt'] as const
export type TicketMessageRow = Pick<TicketMessage, (typeof COLUMNS)[number]>

const OLDEST_FIRST: ListOrder<TicketMessageRow> = { columns: ['createdAt', 'id'], descending: false }

/** Every question about what is said in tickets. Whoever sees the ticket sees it. */
export class TicketMessageRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<TicketMessageRow[]> {
    return this.visible().andWhere('message.id = ANY(:ids)', { ids }).getRawMany<TicketMessageRow>()
  }

  async list(ticketId: Id, page: PageRequest): Promise<Page<TicketMessageRow>> {
    return readPage(this.ofTicket(ticketId), OLDEST_FIRST, page)
  }

  async count(ticketId: Id): Promise<number> {
    return this.ofTicket(ticketId).getCount()
  }

  /** The last message of each of these tickets. */
  async findLast(ticketIds: readonly Id[]): Promise<TicketMessageRow[]> {
    return this.visible()
      .andWhere(
        `message.id IN (
           SELECT last.id FROM unnest(CAST(:ticketIds AS uuid[])) AS wanted (id) CROSS JOIN LATERAL (
             SELECT latest.id FROM ticket_messages latest WHERE latest.ticket_id = wanted.id
             ORDER BY latest.created_at DESC, latest.id DESC LIMIT 1
           ) last)`,
        { ticketIds },
      )
      .getRawMany<TicketMessageRow>()
  }

  async add(message: TicketMessage): Promise<void> {
    await this.db.repo(TicketMessage).insert(message)
  }

  /** All that was said in a ticket is said in another one, of the same person. */
  async move(ticketId: Id, toTicketId: Id): Promise<void> {
    await this.db.repo(TicketMessage).update({ ticketId }, { ticketId: toTicketId })
  }

  private ofTicket(ticketId: Id): SelectQueryBuilder<TicketMessage> {
    return this.visible().andWhere('message.ticketId = :ticketId', { ticketId })
  }

  private visible(): SelectQueryBuilder<TicketMessage> {
    const { viewer } = this.db.caller
    return selectRows(this.db, TicketMessage, 'message', COLUMNS).where(
      ...ownOrWithinReach(viewer, 'message.userId', 'tickets:answer'),
    )
  }
}
