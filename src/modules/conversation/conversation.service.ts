import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { Conversation } from './conversation.entity'
import { ConversationRepository, type ConversationRow } from './conversation.repository'
import { Message } from './message.entity'
import { MessageRepository, type MessageRow } from './message.repository'
import { ParticipantRepository, type ParticipantRow } from './participant.repository'
import type { ParticipantStatus } from './participant-status'

export type { ConversationRow, MessageRow, ParticipantRow }

/** Conversations, who takes part in them, and what was written there, as the viewer sees them. What changes them has files of its own. */
export class ConversationService {
  private readonly conversations: ConversationRepository
  private readonly messages: MessageRepository

  constructor(private readonly db: Database) {
    this.conversations = new ConversationRepository(db)
    this.messages = new MessageRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<ConversationRow[]> {
    return this.conversations.lookup(ids)
  }

  /** The conversations of somebody that stand so, the one where something was written last first. */
  async list(userId: Id, status: ParticipantStatus, page: PageRequest): Promise<Page<ConversationRow>> {
    return this.conversations.list(userId, status, page)
  }

  async count(userId: Id, status: ParticipantStatus): Promise<number> {
    return this.conversations.count(userId, status)
  }

  async countUnread(userId: Id): Promise<number> {
    return this.conversations.countUnread(userId)
  }

  async participantsOf(ids: readonly Id[]): Promise<ParticipantRow[]> {
    return new ParticipantRepository(this.db).findByConversations(ids)
  }

  /** The titles of conversations, decrypted with one look-up of keys; null where there is none, or whoever gave it was erased. */
  async titles(
    conversations: readonly Pick<ConversationRow, 'id' | 'namedById' | 'title'>[],
  ): Promise<(string | null | Error)[]> {
    const places = conversations.map((conversation) => ({ ...conversation, ownerId: conversation.namedById }))
    return this.db.codec.openEach(Conversation, 'title', places, ({ title }) => title)
  }

  async lookupMessages(ids: readonly Id[]): Promise<MessageRow[]> {
    return this.messages.lookup(ids)
  }

  async listMessages(conversationId: Id, page: PageRequest): Promise<Page<MessageRow>> {
    return this.messages.list(conversationId, page)
  }

  async countMessages(conversationId: Id): Promise<number> {
    return this.messages.count(conversationId)
  }

  async lastMessages(conversationIds: readonly Id[]): Promise<MessageRow[]> {
    return this.messages.findLast(conversationIds)
  }

  /**
   * The texts of messages, decrypted with one look-up of keys: empty for what is deleted or hidden, and for what was removed of somebody
   * else's; null where its sender was erased, an error for one that does not open.
   */
  async bodies(messages: readonly MessageRow[]): Promise<(string | null | Error)[]> {
    const places = messages.map((message) => ({ ...message, ownerId: message.senderId }))
    const own = viewerId(this.db.caller.viewer)
    const isEmpty = ({ isHidden, deletedAt, removedAt, senderId }: MessageRow) =>
      isHidden || deletedAt !== null || (removedAt !== null && senderId !== own)
    const texts = await this.db.codec.openEach(Message, 'body', places, (message) =>
      isEmpty(message) ? null : message.body,
    )
    return texts.map((text, index) => (isEmpty(messages[index]!) ? '' : text))
  }
}
