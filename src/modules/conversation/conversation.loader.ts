import DataLoader from 'dataloader'
import { defineLoader, grouped, keyed, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import {
  ConversationService,
  type ConversationRow,
  type MessageRow,
  type ParticipantRow,
} from './conversation.service'

export type { ConversationRow, MessageRow, ParticipantRow }

export const conversationById = defineLoader<Id, ConversationRow>(async (db, ids) =>
  keyed(await new ConversationService(db).lookup(ids), 'id'),
)

export const participantsByConversation = defineLoader<Id, ParticipantRow[], ParticipantRow[]>(
  async (db, ids) => grouped(await new ConversationService(db).participantsOf(ids), 'conversationId'),
  [],
)

export const messageById = defineLoader<Id, MessageRow>(async (db, ids) =>
  keyed(await new ConversationService(db).lookupMessages(ids), 'id'),
)

/** The last message of a conversation that is not hidden. */
export const lastMessageByConversation = defineLoader<Id, MessageRow>(async (db, ids) =>
  keyed(await new ConversationService(db).lastMessages(ids), 'conversationId'),
)

/** The title of a conversation, decrypted. */
export const conversationTitle: LoaderDefinition<ConversationRow, string | null> = (db) =>
  new DataLoader((conversations) => new ConversationService(db).titles(conversations))

/** The text of a message, decrypted; see `ConversationService.bodies`. */
export const messageBody: LoaderDefinition<MessageRow, string | null> = (db) =>
  new DataLoader((messages) => new ConversationService(db).bodies(messages))
