import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'
import { TicketCategory, TicketPriority, TicketStatus } from './ticket-status'
import type { Asked } from './ticket.service'
import { TicketOrder, type OwnTicketFilter, type TicketFilter, type TicketSpan } from './ticket.repository'

const SUBJECT: TextRules = { description: 'What it is about, in one line.', max: 200 }
const BODY: TextRules = { description: 'The text.', max: 10_000, multiline: true }
const TAGS: TextRules = {
  description: 'Words to sort it by, in lower case from then on.',
  max: 40,
  list: { max: 20 },
  pattern: { matches: /^[\p{L}\p{N}][\p{L}\p{N} ._+#-]*$/u, says: 'Begin a tag with a letter or digit.' },
}
const QUERY: TextRules = {
  description:
    'The number, with or without `#`; or whole words, all of which stand in it, without regard to case and accents.',
  max: 200,
  optional: true,
}
const OWN = 'A ticket of your own.'
const OF_OTHERS = 'A ticket of somebody whom your `tickets:answer` reaches.'

@Input('OpenTicketInput', 'What you want help with.')
export class OpenTicketInput {
  @Text(SUBJECT)
  subject!: string

  @Text(BODY)
  body!: string

  @Field(() => TicketCategory, { defaultValue: TicketCategory.OTHER, description: 'What it is about.' })
  category!: TicketCategory
}

@Input('ReplyToTicketInput', 'What you want to add.')
export class ReplyToTicketInput {
  @IdOf('ticket', OWN)
  ticketId!: string

  @Text(BODY)
  body!: string
}

@Input('SolveTicketInput', 'Which ticket is solved.')
export class SolveTicketInput {
  @IdOf('ticket', OWN)
  ticketId!: string
}

@Input('OpenTicketForInput', 'What to write to whom.')
export class OpenTicketForInput {
  @IdOf('user', 'Whom it is for; not yourself.')
  userId!: string

  @Text(SUBJECT)
  subject!: string

  @Text({ ...BODY, description: 'The text; the person reads it.' })
  body!: string

  @Field(() => TicketCategory, { defaultValue: TicketCategory.OTHER, description: 'What it is about.' })
  category!: TicketCategory

  @Field(() => TicketPriority, {
    defaultValue: TicketPriority.NORMAL,
    description: 'How soon it has to be dealt with.',
  })
  priority!: TicketPriority
}

@Input('AnswerTicketInput', 'What to answer.')
export class AnswerTicketInput {
  @IdOf('ticket', OF_OTHERS)
  ticketId!: string

  @Text({ ...BODY, description: 'The text; the person reads it, and is told by mail that there is one.' })
  body!: string

  @Field(() => TicketStatus, {
    defaultValue: TicketStatus.PENDING,
    description: 'How the ticket stands with it; where nothing is said, it waits for the person.',
  })
  status!: TicketStatus

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('AddTicketNoteInput', 'What to note.')
export class AddTicketNoteInput {
  @IdOf('ticket', OF_OTHERS)
  ticketId!: string

  @Text({ ...BODY, description: 'The text; the person never sees it.' })
  body!: string
}

@Input('UpdateTicketInput', 'What to change in a ticket; what is left out stays.')
export class UpdateTicketInput {
  @IdOf('ticket', OF_OTHERS)
  ticketId!: string

  @Field(() => TicketStatus, {
    nullable: true,
    description: 'How it stands; the person is told by mail when it is solved.',
  })
  status?: TicketStatus | null

  @Field(() => TicketPriority, { nullable: true, description: 'How soon it has to be dealt with.' })
  priority?: TicketPriority | null

  @Field(() => TicketCategory, { nullable: true, description: 'What it is about.' })
  category?: TicketCategory | null

  @IdOf(
    'user',
    'Who deals with it: somebody who holds `tickets:answer` over whom it is for. Null: nobody yet.',
    {
      optional: 'removable',
    },
  )
  assigneeId?: string | null

  @Text({ ...TAGS, optional: 'stays' })
  tags?: string[]

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('ClaimTicketInput', 'Which ticket to take.')
export class ClaimTicketInput {
  @IdOf('ticket', `${OF_OTHERS} Where none is named, the open one that nobody has and that is due first.`, {
    optional: true,
  })
  ticketId?: string
}

@Input('MergeTicketsInput', 'Which ticket goes on in which.')
export class MergeTicketsInput {
  @IdOf('ticket', `${OF_OTHERS} It is closed.`)
  ticketId!: string

  @IdOf('ticket', 'Another one of the same person, in which it goes on.')
  intoTicketId!: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('OwnTicketFilter', 'Which tickets of one person to list; conditions add up.')
export class OwnTicketFilterInput implements Asked<OwnTicketFilter> {
  @Field(() => [TicketStatus], {
    nullable: true,
    description: 'Only tickets that stand in one of these ways.',
  })
  status?: TicketStatus[]

  @Text({ ...QUERY, description: `${QUERY.description} In what the person sees, and nothing else.` })
  query?: string
}

@Input('TicketFilter', 'Which tickets to list; conditions add up.')
export class TicketFilterInput implements Asked<TicketFilter> {
  @Field(() => [TicketStatus], {
    nullable: true,
    description: 'Only tickets that stand in one of these ways.',
  })
  status?: TicketStatus[]

  @Field(() => TicketPriority, { nullable: true, description: 'Only tickets of this priority.' })
  priority?: TicketPriority

  @Field(() => TicketCategory, { nullable: true, description: 'Only tickets about this.' })
  category?: TicketCategory

  @IdOf('user', 'Only tickets with which this person deals.', { optional: true })
  assigneeId?: string

  @Field(() => Boolean, {
    nullable: true,
    description: 'Only tickets with which somebody deals; or, if false, only those that nobody has.',
  })
  isAssigned?: boolean

  @Field(() => Boolean, {
    nullable: true,
    description: 'Only tickets of which a target is missed; or, if false, only the others.',
  })
  isOverdue?: boolean

  @Text({ ...TAGS, description: 'Only tickets with all of these tags.', optional: true })
  tags?: string[]

  @IdOf('user', 'Only tickets of this person.', { optional: true })
  personId?: string

  @Text({ ...QUERY, description: `${QUERY.description} In notes as well.` })
  query?: string
}

@ArgsType()
export class OwnTicketArguments extends PageArguments {
  @Field(() => OwnTicketFilterInput, { nullable: true, description: 'Which tickets to list.' })
  filter?: OwnTicketFilterInput
}

@ArgsType()
export class TicketArguments extends PageArguments {
  @Field(() => TicketFilterInput, { nullable: true, description: 'Which tickets to list.' })
  filter?: TicketFilterInput

  @Field(() => TicketOrder, {
    nullable: true,
    description: 'Which come first; those that are due first where nothing is said.',
  })
  orderBy?: TicketOrder | null
}

@ArgsType()
export class TicketStatisticsArguments implements TicketSpan {
  @Field(() => Date, {
    nullable: true,
    description: 'Only tickets that were opened at or after this moment.',
  })
  since?: Date

  @Field(() => Date, { nullable: true, description: 'Only tickets that were opened before this moment.' })
  until?: Date
}
