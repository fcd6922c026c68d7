import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { publish } from '../../db/event-stream'
import type { Message } from '../../db/pub-sub'
import { AuditService } from '../audit/audit.service'
import type { Ticket } from './ticket.entity'

/** What happens to a ticket that its person sees. */
export enum TicketEventKind {
  OPENED = 'opened',
  REPLIED = 'replied',
  ANSWERED = 'answered',
  STATUS_CHANGED = 'status-changed',
  MERGED = 'merged',
}

/** What happens to a ticket that staff alone see. */
export enum HandlingEventKind {
  HANDLING_CHANGED = 'handling-changed',
  NOTED = 'noted',
}

/** What those are told who deal with tickets. */
export const QueueEventKind = { ...TicketEventKind, ...HandlingEventKind }
export type QueueEventKind = TicketEventKind | HandlingEventKind

export interface TicketEvent extends Message {
  kind: QueueEventKind
  ticketId: Id
  messageId: Id | null
}

/** The topic of what somebody sees happen to their tickets. */
export const ticketsTopic = (userId: Id): string => `tickets:${userId}`

/** The topic of what happens to all tickets: one for all staff, each of whom is told of those that they deal with. */
export const TICKET_QUEUE = 'ticket-queue'

type Told = Pick<Ticket, 'id' | 'userId'>

/** Tells the person and staff, at commit, of what both see. */
export async function tell(
  tx: Database,
  kind: TicketEventKind,
  { id, userId }: Told,
  messageId: Id | null = null,
): Promise<void> {
  const event: TicketEvent = { kind, ticketId: id, messageId }
  await publish(tx, [ticketsTopic(userId), TICKET_QUEUE], event)
}

/** Tells staff alone: whoever follows their own tickets does not even learn that something was done. */
export async function tellStaff(tx: Database, kind: HandlingEventKind, { id }: Told): Promise<void> {
  const event: TicketEvent = { kind, ticketId: id, messageId: null }
  await publish(tx, [TICKET_QUEUE], event)
}

/** Records something in the trail that the person sees there. */
export async function record(
  tx: Database,
  action: 'ticket.opened' | 'ticket.replied' | 'ticket.answered',
  { id, userId }: Told,
): Promise<void> {
  await new AuditService(tx).record(action, { subjectId: userId, target: toGlobalId('ticket', id) })
}
