import DataLoader from 'dataloader'
import { defineLoader, keyed, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import {
  TicketService,
  type TicketChangeRow,
  type TicketMessageRow,
  type TicketNoteRow,
  type TicketRow,
} from './ticket.service'

export type { TicketChangeRow, TicketMessageRow, TicketNoteRow, TicketRow }

export const ticketById = defineLoader<Id, TicketRow>(async (db, ids) =>
  keyed(await new TicketService(db).lookup(ids), 'id'),
)

/** A ticket that is the viewer's to deal with. */
export const queuedTicketById = defineLoader<Id, TicketRow>(async (db, ids) =>
  keyed(await new TicketService(db).lookupQueued(ids), 'id'),
)

export const ticketMessageById = defineLoader<Id, TicketMessageRow>(async (db, ids) =>
  keyed(await new TicketService(db).lookupMessages(ids), 'id'),
)

export const ticketNoteById = defineLoader<Id, TicketNoteRow>(async (db, ids) =>
  keyed(await new TicketService(db).lookupNotes(ids), 'id'),
)

export const lastMessageByTicket = defineLoader<Id, TicketMessageRow>(async (db, ids) =>
  keyed(await new TicketService(db).lastMessages(ids), 'ticketId'),
)

/** What a ticket is about, decrypted. */
export const ticketSubject: LoaderDefinition<TicketRow, string | null> = (db) =>
  new DataLoader((tickets) => new TicketService(db).subjects(tickets))

/** What was said, decrypted. */
export const ticketMessageBody: LoaderDefinition<TicketMessageRow, string | null> = (db) =>
  new DataLoader((messages) => new TicketService(db).messageBodies(messages))

/** What was noted, decrypted. */
export const ticketNoteBody: LoaderDefinition<TicketNoteRow, string | null> = (db) =>
  new DataLoader((notes) => new TicketService(db).noteBodies(notes))
