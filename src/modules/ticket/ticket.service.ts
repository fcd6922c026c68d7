import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { TicketChangeRepository, type TicketChangeRow } from './ticket-change.repository'
import { TicketMessage } from './ticket-message.entity'
import { TicketMessageRepository, type TicketMessageRow } from './ticket-message.repository'
import { TicketNote } from './ticket-note.entity'
import { TicketNoteRepository, type TicketNoteRow } from './ticket-note.repository'
import { hashedWords } from './ticket-words'
import { Ticket } from './ticket.entity'
import {
  TicketRepository,
  type OwnTicketFilter,
  type TicketCounts,
  type TicketFilter,
  type TicketOrder,
  type TicketQuery,
  type TicketRow,
  type TicketSpan,
} from './ticket.repository'

export type { TicketChangeRow, TicketMessageRow, TicketNoteRow, TicketRow }

/** A filter with what is looked for as somebody has typed it. */
export type Asked<Filter extends OwnTicketFilter> = Omit<Filter, 'query'> & { query?: string }

/** What is read of tickets. What is done with them are use cases of their own. */
export class TicketService {
  private readonly tickets: TicketRepository
  private readonly messages: TicketMessageRepository
  private readonly notes: TicketNoteRepository
  private readonly changes: TicketChangeRepository

  constructor(private readonly db: Database) {
    this.tickets = new TicketRepository(db)
    this.messages = new TicketMessageRepository(db)
    this.notes = new TicketNoteRepository(db)
    this.changes = new TicketChangeRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<TicketRow[]> {
    return this.tickets.lookup(ids)
  }

  async lookupQueued(ids: readonly Id[]): Promise<TicketRow[]> {
    return this.tickets.lookupQueued(ids)
  }

  async listOf(userId: Id, filter: Asked<OwnTicketFilter>, page: PageRequest): Promise<Page<TicketRow>> {
    return this.tickets.listOf(userId, this.read(filter), page)
  }

  async countOf(userId: Id, filter: Asked<OwnTicketFilter>): Promise<number> {
    return this.tickets.countOf(userId, this.read(filter))
  }

  async list(filter: Asked<TicketFilter>, order: TicketOrder, page: PageRequest): Promise<Page<TicketRow>> {
    return this.tickets.list(this.read(filter), order, page)
  }

  async count(filter: Asked<TicketFilter>): Promise<number> {
    return this.tickets.count(this.read(filter))
  }

  async statistics(span: TicketSpan): Promise<TicketCounts> {
    return this.tickets.statistics(span)
  }

  async lookupMessages(ids: readonly Id[]): Promise<TicketMessageRow[]> {
    return this.messages.lookup(ids)
  }

  async listMessages(ticketId: Id, page: PageRequest): Promise<Page<TicketMessageRow>> {
    return this.messages.list(ticketId, page)
  }

  async countMessages(ticketId: Id): Promise<number> {
    return this.messages.count(ticketId)
  }

  async lastMessages(ticketIds: readonly Id[]): Promise<TicketMessageRow[]> {
    return this.messages.findLast(ticketIds)
  }

  async lookupNotes(ids: readonly Id[]): Promise<TicketNoteRow[]> {
    return this.notes.lookup(ids)
  }

  async listNotes(ticketId: Id, page: PageRequest): Promise<Page<TicketNoteRow>> {
    return this.notes.list(ticketId, page)
  }

  async countNotes(ticketId: Id): Promise<number> {
    return this.notes.count(ticketId)
  }

  async listChanges(ticketId: Id, page: PageRequest): Promise<Page<TicketChangeRow>> {
    return this.changes.list(ticketId, page)
  }

  async countChanges(ticketId: Id): Promise<number> {
    return this.changes.count(ticketId)
  }

  /** What tickets are about, decrypted with one look-up of keys; null where the person's key is gone, an error for one that does not open. */
  async subjects(tickets: readonly TicketRow[]): Promise<(string | null | Error)[]> {
    const places = tickets.map((ticket) => ({ ...ticket, ownerId: ticket.userId }))
    return this.db.codec.openEach(Ticket, 'subjectLine', places, ({ subjectLine }) => subjectLine)
  }

  /** The same for what was said. */
  async messageBodies(messages: readonly TicketMessageRow[]): Promise<(string | null | Error)[]> {
    const places = messages.map((message) => ({ ...message, ownerId: message.userId }))
    return this.db.codec.openEach(TicketMessage, 'writtenText', places, ({ writtenText }) => writtenText)
  }

  /** The same for what was noted. */
  async noteBodies(notes: readonly TicketNoteRow[]): Promise<(string | null | Error)[]> {
    const places = notes.map((note) => ({ ...note, ownerId: note.userId }))
    return this.db.codec.openEach(TicketNote, 'noteText', places, ({ noteText }) => noteText)
  }

  private read<Filter extends OwnTicketFilter>({ query, ...filter }: Asked<Filter>): Filter {
    return {
      ...filter,
      ...(query != null && query !== '' && { query: this.queryOf(query) }),
    } as unknown as Filter
  }

  private queryOf(text: string): TicketQuery {
    const digits = /^#?(\d{1,10})$/.exec(text.trim())?.[1]
    const number = digits === undefined ? null : Number(digits)
    return {
      number: number !== null && number < MAX_INTEGER ? number : null,
      words: hashedWords(this.db.tools.keyring, text),
    }
  }
}

/** Of PostgreSQL's type `integer`. */
const MAX_INTEGER = 2 ** 31
