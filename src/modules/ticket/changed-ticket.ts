import { ApiError, notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { readerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import { TicketChangeRepository } from './ticket-change.repository'
import { timesAfter } from './ticket-clock'
import { TicketCategory, TicketField, TicketPriority, TicketStatus } from './ticket-status'
import type { Ticket } from './ticket.entity'
import { TicketRepository, type TicketRow } from './ticket.repository'

/** What of a ticket can be changed; what is left out stays. */
export type TicketChanges = Partial<
  Pick<Ticket, 'status' | 'priority' | 'category' | 'assigneeId' | 'tags' | 'mergedIntoId' | 'lastMessageAt'>
>

interface ChangeOptions {
  /** Whether somebody of the staff answers at this moment. */
  isAnswered?: boolean
}

/** How each field stands in the history, and as clients know it. */
const SHOWN: Record<TicketField, (ticket: TicketRow) => string | null> = {
  [TicketField.STATUS]: ({ status }) => nameIn(TicketStatus, status),
  [TicketField.PRIORITY]: ({ priority }) => nameIn(TicketPriority, priority),
  [TicketField.CATEGORY]: ({ category }) => nameIn(TicketCategory, category),
  [TicketField.ASSIGNEE]: ({ assigneeId }) => assigneeId && toGlobalId('user', assigneeId),
  [TicketField.TAGS]: ({ tags }) => (tags.length > 0 ? tags.join(', ') : null),
}

const nameIn = (names: Record<string, string | number>, value: string | number): string =>
  Object.keys(names).find((name) => names[name] === value)!

/**
 * Changes a ticket that is locked, and says so in its history and in the trail. Whoever calls it tells those who follow.
 * @returns the ticket as it is by then, and what of it is another.
 */
export async function changeTicket(
  tx: Database,
  before: TicketRow,
  changes: TicketChanges,
  options: ChangeOptions = {},
): Promise<{ ticket: TicketRow; changed: TicketField[] }> {
  const { now } = tx
  const { status, priority } = { ...before, ...changes }
  const times = timesAfter(before, { ...options, status, priority }, now)
  const after: TicketRow = { ...before, ...changes, ...times, version: before.version + 1 }
  const { id, version: _, ...columns } = after
  await new TicketRepository(tx).save(id, { ...columns, version: after.version })
  const changed = Object.values(TicketField).filter((field) => SHOWN[field](before) !== SHOWN[field](after))
  await new TicketChangeRepository(tx).add(
    changed.map((field) => ({
      id: newId(now),
      ticketId: id,
      userId: before.userId,
      changedById: readerId(tx.caller.viewer),
      changedAt: now,
      field,
      before: SHOWN[field](before),
      after: SHOWN[field](after),
    })),
  )
  await recordChanges(tx, after, changed)
  return { ticket: after, changed }
}

/** The person sees how their ticket stands, and nothing else of what staff do with it. */
async function recordChanges(tx: Database, ticket: TicketRow, changed: TicketField[]): Promise<void> {
  const audit = new AuditService(tx)
  const target = toGlobalId('ticket', ticket.id)
  if (changed.includes(TicketField.STATUS))
    await audit.record('ticket.status-changed', {
      subjectId: ticket.userId,
      target,
      details: { status: ticket.status },
    })
  const fields = changed.filter((field) => field !== TicketField.STATUS)
  if (fields.length > 0)
    await audit.record('ticket-handling.changed', {
      target,
      details: { about: toGlobalId('user', ticket.userId), fields },
    })
}

/**
 * A ticket that the viewer may deal with by now, locked until the transaction ends.
 * @throws ApiError NOT_FOUND; CONFLICT with how it stands when `expectedVersion` is not the current one; Rejected NOT_PERMITTED for one
 * that is closed.
 */
export async function lockToHandle(
  tx: Database,
  id: Id,
  expectedVersion?: number | null,
  field = 'ticketId',
): Promise<TicketRow> {
  const ticket = await new TicketRepository(tx).lockQueued(id)
  if (!ticket || !(await new AuthorityService(tx).reaches(ticket.userId, 'tickets:answer')))
    throw notFound('ticket')
  assertVersion(ticket.version, expectedVersion, stateOf(ticket))
  if (ticket.status === TicketStatus.CLOSED)
    throw rejected(
      field,
      UserErrorCode.NOT_PERMITTED,
      'This ticket is closed; nothing about it changes any more. Open another one.',
    )
  return ticket
}

/** Whoever opens a ticket for somebody may do so by now. @throws ApiError FORBIDDEN; Rejected NOT_PERMITTED for oneself. */
export async function assertReaches(tx: Database, userId: Id): Promise<void> {
  if (userId === readerId(tx.caller.viewer))
    throw rejected('userId', UserErrorCode.NOT_PERMITTED, 'For yourself, use `openTicket`.')
  if (!(await new AuthorityService(tx).reaches(userId, 'tickets:answer')))
    throw new ApiError('FORBIDDEN', 'You may not do this to this person, or not any more.')
}

/** Under the names that the input has for it. */
const stateOf = (ticket: TicketRow): Record<string, unknown> => ({
  status: SHOWN[TicketField.STATUS](ticket),
  priority: SHOWN[TicketField.PRIORITY](ticket),
  category: SHOWN[TicketField.CATEGORY](ticket),
  assigneeId: SHOWN[TicketField.ASSIGNEE](ticket),
  tags: ticket.tags,
})
