import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { partiesOf } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { PLANNED_ANEW } from '../../db/preparing-client'
import { ownOrWithinReach, withinReach } from '../../db/reach'
import { Ticket } from './ticket.entity'
import { TicketStatus, type TicketCategory, type TicketPriority } from './ticket-status'

const COLUMNS = [
  'id',
  'number',
  'userId',
  'openedById',
  'subjectLine',
  'category',
  'status',
  'priority',
  'assigneeId',
  'tags',
  'followUpOfId',
  'mergedIntoId',
  'openedAt',
  'lastMessageAt',
  'firstRespondedAt',
  'firstResponseSeconds',
  'solvedAt',
  'resolutionSeconds',
  'closedAt',
  'clockSince',
  'waitedSeconds',
  'dueAt',
  'version',
] as const
export type TicketRow = Pick<Ticket, (typeof COLUMNS)[number]>

/** What a text that is looked for comes down to: the number of a ticket, or words of which all stand in it. */
export interface TicketQuery {
  number: number | null
  /** See `hashedWords`. */
  words: readonly Buffer[]
}

/** Which of the tickets of one person; what they may not know is no part of it. */
export interface OwnTicketFilter {
  status?: TicketStatus[]
  query?: TicketQuery
}

/** Which tickets of the queue; conditions add up. */
export interface TicketFilter extends OwnTicketFilter {
  priority?: TicketPriority
  category?: TicketCategory
  assigneeId?: Id
  isAssigned?: boolean
  isOverdue?: boolean
  tags?: string[]
  personId?: Id
}

export enum TicketOrder {
  DUE = 'due',
  PRIORITY = 'priority',
  NEWEST = 'newest',
  LAST_MESSAGE = 'last-message',
}

const ORDERS: Record<TicketOrder, ListOrder<TicketRow>> = {
  [TicketOrder.DUE]: { columns: ['dueAt', 'id'], descending: false },
  [TicketOrder.PRIORITY]: { columns: ['priority', 'openedAt', 'id'], descending: false },
  [TicketOrder.NEWEST]: { columns: ['openedAt', 'id'], descending: true },
  [TicketOrder.LAST_MESSAGE]: { columns: ['lastMessageAt', 'id'], descending: true },
}

/** How a tag is written, so that one is not two: in lower case. */
export const normaliseTag = (tag: string): string => tag.toLowerCase()

/** When tickets were opened that are counted. */
export interface TicketSpan {
  since?: Date
  until?: Date
}

export interface TicketCounts {
  statuses: Map<TicketStatus, number>
  unassigned: number
  overdue: number
  /** How many seconds people waited, of those whom somebody has answered; null where there are none. */
  firstResponse: Quantiles
  resolution: Quantiles
}

export interface Quantiles {
  median: number | null
  p90: number | null
}

/** Every question about tickets. People see their own; `tickets:answer` sees those of the people whom it reaches. */
export class TicketRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<TicketRow[]> {
    return this.visible().andWhere('ticket.id = ANY(:ids)', { ids }).getRawMany<TicketRow>()
  }

  /** Those of these tickets that are the viewer's to deal with. */
  async lookupQueued(ids: readonly Id[]): Promise<TicketRow[]> {
    return this.queue().andWhere('ticket.id = ANY(:ids)', { ids }).getRawMany<TicketRow>()
  }

  async listOf(userId: Id, filter: OwnTicketFilter, page: PageRequest): Promise<Page<TicketRow>> {
    return readPage(this.of(userId, filter), ORDERS[TicketOrder.LAST_MESSAGE], page)
  }

  async countOf(userId: Id, filter: OwnTicketFilter): Promise<number> {
    return this.of(userId, filter).getCount()
  }

  async list(filter: TicketFilter, order: TicketOrder, page: PageRequest): Promise<Page<TicketRow>> {
    return readPage(this.matching(filter), ORDERS[order], page)
  }

  async count(filter: TicketFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  async statistics({ since, until }: TicketSpan): Promise<TicketCounts> {
    const query = this.queue()
    if (since) query.andWhere('ticket.openedAt >= :since', { since })
    if (until) query.andWhere('ticket.openedAt < :until', { until })
    const count = (condition: string) => `(count(*) FILTER (WHERE ${condition}))::int`
    // Who of the staff began to talk was not waited for.
    const quantile = (fraction: number, seconds: string, condition: string) =>
      `percentile_cont(${fraction}) WITHIN GROUP (ORDER BY ticket.${seconds}) FILTER (WHERE ${condition})`
    const isAsked = 'ticket.opened_by_id IS NULL'
    query
      .select(count('ticket.assignee_id IS NULL AND ticket.solved_at IS NULL'), 'unassigned')
      .addSelect(count('ticket.due_at < :now'), 'overdue')
      .addSelect(quantile(0.5, 'first_response_seconds', isAsked), 'responseMedian')
      .addSelect(quantile(0.9, 'first_response_seconds', isAsked), 'responseP90')
      .addSelect(quantile(0.5, 'resolution_seconds', IS_DEALT_WITH), 'resolutionMedian')
      .addSelect(quantile(0.9, 'resolution_seconds', IS_DEALT_WITH), 'resolutionP90')
      .setParameter('now', this.db.now)
    for (const status of Object.values(TicketStatus))
      query.addSelect(count(`ticket.status = '${status}'`), status)
    const row = (await query.getRawOne<Record<string, number | null>>())!
    return {
      statuses: new Map(Object.values(TicketStatus).map((status) => [status, row[status]!])),
      unassigned: row['unassigned']!,
      overdue: row['overdue']!,
      firstResponse: { median: row['responseMedian']!, p90: row['responseP90']! },
      resolution: { median: row['resolutionMedian']!, p90: row['resolutionP90']! },
    }
  }

  /** A ticket of one's own, locked until the transaction ends. */
  async lockOwn(id: Id): Promise<TicketRow | null> {
    const query = this.visible()
      .andWhere('ticket.id = :id', { id })
      .andWhere('ticket.userId = ANY(:themselves)', { themselves: partiesOf(this.db.caller.viewer) })
    return (await query.setLock('pessimistic_write').getRawOne<TicketRow>()) ?? null
  }

  /** A ticket that is the viewer's to deal with, locked until the transaction ends. */
  async lockQueued(id: Id): Promise<TicketRow | null> {
    const query = this.queue().andWhere('ticket.id = :id', { id }).setLock('pessimistic_write')
    return (await query.getRawOne<TicketRow>()) ?? null
  }

  /** The same for what is due first of what is open, and neither somebody's nor about to be. */
  async lockNext(): Promise<TicketRow | null> {
    const query = this.matching({ status: [TicketStatus.OPEN], isAssigned: false })
    for (const column of ORDERS[TicketOrder.DUE].columns) query.addOrderBy(`ticket.${column}`)
    const next = query.limit(1).setLock('pessimistic_write').setOnLocked('skip_locked')
    return (await next.getRawOne<TicketRow>()) ?? null
  }

  /**
   * Some of the tickets that were solved before a moment and are not closed yet, locked until the transaction ends.
   * @visibility a task asks, which shows nobody anything
   */
  async lockSolved(before: Date, limit: number): Promise<TicketRow[]> {
    return this.select()
      .where(`ticket.status = '${TicketStatus.SOLVED}' AND ticket.solvedAt <= :before`, { before })
      .orderBy('ticket.solvedAt')
      .limit(limit)
      .setLock('pessimistic_write')
      .setOnLocked('skip_locked')
      .getRawMany<TicketRow>()
  }

  /**
   * Adds a ticket, which is given its number.
   * @visibility it is what whoever asks has just made
   */
  async add(ticket: Omit<Ticket, 'number'>): Promise<Ticket> {
    const { raw } = (await this.db
      .repo(Ticket)
      .createQueryBuilder()
      .insert()
      .values(ticket)
      .returning(['number'])
      .execute()) as { raw: [Pick<Ticket, 'number'>] }
    const [{ number }] = raw
    return { ...ticket, number }
  }

  /** Changes a ticket that is locked. */
  async save(id: Id, columns: Partial<Ticket>): Promise<void> {
    await this.db.repo(Ticket).update({ id }, columns)
  }

  private of(userId: Id, { status, query }: OwnTicketFilter): SelectQueryBuilder<Ticket> {
    const tickets = this.visible().andWhere('ticket.userId = :userId', { userId })
    if (status) tickets.andWhere('ticket.status = ANY(:status)', { status })
    if (query) searchIn(tickets, query, 'AND NOT found.is_internal')
    return tickets
  }

  private matching(filter: TicketFilter): SelectQueryBuilder<Ticket> {
    const { status, query, priority, category, assigneeId, isAssigned, isOverdue, tags, personId } = filter
    const tickets = this.queue()
    if (status) tickets.andWhere('ticket.status = ANY(:status)', { status })
    if (priority != null) tickets.andWhere('ticket.priority = :priority', { priority })
    if (category != null) tickets.andWhere('ticket.category = :category', { category })
    if (assigneeId) tickets.andWhere('ticket.assigneeId = :assigneeId', { assigneeId })
    if (isAssigned != null) tickets.andWhere(`ticket.assigneeId IS ${isAssigned ? 'NOT ' : ''}NULL`)
    if (isOverdue != null)
      tickets.andWhere(`ticket.dueAt ${isOverdue ? '<' : '>='} :now`, { now: this.db.now })
    if (tags && tags.length > 0) tickets.andWhere('ticket.tags @> :tags', { tags: tags.map(normaliseTag) })
    if (personId) tickets.andWhere('ticket.userId = :personId', { personId })
    if (query) searchIn(tickets, query)
    // Few tickets are somebody's, have a tag or a word, or nearly all do.
    return tickets.comment(PLANNED_ANEW)
  }

  /** What staff deal with: nobody deals with what is their own. */
  private queue(): SelectQueryBuilder<Ticket> {
    const { viewer } = this.db.caller
    return this.select()
      .where('ticket.userId <> ALL(:themselves)', { themselves: partiesOf(viewer) })
      .andWhere(...withinReach(viewer, 'ticket.userId', 'tickets:answer'))
  }

  private visible(): SelectQueryBuilder<Ticket> {
    const { viewer } = this.db.caller
    return this.select().where(...ownOrWithinReach(viewer, 'ticket.userId', 'tickets:answer'))
  }

  private select(): SelectQueryBuilder<Ticket> {
    return selectRows(this.db, Ticket, 'ticket', COLUMNS)
  }
}

/** What was closed because it goes on elsewhere was not dealt with there. */
const IS_DEALT_WITH = 'ticket.merged_into_id IS NULL'

function searchIn(
  tickets: SelectQueryBuilder<Ticket>,
  { number, words }: TicketQuery,
  where = '',
): SelectQueryBuilder<Ticket> {
  const hasWords = `ticket.id IN (
    SELECT found.ticket_id FROM ticket_words found WHERE found.word = ANY(:words) ${where}
    GROUP BY found.ticket_id HAVING count(DISTINCT found.word) = :wordCount)`
  return tickets.andWhere(`(ticket.number = :number OR ${words.length > 0 ? hasWords : 'false'})`, {
    number,
    words,
    wordCount: words.length,
  })
}
