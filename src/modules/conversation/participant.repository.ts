import { In } from 'typeorm'
import type { Id } from '../../core/id'
import { isInSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { isHidden } from '../../db/reach'
import { BlockKind } from '../block/block-kind'
import { ConversationParticipant } from './conversation-participant.entity'
import { ParticipantStatus, readsConversation } from './participant-status'

/** A participant as another one sees them. */
export interface ParticipantRow {
  conversationId: Id
  userId: Id
  status: ParticipantStatus
  joinedAt: Date
  isOwner: boolean
  lastReadNumber: number | null
}

/** A participant has not blocked whoever is named, as SQL has it. */
const doesNotBlock = (participant: string, person: string): string =>
  `NOT EXISTS (SELECT FROM blocks WHERE blocks.person_id = ${participant}.user_id AND blocks.kind = '${BlockKind.BLOCKED}' AND blocks.blocked_id = ${person})`

/** Somebody's data is more than kept (GDPR art. 18), and they use their account, as SQL has it. Of messages no permission shows more. */
export const isInUse = (person: string): string =>
  `NOT EXISTS (SELECT FROM users restricted WHERE restricted.id = ${person} AND ${isHidden('restricted')})`

/** The messages that a participant has yet to read, as SQL has it: what `unread_count` counts. */
const UNREAD = `
  SELECT count(*) FROM messages message
  WHERE message.conversation_id = participant.conversation_id
    AND message.number > greatest(participant.last_read_number, participant.sees_after)
    AND message.sender_id <> participant.user_id AND message.deleted_at IS NULL
    AND ${doesNotBlock('participant', 'message.sender_id')} AND ${isInUse('message.sender_id')}`

/**
 * Every question about who takes part in conversations. What changes counts is called with the conversation locked, so that they
 * stay exact: a message that is being sent is counted before or after, and not both.
 */
export class ParticipantRepository {
  constructor(private readonly db: Database) {}

  /**
   * Those of conversations that the viewer reads, the longest first. Nobody sees of another that they have declined, nor how far
   * somebody has read who has not accepted, or who has blocked them; nor does whoever has not accepted themselves.
   */
  async findByConversations(ids: readonly Id[]): Promise<ParticipantRow[]> {
    const { viewer } = this.db.caller
    return this.db.query<ParticipantRow>(
      `SELECT participant.conversation_id AS "conversationId", participant.user_id AS "userId", participant.joined_at AS "joinedAt",
         CASE WHEN participant.status = '${ParticipantStatus.DECLINED}' THEN '${ParticipantStatus.REQUESTED}' ELSE participant.status END AS status,
         participant.status = '${ParticipantStatus.ACCEPTED}' AND conversation.is_group AND row_number() OVER (
           PARTITION BY participant.conversation_id
           ORDER BY participant.status <> '${ParticipantStatus.ACCEPTED}', ${SENIORITY}
         ) = 1 AS "isOwner",
         CASE WHEN participant.user_id = own.user_id
           OR own.status = '${ParticipantStatus.ACCEPTED}' AND participant.status = '${ParticipantStatus.ACCEPTED}'
           AND ${doesNotBlock('participant', 'own.user_id')} THEN participant.last_read_number END AS "lastReadNumber"
       FROM conversation_participants own
       JOIN conversations conversation ON conversation.id = own.conversation_id
       JOIN conversation_participants participant ON participant.conversation_id = own.conversation_id
       WHERE own.user_id = $1 AND own.conversation_id = ANY($2) AND ${readsConversation('own')}
         AND participant.status <> '${ParticipantStatus.LEFT}'
       ORDER BY participant.conversation_id, ${SENIORITY}`,
      [isInSession(viewer) ? viewer.userId : null, ids],
    )
  }

  /**
   * All who are, or were, in a conversation.
   * @visibility the use case asks whether the viewer takes part, and answers with none of it
   */
  async ofConversation(conversationId: Id): Promise<ConversationParticipant[]> {
    return this.db.repo(ConversationParticipant).findBy({ conversationId })
  }

  /**
   * Who owns a group: whoever has been in it the longest, and first who has started it.
   * @visibility the use case asks whether it is the viewer
   */
  async ownerOf(conversationId: Id): Promise<Id | null> {
    const [owner] = await this.db.query<{ id: Id }>(
      `SELECT participant.user_id AS id FROM conversation_participants participant
       JOIN conversations conversation ON conversation.id = participant.conversation_id
       WHERE participant.conversation_id = $1 AND participant.status = $2 ORDER BY ${SENIORITY} LIMIT 1`,
      [conversationId, ParticipantStatus.ACCEPTED],
    )
    return owner?.id ?? null
  }

  /**
   * Which of these people have ever written to somebody, or let them write: they are no strangers.
   * @visibility whether they are is decided by it, and nothing of it is answered
   */
  async knownTo(userId: Id, people: readonly Id[]): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      `SELECT other.user_id AS id FROM conversations conversation
       JOIN conversation_participants other ON other.conversation_id = conversation.id AND other.user_id <> $1
       WHERE (conversation.lower_id, conversation.higher_id) IN (SELECT least($1, id), greatest($1, id) FROM unnest($2::uuid[]) AS person (id))
         AND other.status = $3`,
      [userId, people, ParticipantStatus.ACCEPTED],
    )
    return rows.map(({ id }) => id)
  }

  /**
   * Which of these people somebody has a conversation of two with already, whatever became of it.
   * @visibility the conversations are the viewer's
   */
  async pairedWith(userId: Id, people: readonly Id[]): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      `SELECT person.id FROM unnest($2::uuid[]) AS person (id)
       JOIN conversations ON lower_id = least($1, person.id) AND higher_id = greatest($1, person.id)`,
      [userId, people],
    )
    return rows.map(({ id }) => id)
  }

  async add(...participants: ConversationParticipant[]): Promise<void> {
    await insertRows(this.db, ConversationParticipant, participants)
  }

  async save({ id, ...columns }: Partial<ConversationParticipant> & { id: Id }): Promise<void> {
    await this.db.repo(ConversationParticipant).update({ id }, columns)
  }

  /**
   * Until when a conversation's messages do not call somebody; false where they do not read it.
   * @visibility the viewer's own
   */
  async mute(conversationId: Id, userId: Id, muteEndsAt: Date | null): Promise<boolean> {
    const status = In([ParticipantStatus.ACCEPTED, ParticipantStatus.REQUESTED])
    const { affected } = await this.db
      .repo(ConversationParticipant)
      .update({ conversationId, userId, status }, { muteEndsAt })
    return affected === 1
  }

  /** A message has been sent: it is there to read for everybody but its sender, and whoever does not see what they write. */
  async countIn(conversationId: Id, senderId: Id, at: Date): Promise<void> {
    await this.db.query(
      `UPDATE conversation_participants participant
       SET last_activity_at = $3, unread_count = unread_count + CASE WHEN user_id = $2 THEN 0 ELSE 1 END
       WHERE conversation_id = $1 AND ${readsConversation('participant')}
         AND (user_id = $2 OR ${doesNotBlock('participant', '$2')} AND ${isInUse('$2')})`,
      [conversationId, senderId, at],
    )
  }

  /** A message is gone: it is not there to read any more for whoever had yet to. */
  async countOut(conversationId: Id, senderId: Id, number: number): Promise<void> {
    await this.db.query(
      `UPDATE conversation_participants participant SET unread_count = unread_count - 1
       WHERE conversation_id = $1 AND user_id <> $2 AND greatest(last_read_number, sees_after) < $3
         AND ${readsConversation('participant')} AND ${doesNotBlock('participant', '$2')} AND ${isInUse('$2')}`,
      [conversationId, senderId, number],
    )
  }

  /** Somebody has read so far; what is beyond is counted anew. */
  async readUpTo(conversationId: Id, userId: Id, number: number): Promise<void> {
    await this.db.repo(ConversationParticipant).update({ conversationId, userId }, { lastReadNumber: number })
    await this.recount(userId, [conversationId])
  }

  /** Counts anew what somebody has yet to read in these conversations. */
  async recount(userId: Id, conversationIds: readonly Id[]): Promise<void> {
    await this.db.query(
      `UPDATE conversation_participants participant SET unread_count = (${UNREAD})
       WHERE user_id = $1 AND conversation_id = ANY($2) AND ${readsConversation('participant')}`,
      [userId, conversationIds],
    )
  }

  /** Counts anew what others than somebody have yet to read in these conversations. */
  async recountOthers(userId: Id, conversationIds: readonly Id[]): Promise<void> {
    await this.db.query(
      `UPDATE conversation_participants participant SET unread_count = (${UNREAD})
       WHERE user_id <> $1 AND conversation_id = ANY($2) AND ${readsConversation('participant')}`,
      [userId, conversationIds],
    )
  }

  /**
   * The conversations in which somebody has written, locked in one order for everybody.
   * @visibility what is counted in them for others follows
   */
  async lockWritten(userId: Id): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      `SELECT id FROM conversations WHERE id IN (SELECT conversation_id FROM messages WHERE sender_id = $1)
       ORDER BY id FOR UPDATE`,
      [userId],
    )
    return rows.map(({ id }) => id)
  }

  /**
   * The conversations of somebody in which another person is, was or has written, locked in one order for everybody.
   * @visibility what is counted in them for the viewer follows
   */
  async lockShared(userId: Id, otherId: Id): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      `SELECT id FROM conversations WHERE id IN (
         SELECT own.conversation_id FROM conversation_participants own WHERE own.user_id = $1 AND (
           EXISTS (SELECT FROM conversation_participants other WHERE other.conversation_id = own.conversation_id AND other.user_id = $2)
           OR EXISTS (SELECT FROM messages WHERE sender_id = $2 AND messages.conversation_id = own.conversation_id)))
       ORDER BY id FOR UPDATE`,
      [userId, otherId],
    )
    return rows.map(({ id }) => id)
  }
}

/** Who has been there longer, whoever has started it before those who came with them. */
const SENIORITY = 'participant.joined_at, participant.user_id <> conversation.creator_id, participant.id'
