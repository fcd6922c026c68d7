import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { TicketMessageType, TicketNoteType, TicketType } from './ticket.type'

@Type('OpenTicketPayload', 'The answer of `openTicket`.')
export class OpenTicketPayload extends MutationPayload {
  @Shown(() => TicketType, 'The new ticket.', true)
  ticket?: TicketType
}

@Type('ReplyToTicketPayload', 'The answer of `replyToTicket`.')
export class ReplyToTicketPayload extends MutationPayload {
  @Shown(() => TicketType, 'The ticket in which it stands: another one, where that one was over.', true)
  ticket?: TicketType

  @Shown(() => TicketMessageType, 'What you have said.', true)
  message?: TicketMessageType
}

@Type('SolveTicketPayload', 'The answer of `solveTicket`.')
export class SolveTicketPayload extends MutationPayload {
  @Shown(() => TicketType, 'The ticket as it is now.', true)
  ticket?: TicketType
}

@Type('OpenTicketForPayload', 'The answer of `openTicketFor`.')
export class OpenTicketForPayload extends MutationPayload {
  @Shown(() => TicketType, 'The new ticket.', true)
  ticket?: TicketType
}

@Type('AnswerTicketPayload', 'The answer of `answerTicket`.')
export class AnswerTicketPayload extends MutationPayload {
  @Shown(() => TicketType, 'The ticket as it is now.', true)
  ticket?: TicketType

  @Shown(() => TicketMessageType, 'What you have said.', true)
  message?: TicketMessageType
}

@Type('AddTicketNotePayload', 'The answer of `addTicketNote`.')
export class AddTicketNotePayload extends MutationPayload {
  @Shown(() => TicketNoteType, 'What you have noted.', true)
  note?: TicketNoteType
}

@Type('UpdateTicketPayload', 'The answer of `updateTicket`.')
export class UpdateTicketPayload extends MutationPayload {
  @Shown(() => TicketType, 'The ticket as it is now.', true)
  ticket?: TicketType
}

@Type('ClaimTicketPayload', 'The answer of `claimTicket`.')
export class ClaimTicketPayload extends MutationPayload {
  @Shown(() => TicketType, 'The ticket, which is yours now; null where there is none to take.', true)
  ticket?: TicketType | null
}

@Type('MergeTicketsPayload', 'The answer of `mergeTickets`.')
export class MergeTicketsPayload extends MutationPayload {
  @Shown(() => TicketType, 'The ticket in which both go on.', true)
  ticket?: TicketType
}
