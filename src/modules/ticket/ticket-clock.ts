import { DAY, HOUR, later, SECOND } from '../../core/clock'
import type { Ticket } from './ticket.entity'
import { isOver, TicketPriority, TicketStatus } from './ticket-status'

/*
 * How long a person waits for us. The clock of a ticket runs while it is open or on hold, day and night; it stands while it is pending,
 * when the person has to say something, and once it is solved. Help desks call that the requester's wait time.
 */

interface Targets {
  /** Until somebody of the staff has answered, in milliseconds that the clock runs. */
  firstResponse: number
  /** Until it is solved, likewise. */
  resolution: number
}

/** How long people are to wait at most, by priority. */
export const TARGETS: Readonly<Record<TicketPriority, Targets>> = {
  [TicketPriority.URGENT]: { firstResponse: HOUR, resolution: 8 * HOUR },
  [TicketPriority.HIGH]: { firstResponse: 4 * HOUR, resolution: DAY },
  [TicketPriority.NORMAL]: { firstResponse: DAY, resolution: 3 * DAY },
  [TicketPriority.LOW]: { firstResponse: 2 * DAY, resolution: 7 * DAY },
}

/** In place of the moment at which something is due where nothing is: it sorts after all that is. */
export const NEVER = new Date(Date.UTC(9000, 0, 1))

/** What the clock of a ticket says. */
export type TicketTimes = Pick<
  Ticket,
  | 'clockSince'
  | 'waitedSeconds'
  | 'firstRespondedAt'
  | 'firstResponseSeconds'
  | 'solvedAt'
  | 'resolutionSeconds'
  | 'closedAt'
  | 'dueAt'
>

const runsIn = (status: TicketStatus): boolean =>
  status === TicketStatus.OPEN || status === TicketStatus.ON_HOLD

/** The times of a ticket of which nothing is known yet. */
export const unstarted: TicketTimes = {
  clockSince: null,
  waitedSeconds: 0,
  firstRespondedAt: null,
  firstResponseSeconds: null,
  solvedAt: null,
  resolutionSeconds: null,
  closedAt: null,
  dueAt: NEVER,
}

/** How long the clock of a ticket has run, in whole seconds. */
export const waitedAt = (
  { clockSince, waitedSeconds }: Pick<TicketTimes, 'clockSince' | 'waitedSeconds'>,
  now: Date,
): number =>
  waitedSeconds +
  (clockSince === null ? 0 : Math.max(0, Math.floor((now.getTime() - clockSince.getTime()) / SECOND)))

export interface TicketState {
  status: TicketStatus
  priority: TicketPriority
  /** Whether somebody of the staff answers at this moment. */
  isAnswered?: boolean
}

/** The times of a ticket that comes to stand so at a moment. Of one that is taken up again, the time until it is solved goes on. */
export function timesAfter(
  before: TicketTimes,
  { status, priority, isAnswered = false }: TicketState,
  now: Date,
): TicketTimes {
  const waited = waitedAt(before, now)
  const runs = runsIn(status)
  // One that runs on keeps the moment from which it does: no rest of a second is lost, however often something changes.
  const goesOn = runs && before.clockSince !== null
  const clockSince = goesOn ? before.clockSince : runs ? now : null
  const waitedSeconds = goesOn ? before.waitedSeconds : waited
  const firstRespondedAt = before.firstRespondedAt ?? (isAnswered ? now : null)
  const isDone = isOver(status)
  const target = TARGETS[priority][firstRespondedAt === null ? 'firstResponse' : 'resolution']
  return {
    clockSince,
    waitedSeconds,
    firstRespondedAt,
    firstResponseSeconds: before.firstResponseSeconds ?? (isAnswered ? waited : null),
    solvedAt: isDone ? (before.solvedAt ?? now) : null,
    resolutionSeconds: isDone ? (before.resolutionSeconds ?? waited) : null,
    closedAt: status === TicketStatus.CLOSED ? (before.closedAt ?? now) : null,
    dueAt: clockSince === null ? NEVER : later(clockSince, target - waitedSeconds * SECOND),
  }
}
