import { Field, Float, Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { QueueEventKind, TicketEventKind } from './ticket-event'
import { TicketCategory, TicketField, TicketPriority, TicketStatus } from './ticket-status'
import { TicketOrder } from './ticket.repository'
import type { TicketChangeRow, TicketMessageRow, TicketNoteRow, TicketRow } from './ticket.service'

registerEnumType(TicketStatus, {
  name: 'TicketStatus',
  description: 'Where a ticket stands.',
  valuesConfig: {
    OPEN: { description: 'It waits for staff.' },
    PENDING: { description: 'It waits for the person; the clock stands.' },
    ON_HOLD: { description: 'Staff wait for somebody else; the clock runs.' },
    SOLVED: {
      description: 'Staff or the person think that it is done. A reply within 14 days takes it up again.',
    },
    CLOSED: { description: 'It is over; a reply opens another ticket, which names it.' },
  },
})

registerEnumType(TicketPriority, {
  name: 'TicketPriority',
  description:
    'How soon a ticket has to be dealt with: until the first answer, and until it is solved, without the time in which it waits for the person.',
  valuesConfig: {
    URGENT: { description: 'An hour, and 8 hours.' },
    HIGH: { description: '4 hours, and a day.' },
    NORMAL: { description: 'A day, and 3 days.' },
    LOW: { description: '2 days, and 7 days.' },
  },
})

registerEnumType(TicketCategory, {
  name: 'TicketCategory',
  description: 'What a ticket is about.',
  valuesConfig: {
    ACCOUNT: { description: 'The account, and signing in.' },
    CONTENT: { description: 'What people write, and what was decided about it.' },
    PRIVACY: { description: 'What is kept about the person.' },
    TECHNICAL: { description: 'Something does not work.' },
    OTHER: { description: 'Anything else.' },
  },
})

registerEnumType(TicketField, {
  name: 'TicketField',
  description: 'What of a ticket can change.',
  valuesConfig: {
    STATUS: { description: 'Where it stands: a `TicketStatus`.' },
    PRIORITY: { description: 'How soon it has to be dealt with: a `TicketPriority`.' },
    CATEGORY: { description: 'What it is about: a `TicketCategory`.' },
    ASSIGNEE: { description: 'Who deals with it: the id of a person.' },
    TAGS: { description: 'By which words it is sorted, with commas between them.' },
  },
})

registerEnumType(TicketOrder, {
  name: 'TicketOrder',
  description: 'Which tickets come first.',
  valuesConfig: {
    DUE: {
      description: 'Those whose next target is due first; those that wait for nobody of the staff last.',
    },
    PRIORITY: { description: 'The most urgent, and of those the oldest.' },
    NEWEST: { description: 'Those that were opened last.' },
    LAST_MESSAGE: { description: 'Those in which something was said last.' },
  },
})

const KINDS = {
  OPENED: { description: 'It was opened.' },
  REPLIED: { description: 'The person has said more.' },
  ANSWERED: { description: 'Staff have answered.' },
  STATUS_CHANGED: { description: 'It stands otherwise.' },
  MERGED: { description: 'It goes on in another one, or another one goes on in it.' },
}

registerEnumType(TicketEventKind, {
  name: 'TicketEventKind',
  description: 'What happens to a ticket of yours. New kinds may come.',
  valuesConfig: KINDS,
})

registerEnumType(QueueEventKind, {
  name: 'TicketQueueEventKind',
  description: 'What happens to a ticket. New kinds may come.',
  valuesConfig: {
    ...KINDS,
    HANDLING_CHANGED: { description: 'Somebody else deals with it, or it is sorted otherwise.' },
    NOTED: { description: 'Something was noted in it.' },
  },
})

const STAFF_ONLY = 'Needs `tickets:answer`; the person never sees it.'

@Type(
  'Ticket',
  'What somebody wants of the staff, or staff of somebody. Visible to the person, and to holders of `tickets:answer`.',
  { implements: Node },
)
export class TicketType implements Pick<
  TicketRow,
  | 'id'
  | 'number'
  | 'category'
  | 'status'
  | 'priority'
  | 'tags'
  | 'openedAt'
  | 'lastMessageAt'
  | 'firstRespondedAt'
  | 'solvedAt'
  | 'closedAt'
  | 'version'
> {
  @GlobalId('ticket')
  id!: string

  @Shown(() => Int, 'By what people call it: `#1042`. Numbers rise, with gaps.')
  number!: number

  @Shown(() => TicketCategory, 'What it is about.')
  category!: TicketCategory

  @Shown(() => TicketStatus, 'Where it stands.')
  status!: TicketStatus

  @Shown(() => Date, 'When it was opened.')
  openedAt!: Date

  @Shown(() => Date, 'When something was said last.')
  lastMessageAt!: Date

  @Shown(() => Date, 'When it was solved; null where it is not.', true)
  solvedAt!: Date | null

  @Shown(() => Date, 'When it was closed; null where it is not.', true)
  closedAt!: Date | null

  @Shown(() => TicketPriority, `How soon it has to be dealt with. ${STAFF_ONLY}`, true)
  priority!: TicketPriority

  @Shown(() => [String], `Words by which it is sorted. ${STAFF_ONLY}`, true)
  tags!: string[]

  @Shown(() => Date, `When somebody of the staff answered first. ${STAFF_ONLY}`, true)
  firstRespondedAt!: Date | null

  @Shown(() => Int, `Counts what is changed or said, but notes, for \`expectedVersion\`. ${STAFF_ONLY}`, true)
  version!: number
}

@Type(
  'TicketMessage',
  'What the person or staff have said in a ticket. Visible to the person, and to holders of `tickets:answer`.',
  { implements: Node },
)
export class TicketMessageType implements Pick<TicketMessageRow, 'id' | 'isFromStaff' | 'createdAt'> {
  @GlobalId('ticket_message')
  id!: string

  @Shown(() => Boolean, 'Whether staff have said it.')
  isFromStaff!: boolean

  @Shown(() => Date, 'When it was said.')
  createdAt!: Date
}

@Type(
  'TicketNote',
  'What staff have noted in a ticket for each other. Visible to holders of `tickets:answer`, never to the person.',
  { implements: Node },
)
export class TicketNoteType implements Pick<TicketNoteRow, 'id' | 'createdAt'> {
  @GlobalId('ticket_note')
  id!: string

  @Shown(() => Date, 'When it was noted.')
  createdAt!: Date
}

@Type(
  'TicketChange',
  'What was changed about a ticket. Visible to holders of `tickets:answer`, never to the person.',
)
export class TicketChangeType implements Pick<TicketChangeRow, 'changedAt' | 'field' | 'before' | 'after'> {
  @Shown(() => Date, 'When it was changed.')
  changedAt!: Date

  @Shown(() => TicketField, 'What was changed.')
  field!: TicketField

  @Shown(() => String, 'What it was before; null for nothing.', true)
  before!: string | null

  @Shown(() => String, 'What it is since; null for nothing.', true)
  after!: string | null
}

export const TicketConnection = connectionOf('Ticket', () => TicketType)
export const TicketMessageConnection = connectionOf('TicketMessage', () => TicketMessageType)
export const TicketNoteConnection = connectionOf('TicketNote', () => TicketNoteType)
export const TicketChangeConnection = connectionOf('TicketChange', () => TicketChangeType)

@Type('TicketEvent', 'Something that has happened to a ticket of yours.')
export class TicketEventType {
  @Shown(() => String, 'Marks this place in what happens: subscribe with it as `after` to miss nothing.')
  cursor!: string

  @Shown(() => TicketEventKind, 'What has happened.')
  kind!: TicketEventKind

  @Field(() => TicketType, { nullable: true, description: 'The ticket as it is by now.' })
  ticket!: TicketRow | null

  @Field(() => TicketMessageType, {
    nullable: true,
    description: 'What was said; null where nothing was.',
  })
  message!: TicketMessageRow | null
}

@Type('TicketQueueEvent', 'Something that has happened to a ticket with which you may deal.')
export class TicketQueueEventType {
  @Shown(() => String, 'Marks this place in what happens: subscribe with it as `after` to miss nothing.')
  cursor!: string

  @Shown(() => QueueEventKind, 'What has happened.')
  kind!: QueueEventKind

  @Field(() => TicketType, { nullable: true, description: 'The ticket as it is by now.' })
  ticket!: TicketRow | null
}

const WAITED = 'in minutes in which it waited for staff, day and night'

@Type(
  'TicketStatistics',
  'How many tickets there are, and how long people wait, of those people whom your `tickets:answer` reaches.',
)
export class TicketStatisticsType {
  @Shown(() => Int, 'Tickets that wait for staff.')
  openCount!: number

  @Shown(() => Int, 'Tickets that wait for the person.')
  pendingCount!: number

  @Shown(() => Int, 'Tickets of which staff wait for somebody else.')
  onHoldCount!: number

  @Shown(() => Int, 'Tickets that are solved and can be taken up again.')
  solvedCount!: number

  @Shown(() => Int, 'Tickets that are over.')
  closedCount!: number

  @Shown(() => Int, 'Tickets that are not solved and that nobody has.')
  unassignedCount!: number

  @Shown(() => Int, 'Tickets of which a target is missed at this moment.')
  overdueCount!: number

  @Shown(() => Float, `The median until the first answer, ${WAITED}; null where nobody was answered.`, true)
  firstResponseMedianMinutes!: number | null

  @Shown(() => Float, `Within which nine of ten were answered first, ${WAITED}.`, true)
  firstResponseP90Minutes!: number | null

  @Shown(() => Float, `The median until a ticket was solved, ${WAITED}; null where none was.`, true)
  resolutionMedianMinutes!: number | null

  @Shown(() => Float, `Within which nine of ten were solved, ${WAITED}.`, true)
  resolutionP90Minutes!: number | null
}
