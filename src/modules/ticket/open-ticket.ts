import { rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { MailService } from '../mail/mail.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import { assertReaches } from './changed-ticket'
import { timesAfter, unstarted } from './ticket-clock'
import { record, tell, TicketEventKind } from './ticket-event'
import type { TicketMessageRow } from './ticket-message.repository'
import { TicketPriority, TicketStatus, type TicketCategory } from './ticket-status'
import { Ticket } from './ticket.entity'
import type { OpenTicketForInput, OpenTicketInput } from './ticket.input'
import { TicketRepository, type TicketRow } from './ticket.repository'
import { findBy, say } from './written'

/** A ticket, and what was said last in it. */
export interface Opened {
  ticket: TicketRow
  message: TicketMessageRow
}

/** Asks staff for help. @throws ApiError UNAUTHENTICATED, RATE_LIMITED */
export async function openTicket(
  db: Database,
  { subject, body, category }: OpenTicketInput,
): Promise<TicketRow> {
  const { userId } = requireSignedIn(db.caller.viewer)
  await new ThrottleService(db).tryTicket(userId)
  return db.transaction(async (tx) => {
    const { ticket } = await open(tx, { userId, subject, body, category })
    return ticket
  })
}

/**
 * Begins to talk to somebody, who need not be able to sign in; they are told by mail.
 * @throws ApiError FORBIDDEN, RATE_LIMITED; Rejected NOT_FOUND, and NOT_PERMITTED for oneself.
 */
export async function openTicketFor(
  db: Database,
  { userId, subject, body, category, priority }: OpenTicketForInput,
): Promise<TicketRow> {
  const { userId: openedById } = requireSignedIn(db.caller.viewer)
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    await assertReaches(tx, userId)
    if (!(await new UserService(tx).isShown(userId)))
      throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')
    const { ticket } = await open(tx, { userId, subject, body, category, priority, openedById })
    await new MailService(tx).send(userId, 'ticketOpened', mailed(tx, ticket))
    return ticket
  })
}

interface NewTicket {
  userId: Id
  subject: string
  body: string
  category: TicketCategory
  priority?: TicketPriority
  /** Who of the staff opens it; where nobody does, the person does. */
  openedById?: Id | undefined
  followUpOfId?: Id
}

/** Call it inside a transaction. */
export async function open(
  tx: Database,
  { userId, subject, body, category, priority = TicketPriority.NORMAL, openedById, followUpOfId }: NewTicket,
): Promise<Opened> {
  const { now } = tx
  const id = newId(now)
  const isByStaff = openedById !== undefined
  // Whom staff write to has to answer.
  const status = isByStaff ? TicketStatus.PENDING : TicketStatus.OPEN
  const ticket = await new TicketRepository(tx).add({
    id,
    userId,
    openedById: openedById ?? null,
    subjectLine: await tx.codec.seal(Ticket, 'subjectLine', { id, ownerId: userId }, subject),
    category,
    status,
    priority,
    assigneeId: null,
    tags: [],
    followUpOfId: followUpOfId ?? null,
    mergedIntoId: null,
    openedAt: now,
    lastMessageAt: now,
    ...timesAfter(unstarted, { status, priority, isAnswered: isByStaff }, now),
    version: 1,
  })
  await findBy(tx, ticket, subject)
  const message = await say(tx, ticket, { authorId: openedById ?? userId, isFromStaff: isByStaff, body })
  await record(tx, 'ticket.opened', ticket)
  await tell(tx, TicketEventKind.OPENED, ticket, message.id)
  return { ticket, message }
}

/**
 * What mails say of a ticket: its number, and where it is. Not a word of it: mails lie around in clear for years, where no erasure
 * reaches them.
 */
export const mailed = (tx: Database, { id, number }: Pick<TicketRow, 'id' | 'number'>) => ({
  ticket: number,
  link: `${tx.tools.linkBase}/tickets#id=${toGlobalId('ticket', id)}`,
})
