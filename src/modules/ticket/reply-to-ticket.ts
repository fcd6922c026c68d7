import { DAY, later } from '../../core/clock'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { ThrottleService } from '../throttle/throttle.service'
import { changeTicket } from './changed-ticket'
import { mailed, open, type Opened } from './open-ticket'
import { record, tell, TicketEventKind } from './ticket-event'
import { isOver, TicketStatus } from './ticket-status'
import { TicketService } from './ticket.service'
import type { ReplyToTicketInput } from './ticket.input'
import { TicketRepository, type TicketRow } from './ticket.repository'
import { say } from './written'

/** How long a ticket that is solved can be taken up again, in milliseconds. After that, what is said begins another one. */
export const REOPENING = 14 * DAY

/** Until when a ticket can be taken up again; null for one that is not over, or is closed. */
export const reopeningEndsAt = ({ status, solvedAt }: Pick<TicketRow, 'status' | 'solvedAt'>): Date | null =>
  status === TicketStatus.SOLVED && solvedAt !== null ? later(solvedAt, REOPENING) : null

/**
 * Says more in a ticket of one's own, which is open from then on; where it has been over for too long, in another one that names it,
 * and where it goes on in another one, there.
 * @throws ApiError NOT_FOUND, UNAUTHENTICATED, RATE_LIMITED
 */
export async function replyToTicket(db: Database, { ticketId, body }: ReplyToTicketInput): Promise<Opened> {
  const { userId } = requireSignedIn(db.caller.viewer)
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    const before = await lockWhereItGoesOn(tx, ticketId)
    if (isFinal(before, tx.now)) return followUp(tx, before, body)
    const message = await say(tx, before, { authorId: userId, isFromStaff: false, body })
    const { ticket } = await changeTicket(tx, before, {
      status: TicketStatus.OPEN,
      lastMessageAt: message.createdAt,
    })
    await record(tx, 'ticket.replied', ticket)
    await tell(tx, TicketEventKind.REPLIED, ticket, message.id)
    await tellAssignee(tx, ticket)
    return { ticket, message }
  })
}

/**
 * Says that a ticket of one's own is solved.
 * @throws ApiError NOT_FOUND, UNAUTHENTICATED; Rejected NOT_PERMITTED for one that is over.
 */
export async function solveTicket(db: Database, ticketId: Id): Promise<TicketRow> {
  return db.transaction(async (tx) => {
    const before = await lockOwn(tx, ticketId)
    if (isOver(before.status))
      throw rejected('ticketId', UserErrorCode.NOT_PERMITTED, 'This ticket is solved already.')
    const { ticket } = await changeTicket(tx, before, { status: TicketStatus.SOLVED })
    await tell(tx, TicketEventKind.STATUS_CHANGED, ticket)
    return ticket
  })
}

async function lockOwn(tx: Database, id: Id): Promise<TicketRow> {
  const ticket = await new TicketRepository(tx).lockOwn(id)
  if (!ticket) throw notFound('ticket')
  return ticket
}

async function lockWhereItGoesOn(tx: Database, id: Id): Promise<TicketRow> {
  const ticket = await lockOwn(tx, id)
  return ticket.mergedIntoId === null ? ticket : lockWhereItGoesOn(tx, ticket.mergedIntoId)
}

const isFinal = (ticket: TicketRow, now: Date): boolean => {
  const until = reopeningEndsAt(ticket)
  return ticket.status === TicketStatus.CLOSED || (until !== null && until <= now)
}

async function followUp(tx: Database, before: TicketRow, body: string): Promise<Opened> {
  const [subject] = await new TicketService(tx).subjects([before])
  if (subject instanceof Error) throw subject
  const { userId, category, id: followUpOfId } = before
  return open(tx, { userId, subject: subject ?? '', body, category, followUpOfId })
}

/** Whoever has no business with it any more learns nothing of it. */
async function tellAssignee(tx: Database, ticket: TicketRow): Promise<void> {
  const { assigneeId, userId } = ticket
  if (assigneeId === null) return
  if (await new AuthorityService(tx).mayDo(assigneeId, userId, 'tickets:answer'))
    await new MailService(tx).send(assigneeId, 'ticketReplied', mailed(tx, ticket))
}
