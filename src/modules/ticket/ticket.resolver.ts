import { Args, Ctx, FieldResolver, Int, Query, Resolver, Root, Subscription } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { FollowArguments, IdArgument, InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { MINUTE, SECOND } from '../../core/clock'
import type { Id } from '../../core/id'
import { requireSignedIn, viewerId } from '../../core/viewer'
import { follow, type StreamEvent } from '../../db/event-stream'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { addTicketNote, answerTicket } from './answer-ticket'
import { mergeTickets } from './merge-tickets'
import { openTicket, openTicketFor } from './open-ticket'
import { replyToTicket, reopeningEndsAt, solveTicket } from './reply-to-ticket'
import { NEVER } from './ticket-clock'
import { TICKET_QUEUE, ticketsTopic, type TicketEvent, type TicketEventKind } from './ticket-event'
import { TicketStatus } from './ticket-status'
import {
  AddTicketNoteInput,
  AnswerTicketInput,
  ClaimTicketInput,
  MergeTicketsInput,
  OpenTicketForInput,
  OpenTicketInput,
  OwnTicketArguments,
  ReplyToTicketInput,
  SolveTicketInput,
  TicketArguments,
  TicketStatisticsArguments,
  UpdateTicketInput,
} from './ticket.input'
import {
  lastMessageByTicket,
  queuedTicketById,
  ticketById,
  ticketMessageBody,
  ticketMessageById,
  ticketNoteBody,
  ticketNoteById,
  ticketSubject,
  type TicketChangeRow,
  type TicketMessageRow,
  type TicketNoteRow,
  type TicketRow,
} from './ticket.loader'
import {
  AddTicketNotePayload,
  AnswerTicketPayload,
  ClaimTicketPayload,
  MergeTicketsPayload,
  OpenTicketForPayload,
  OpenTicketPayload,
  ReplyToTicketPayload,
  SolveTicketPayload,
  UpdateTicketPayload,
} from './ticket.payload'
import { TicketOrder } from './ticket.repository'
import { TicketService } from './ticket.service'
import {
  TicketChangeConnection,
  TicketChangeType,
  TicketConnection,
  TicketEventType,
  TicketMessageConnection,
  TicketMessageType,
  TicketNoteConnection,
  TicketNoteType,
  TicketQueueEventType,
  TicketStatisticsType,
  TicketType,
} from './ticket.type'
import { claimTicket, updateTicket } from './update-ticket'

defineNode('ticket', 'Ticket', (context, id) => context.load(ticketById, id))
defineNode('ticket_message', 'TicketMessage', (context, id) => context.load(ticketMessageById, id))
defineNode('ticket_note', 'TicketNote', (context, id) => context.load(ticketNoteById, id))

const NEEDS = 'Needs `tickets:answer` over the person.'
const STAFF_ONLY = 'Needs `tickets:answer`; the person never sees it.'
const IN_MINUTES = 'in minutes in which it waited for staff, day and night'

const minutes = (seconds: number | null): number | null =>
  seconds === null ? null : (seconds * SECOND) / MINUTE

@Resolver(() => TicketType)
export class TicketResolver {
  @Query(() => TicketType, {
    nullable: true,
    description: 'A ticket, by its id: your own, or one of somebody whom your `tickets:answer` reaches.',
  })
  ticket(
    @Ctx() context: Context,
    @IdArgument('id', 'ticket', 'The global id of the ticket.') id: Id,
  ): Promise<TicketRow | null> {
    return context.load(ticketById, id)
  }

  @Query(() => TicketConnection, {
    nullable: true,
    description:
      'The tickets of those people whom your `tickets:answer` reaches, but your own. Needs `tickets:answer`.',
  })
  async tickets(
    @Ctx() context: Context,
    @Args(() => TicketArguments) { filter = {}, orderBy, ...page }: TicketArguments,
  ): Promise<Connection<TicketRow>> {
    const tickets = context.use(TicketService)
    return toConnection(await tickets.list(filter, orderBy ?? TicketOrder.DUE, page), () =>
      tickets.count(filter),
    )
  }

  @Query(() => TicketStatisticsType, {
    nullable: true,
    description:
      'How many tickets there are by now, of those that were opened in a span of time, and how long people wait. Needs `tickets:answer`.',
  })
  async ticketStatistics(
    @Ctx() context: Context,
    @Args(() => TicketStatisticsArguments) span: TicketStatisticsArguments,
  ): Promise<TicketStatisticsType> {
    const { statuses, unassigned, overdue, firstResponse, resolution } = await context
      .use(TicketService)
      .statistics(span)
    const count = (status: TicketStatus) => statuses.get(status) ?? 0
    return {
      openCount: count(TicketStatus.OPEN),
      pendingCount: count(TicketStatus.PENDING),
      onHoldCount: count(TicketStatus.ON_HOLD),
      solvedCount: count(TicketStatus.SOLVED),
      closedCount: count(TicketStatus.CLOSED),
      unassignedCount: unassigned,
      overdueCount: overdue,
      firstResponseMedianMinutes: minutes(firstResponse.median),
      firstResponseP90Minutes: minutes(firstResponse.p90),
      resolutionMedianMinutes: minutes(resolution.median),
      resolutionP90Minutes: minutes(resolution.p90),
    }
  }

  @Subscription(() => TicketEventType, {
    nullable: true,
    description:
      'What happens to your tickets, as it happens, each event once; after a cursor also what you have missed of the last day. Needs a sign-in.',
    subscribe: ({ context, args }: { context: Context; args: { after?: string } }) =>
      follow(context, ticketsTopic(requireSignedIn(context.viewer).userId), { after: args.after }),
  })
  async viewerTicketsChanged(
    @Ctx() context: Context,
    @Root() { cursor, event }: StreamEvent,
    @Args(() => FollowArguments) _arguments: FollowArguments,
  ): Promise<TicketEventType | null> {
    const { kind, ticketId, messageId } = event as TicketEvent
    const [ticket, message] = await Promise.all([
      context.load(ticketById, ticketId),
      messageId === null ? null : context.load(ticketMessageById, messageId),
    ])
    if (ticket?.userId !== viewerId(context.viewer)) return null
    return { cursor, kind: kind as TicketEventKind, ticket, message }
  }

  @Subscription(() => TicketQueueEventType, {
    nullable: true,
    description:
      'What happens to the tickets with which you may deal, as it happens, each event once; after a cursor also what you have missed of the last day. Needs `tickets:answer`.',
    subscribe: ({ context, args }: { context: Context; args: { after?: string } }) =>
      follow(context, TICKET_QUEUE, { after: args.after }),
  })
  async ticketQueueChanged(
    @Ctx() context: Context,
    @Root() { cursor, event }: StreamEvent,
    @Args(() => FollowArguments) _arguments: FollowArguments,
  ): Promise<TicketQueueEventType | null> {
    const { kind, ticketId } = event as TicketEvent
    // Whoever may not deal with it by now is told nothing.
    const ticket = await context.load(queuedTicketById, ticketId)
    return ticket && { cursor, kind, ticket }
  }

  @Action(() => OpenTicketPayload, {
    description: 'Asks staff for help. Needs a sign-in.',
  })
  async openTicket(@Ctx() context: Context, @InputArgument(() => OpenTicketInput) input: OpenTicketInput) {
    return done({ ticket: await openTicket(context.db, input) })
  }

  @Action(() => ReplyToTicketPayload, {
    description:
      'Says more in a ticket of your own, which is open from then on. Where it was solved more than 14 days ago, or closed, that begins another ticket, which names it. Needs a sign-in.',
  })
  async replyToTicket(
    @Ctx() context: Context,
    @InputArgument(() => ReplyToTicketInput) input: ReplyToTicketInput,
  ) {
    return done(await replyToTicket(context.db, input))
  }

  @Action(() => SolveTicketPayload, {
    description:
      'Says that a ticket of your own is solved; a reply within 14 days takes it up again. Needs a sign-in.',
  })
  async solveTicket(
    @Ctx() context: Context,
    @InputArgument(() => SolveTicketInput) { ticketId }: SolveTicketInput,
  ) {
    return done({ ticket: await solveTicket(context.db, ticketId) })
  }

  @Action(() => OpenTicketForPayload, {
    description: `Begins to talk to somebody, who is told by mail, be they able to sign in or not. ${NEEDS}`,
  })
  async openTicketFor(
    @Ctx() context: Context,
    @InputArgument(() => OpenTicketForInput) input: OpenTicketForInput,
  ) {
    return done({ ticket: await openTicketFor(context.db, input) })
  }

  @Action(() => AnswerTicketPayload, {
    description: `Answers somebody in their ticket, who is told by mail that there is an answer. ${NEEDS}`,
  })
  async answerTicket(
    @Ctx() context: Context,
    @InputArgument(() => AnswerTicketInput) input: AnswerTicketInput,
  ) {
    return done(await answerTicket(context.db, input))
  }

  @Action(() => AddTicketNotePayload, {
    description: `Notes something in a ticket, which the person never sees. ${NEEDS}`,
  })
  async addTicketNote(
    @Ctx() context: Context,
    @InputArgument(() => AddTicketNoteInput) input: AddTicketNoteInput,
  ) {
    return done({ note: await addTicketNote(context.db, input) })
  }

  @Action(() => UpdateTicketPayload, {
    description: `Changes how a ticket stands, who deals with it, how soon, and how it is sorted. ${NEEDS}`,
  })
  async updateTicket(
    @Ctx() context: Context,
    @InputArgument(() => UpdateTicketInput) input: UpdateTicketInput,
  ) {
    return done({ ticket: await updateTicket(context.db, input) })
  }

  @Action(() => ClaimTicketPayload, {
    description:
      'Takes a ticket that nobody has, or the one that is due first: of two who try at once, one gets it. Needs `tickets:answer`.',
  })
  async claimTicket(
    @Ctx() context: Context,
    @InputArgument(() => ClaimTicketInput) { ticketId }: ClaimTicketInput,
  ) {
    return done({ ticket: await claimTicket(context.db, ticketId) })
  }

  @Action(() => MergeTicketsPayload, {
    description: `Lets a ticket go on in another one of the same person: what was said and noted stands there. ${NEEDS}`,
  })
  async mergeTickets(
    @Ctx() context: Context,
    @InputArgument(() => MergeTicketsInput) input: MergeTicketsInput,
  ) {
    return done({ ticket: await mergeTickets(context.db, input) })
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'What it is about, in one line; null when the person has been erased.',
  })
  subject(@Ctx() context: Context, @Root() ticket: TicketRow): Promise<string | null> {
    return context.load(ticketSubject, ticket)
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Whom it is for. What you see of them, your permissions say.',
  })
  person(@Ctx() context: Context, @Root() { userId }: TicketRow): Promise<UserRow | null> {
    return context.load(userById, userId)
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who of the staff has opened it; null where the person has.',
  })
  async openedBy(@Ctx() context: Context, @Root() { openedById }: TicketRow): Promise<UserRow | null> {
    return openedById === null ? null : context.load(userById, openedById)
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'Until when a reply takes it up again; null where it is not solved, or closed.',
  })
  reopeningEndsAt(@Root() ticket: TicketRow): Date | null {
    return reopeningEndsAt(ticket)
  }

  @FieldResolver(() => TicketType, {
    nullable: true,
    description: 'The ticket that was over when the person wrote on; null where there is none.',
  })
  async followUpOf(@Ctx() context: Context, @Root() { followUpOfId }: TicketRow): Promise<TicketRow | null> {
    return followUpOfId === null ? null : context.load(ticketById, followUpOfId)
  }

  @FieldResolver(() => TicketType, {
    nullable: true,
    description: 'The ticket in which it goes on; null where there is none.',
  })
  async mergedInto(@Ctx() context: Context, @Root() { mergedIntoId }: TicketRow): Promise<TicketRow | null> {
    return mergedIntoId === null ? null : context.load(ticketById, mergedIntoId)
  }

  @FieldResolver(() => TicketMessageType, { nullable: true, description: 'What was said last.' })
  lastMessage(@Ctx() context: Context, @Root() { id }: TicketRow): Promise<TicketMessageRow | null> {
    return context.load(lastMessageByTicket, id)
  }

  @FieldResolver(() => TicketMessageConnection, {
    nullable: true,
    description: 'What the person and staff have said, oldest first.',
  })
  async messages(
    @Ctx() context: Context,
    @Root() { id }: TicketRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<TicketMessageRow>> {
    const tickets = context.use(TicketService)
    return toConnection(await tickets.listMessages(id, page), () => tickets.countMessages(id))
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: `Who deals with it; null where nobody does. ${STAFF_ONLY}`,
  })
  async assignee(@Ctx() context: Context, @Root() { assigneeId }: TicketRow): Promise<UserRow | null> {
    return assigneeId === null ? null : context.load(userById, assigneeId)
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: `When its next target is missed, the first answer or the solution; null while it does not wait for staff. ${STAFF_ONLY}`,
  })
  dueAt(@Root() { dueAt }: TicketRow): Date | null {
    return dueAt.getTime() === NEVER.getTime() ? null : dueAt
  }

  @FieldResolver(() => Boolean, {
    nullable: true,
    description: `Whether a target is missed at this moment. ${STAFF_ONLY}`,
  })
  isOverdue(@Ctx() { clock }: Context, @Root() { dueAt }: TicketRow): boolean {
    return dueAt < clock.now()
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: `How long the person waited for the first answer, ${IN_MINUTES}; null until then. ${STAFF_ONLY}`,
  })
  firstResponseMinutes(@Root() { firstResponseSeconds }: TicketRow): number | null {
    return wholeMinutes(firstResponseSeconds)
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: `How long it took until it was solved, ${IN_MINUTES}; null until then. ${STAFF_ONLY}`,
  })
  resolutionMinutes(@Root() { resolutionSeconds }: TicketRow): number | null {
    return wholeMinutes(resolutionSeconds)
  }

  @FieldResolver(() => TicketNoteConnection, {
    nullable: true,
    description: `What staff have noted for each other, oldest first. ${STAFF_ONLY}`,
  })
  async notes(
    @Ctx() context: Context,
    @Root() { id }: TicketRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<TicketNoteRow>> {
    const tickets = context.use(TicketService)
    return toConnection(await tickets.listNotes(id, page), () => tickets.countNotes(id))
  }

  @FieldResolver(() => TicketChangeConnection, {
    nullable: true,
    description: `What was changed about it, oldest first. ${STAFF_ONLY}`,
  })
  async history(
    @Ctx() context: Context,
    @Root() { id }: TicketRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<TicketChangeRow>> {
    const tickets = context.use(TicketService)
    return toConnection(await tickets.listChanges(id, page), () => tickets.countChanges(id))
  }
}

const wholeMinutes = (seconds: number | null): number | null =>
  seconds === null ? null : Math.floor(minutes(seconds)!)

@Resolver(() => TicketMessageType)
export class TicketMessageResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'The text; null when the person has been erased.',
  })
  body(@Ctx() context: Context, @Root() message: TicketMessageRow): Promise<string | null> {
    return context.load(ticketMessageBody, message)
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who has said it.' })
  author(@Ctx() context: Context, @Root() { authorId }: TicketMessageRow): Promise<UserRow | null> {
    return context.load(userById, authorId)
  }
}

@Resolver(() => TicketNoteType)
export class TicketNoteResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'The text; null when the person has been erased.',
  })
  body(@Ctx() context: Context, @Root() note: TicketNoteRow): Promise<string | null> {
    return context.load(ticketNoteBody, note)
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who has noted it.' })
  author(@Ctx() context: Context, @Root() { authorId }: TicketNoteRow): Promise<UserRow | null> {
    return context.load(userById, authorId)
  }
}

@Resolver(() => TicketChangeType)
export class TicketChangeResolver {
  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who has changed it; null where time alone has.',
  })
  async changedBy(
    @Ctx() context: Context,
    @Root() { changedById }: TicketChangeRow,
  ): Promise<UserRow | null> {
    return changedById === null ? null : context.load(userById, changedById)
  }
}

@Resolver(() => UserType)
export class UserTicketsResolver {
  @FieldResolver(() => TicketConnection, {
    nullable: true,
    description:
      'The tickets of this person, the one in which something was said last first. Self, or `tickets:answer`.',
  })
  async tickets(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => OwnTicketArguments) { filter = {}, ...page }: OwnTicketArguments,
  ): Promise<Connection<TicketRow>> {
    const tickets = context.use(TicketService)
    return toConnection(await tickets.listOf(id, filter, page), () => tickets.countOf(id, filter))
  }
}
