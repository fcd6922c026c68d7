import { later } from '../../core/clock'
import type { Database } from '../../db/database'
import { defineTask } from '../../db/task'
import { defineRetention } from '../retention/retention'
import { changeTicket } from './changed-ticket'
import { REOPENING } from './reply-to-ticket'
import { tell, TicketEventKind } from './ticket-event'
import { TicketMessage } from './ticket-message.entity'
import { TicketStatus } from './ticket-status'
import { Ticket } from './ticket.entity'
import { TicketRepository } from './ticket.repository'

/** A ticket that was solved and not taken up again is closed, which only says what is so. */
export const closeSolvedTickets = defineTask({
  name: 'ticket:close-solved',
  schedule: '14 * * * *',
  work: async ({ db, stopping }) => {
    while ((await db.transaction((tx) => closeSome(tx))) > 0) stopping.throwIfAborted()
  },
})

/** How many are closed by one transaction. */
const BATCH = 100

async function closeSome(tx: Database): Promise<number> {
  const solved = await new TicketRepository(tx).lockSolved(later(tx.now, -REOPENING), BATCH)
  for (const before of solved) {
    const { ticket } = await changeTicket(tx, before, { status: TicketStatus.CLOSED })
    await tell(tx, TicketEventKind.STATUS_CHANGED, ticket)
  }
  return solved.length
}

/** What was said and noted goes with the ticket. */
export const forgetOldTickets = defineRetention({
  name: 'ticket:forget-old',
  schedule: '52 4 * * *',
  entity: Ticket,
  retention: '2 years',
  since: 'closed_at',
  parts: { entity: TicketMessage, column: 'ticket_id' },
})
