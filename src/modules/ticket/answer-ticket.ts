import { newId, toGlobalId } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { ThrottleService } from '../throttle/throttle.service'
import { changeTicket, lockToHandle } from './changed-ticket'
import { mailed, type Opened } from './open-ticket'
import { HandlingEventKind, record, tell, tellStaff, TicketEventKind } from './ticket-event'
import { TicketNote } from './ticket-note.entity'
import { TicketNoteRepository, type TicketNoteRow } from './ticket-note.repository'
import { TicketStatus } from './ticket-status'
import type { AddTicketNoteInput, AnswerTicketInput } from './ticket.input'
import { findBy, say } from './written'

/**
 * Answers somebody in their ticket, who is told by mail; it waits for them then, unless something else is said.
 * @throws ApiError NOT_FOUND, CONFLICT, RATE_LIMITED; Rejected NOT_PERMITTED for one that is closed.
 */
export async function answerTicket(
  db: Database,
  { ticketId, body, status, expectedVersion }: AnswerTicketInput,
): Promise<Opened> {
  const { userId: authorId } = requireSignedIn(db.caller.viewer)
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    const before = await lockToHandle(tx, ticketId, expectedVersion)
    const message = await say(tx, before, { authorId, isFromStaff: true, body })
    const changes = { status, lastMessageAt: message.createdAt }
    const { ticket } = await changeTicket(tx, before, changes, { isAnswered: true })
    await record(tx, 'ticket.answered', ticket)
    await tell(tx, TicketEventKind.ANSWERED, ticket, message.id)
    const isSolved = status === TicketStatus.SOLVED && before.status !== status
    await new MailService(tx).send(
      ticket.userId,
      isSolved ? 'ticketSolved' : 'ticketAnswered',
      mailed(tx, ticket),
    )
    return { ticket, message }
  })
}

/**
 * Notes something in a ticket for others of the staff. Nothing of the ticket changes by it.
 * @throws ApiError NOT_FOUND, RATE_LIMITED; Rejected NOT_PERMITTED for one that is closed.
 */
export async function addTicketNote(
  db: Database,
  { ticketId, body }: AddTicketNoteInput,
): Promise<TicketNoteRow> {
  const { userId: authorId } = requireSignedIn(db.caller.viewer)
  await new ThrottleService(db).tryWriting()
  return db.transaction(async (tx) => {
    const ticket = await lockToHandle(tx, ticketId)
    const { now } = tx
    const id = newId(now)
    const { userId } = ticket
    const note: TicketNote = {
      id,
      ticketId,
      userId,
      authorId,
      noteText: await tx.codec.seal(TicketNote, 'noteText', { id, ownerId: userId }, body),
      createdAt: now,
    }
    await new TicketNoteRepository(tx).add(note)
    await findBy(tx, ticket, body, { isInternal: true })
    await new AuditService(tx).record('ticket-note.added', {
      target: toGlobalId('ticket_note', id),
      details: { about: toGlobalId('user', userId) },
    })
    await tellStaff(tx, HandlingEventKind.NOTED, ticket)
    return note
  })
}
