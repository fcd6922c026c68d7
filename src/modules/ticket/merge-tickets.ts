import { rejected, UserErrorCode } from '../../core/error'
import { toGlobalId } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { changeTicket, lockToHandle } from './changed-ticket'
import { tell, TicketEventKind } from './ticket-event'
import { TicketMessageRepository } from './ticket-message.repository'
import { TicketNoteRepository } from './ticket-note.repository'
import { TicketStatus } from './ticket-status'
import { TicketWordRepository } from './ticket-word.repository'
import { hashedWords } from './ticket-words'
import type { MergeTicketsInput } from './ticket.input'
import type { TicketRow } from './ticket.repository'
import { TicketService } from './ticket.service'

/**
 * Lets a ticket go on in another one of the same person: what was said and noted stands there, and it is closed.
 * @throws ApiError NOT_FOUND, CONFLICT; Rejected NOT_PERMITTED for one that is closed, for itself, and for one of somebody else.
 */
export async function mergeTickets(
  db: Database,
  { ticketId, intoTicketId, expectedVersion }: MergeTicketsInput,
): Promise<TicketRow> {
  if (ticketId === intoTicketId)
    throw rejected('intoTicketId', UserErrorCode.NOT_PERMITTED, 'Name another ticket.')
  return db.transaction(async (tx) => {
    // In one order always, those who merge the same two at once wait for each other; in different ones they would deadlock.
    const ids = [ticketId, intoTicketId].sort()
    const locked = new Map<string, TicketRow>()
    for (const id of ids)
      locked.set(
        id,
        id === ticketId
          ? await lockToHandle(tx, id, expectedVersion)
          : await lockToHandle(tx, id, null, 'intoTicketId'),
      )
    const [from, into] = [locked.get(ticketId)!, locked.get(intoTicketId)!]
    if (from.userId !== into.userId)
      throw rejected(
        'intoTicketId',
        UserErrorCode.NOT_PERMITTED,
        'These tickets are for different people; nobody is shown what another has said.',
      )
    const [subject] = await new TicketService(tx).subjects([from])
    const kept = typeof subject === 'string' ? hashedWords(tx.tools.keyring, subject) : []
    await new TicketMessageRepository(tx).move(from.id, into.id)
    await new TicketNoteRepository(tx).move(from.id, into.id)
    await new TicketWordRepository(tx).move(from.id, into.id, kept)
    await changeTicket(tx, from, { status: TicketStatus.CLOSED, mergedIntoId: into.id })
    const { ticket } = await changeTicket(tx, into, {
      tags: [...new Set([...into.tags, ...from.tags])],
      lastMessageAt: from.lastMessageAt > into.lastMessageAt ? from.lastMessageAt : into.lastMessageAt,
    })
    await new AuditService(tx).record('ticket.merged', {
      subjectId: from.userId,
      target: toGlobalId('ticket', from.id),
      details: { into: toGlobalId('ticket', into.id) },
    })
    await tell(tx, TicketEventKind.MERGED, from)
    await tell(tx, TicketEventKind.MERGED, into)
    return ticket
  })
}
