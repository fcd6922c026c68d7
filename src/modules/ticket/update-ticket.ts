import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { changeTicket, lockToHandle, type TicketChanges } from './changed-ticket'
import { mailed } from './open-ticket'
import { HandlingEventKind, tell, tellStaff, TicketEventKind } from './ticket-event'
import { TicketField, TicketStatus } from './ticket-status'
import type { UpdateTicketInput } from './ticket.input'
import { normaliseTag, TicketRepository, type TicketRow } from './ticket.repository'

/**
 * Changes how a ticket stands, who deals with it, how soon, and how it is sorted. The person is told where it is solved, or closed.
 * @throws ApiError NOT_FOUND, CONFLICT; Rejected NOT_PERMITTED for one that is closed, and for somebody who may not deal with it.
 */
export async function updateTicket(
  db: Database,
  { ticketId, expectedVersion, status, priority, category, assigneeId, tags }: UpdateTicketInput,
): Promise<TicketRow> {
  return db.transaction(async (tx) => {
    const before = await lockToHandle(tx, ticketId, expectedVersion)
    if (assigneeId != null && assigneeId !== before.assigneeId) await assertMayHandle(tx, assigneeId, before)
    return apply(tx, before, {
      ...(status != null && { status }),
      ...(priority != null && { priority }),
      ...(category != null && { category }),
      ...(assigneeId !== undefined && { assigneeId }),
      ...(tags && { tags: [...new Set(tags.map(normaliseTag))] }),
    })
  })
}

/**
 * Takes a ticket that nobody has: a named one, or the open one that is due first; null where there is none. One's own stays so.
 * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED for one that somebody else has, or that is closed.
 */
export async function claimTicket(db: Database, ticketId?: Id): Promise<TicketRow | null> {
  const { userId } = requireSignedIn(db.caller.viewer)
  return db.transaction(async (tx) => {
    const id = ticketId ?? (await new TicketRepository(tx).lockNext())?.id
    if (id === undefined) return null
    const before = await lockToHandle(tx, id)
    if (before.assigneeId !== null && before.assigneeId !== userId)
      throw rejected(
        'ticketId',
        UserErrorCode.NOT_PERMITTED,
        'Somebody else deals with it; take another one, or assign it to yourself.',
      )
    return apply(tx, before, { assigneeId: userId })
  })
}

async function apply(tx: Database, before: TicketRow, changes: TicketChanges): Promise<TicketRow> {
  if (!isAnother(before, changes)) return before
  const { ticket, changed } = await changeTicket(tx, before, changes)
  if (changed.includes(TicketField.STATUS)) {
    await tell(tx, TicketEventKind.STATUS_CHANGED, ticket)
    if (ticket.status === TicketStatus.SOLVED)
      await new MailService(tx).send(ticket.userId, 'ticketSolved', mailed(tx, ticket))
  } else await tellStaff(tx, HandlingEventKind.HANDLING_CHANGED, ticket)
  return ticket
}

const isAnother = (before: TicketRow, changes: TicketChanges): boolean =>
  Object.entries(changes).some(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof TicketRow]),
  )

/** Whoever is not there is told as whoever may not: nobody finds out who is of the staff. */
async function assertMayHandle(tx: Database, assigneeId: Id, { userId }: TicketRow): Promise<void> {
  const mayHandle =
    assigneeId !== userId && (await new AuthorityService(tx).mayDo(assigneeId, userId, 'tickets:answer'))
  if (!mayHandle)
    throw rejected(
      'assigneeId',
      UserErrorCode.NOT_PERMITTED,
      'This person may not deal with this ticket; name somebody who holds `tickets:answer` over whom it is for.',
    )
}
