/** Where a ticket stands. */
export enum TicketStatus {
  OPEN = 'open',
  PENDING = 'pending',
  ON_HOLD = 'on-hold',
  SOLVED = 'solved',
  CLOSED = 'closed',
}

/** How soon a ticket has to be dealt with: the lesser the sooner, so that a list which ascends has the most urgent first. */
export enum TicketPriority {
  URGENT = 1,
  HIGH = 2,
  NORMAL = 3,
  LOW = 4,
}

/** What a ticket is about. */
export enum TicketCategory {
  ACCOUNT = 'account',
  CONTENT = 'content',
  PRIVACY = 'privacy',
  TECHNICAL = 'technical',
  OTHER = 'other',
}

/** What of a ticket can change. */
export enum TicketField {
  STATUS = 'status',
  PRIORITY = 'priority',
  CATEGORY = 'category',
  ASSIGNEE = 'assignee',
  TAGS = 'tags',
}

/** Whether nothing is left to do: the person is satisfied, or it is closed. */
export const isOver = (status: TicketStatus): boolean =>
  status === TicketStatus.SOLVED || status === TicketStatus.CLOSED
