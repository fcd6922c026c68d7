import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { isInSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { isNotBlocked, isNotMuted } from '../block/block-condition'
import { ConversationParticipant } from './conversation-participant.entity'
import { Conversation } from './conversation.entity'
import { ParticipantStatus, readsConversation } from './participant-status'

const OWN = [
  'conversationId',
  'status',
  'lastReadNumber',
  'unreadCount',
  'muteEndsAt',
  'lastActivityAt',
] as const
const COMMON = ['id', 'creatorId', 'namedById', 'isGroup', 'title', 'lastNumber', 'createdAt'] as const

/** A conversation as one of its participants has it. */
export type ConversationRow = Pick<Conversation, (typeof COMMON)[number]> &
  Pick<ConversationParticipant, (typeof OWN)[number]>

const NEWEST_FIRST: ListOrder<ConversationRow> = {
  columns: ['lastActivityAt', 'conversationId'],
  descending: true,
}

/** The two people of a conversation, in the order in which its row names them. */
export const inOrder = (people: readonly [Id, Id]): [Id, Id] =>
  people[0] < people[1] ? [...people] : [people[1], people[0]]

/** Every question about conversations. Whoever reads one sees it, in person; no permission shows one to anybody else. */
export class ConversationRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<ConversationRow[]> {
    return this.visible().andWhere('own.conversationId = ANY(:ids)', { ids }).getRawMany<ConversationRow>()
  }

  async list(userId: Id, status: ParticipantStatus, page: PageRequest): Promise<Page<ConversationRow>> {
    return readPage(this.withStatus(userId, status), NEWEST_FIRST, page)
  }

  async count(userId: Id, status: ParticipantStatus): Promise<number> {
    return this.withStatus(userId, status).getCount()
  }

  /** How many messages call somebody: those unread in what they have accepted, and not muted. */
  async countUnread(userId: Id): Promise<number> {
    const { viewer } = this.db.caller
    const [row] = await this.db.query<{ count: number }>(
      `SELECT coalesce(sum(unread_count), 0)::int AS count FROM conversation_participants
       WHERE user_id = $1 AND user_id = $2 AND status = $3 AND (mute_ends_at IS NULL OR mute_ends_at <= $4)`,
      [userId, isInSession(viewer) ? viewer.userId : null, ParticipantStatus.ACCEPTED, this.db.now],
    )
    return row!.count
  }

  /**
   * The whole row, locked until the transaction ends: what happens in a conversation happens one after the other.
   * @visibility the use case asks whether the viewer takes part
   */
  async lock(id: Id): Promise<Conversation | null> {
    return this.db.repo(Conversation).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  /**
   * The conversation of two people, locked.
   * @visibility the viewer is one of the two
   */
  async lockPair(people: readonly [Id, Id]): Promise<Conversation | null> {
    const [lowerId, higherId] = inOrder(people)
    const where = { lowerId, higherId }
    return this.db.repo(Conversation).findOne({ where, lock: { mode: 'pessimistic_write' } })
  }

  /**
   * The group that somebody's client knows by this id, locked.
   * @visibility the viewer has started it
   */
  async lockByClientId(creatorId: Id, clientId: string): Promise<Conversation | null> {
    const where = { creatorId, clientId }
    return this.db.repo(Conversation).findOne({ where, lock: { mode: 'pessimistic_write' } })
  }

  /**
   * Whether somebody has started a group by this id of their client.
   * @visibility the viewer's own
   */
  async isStarted(creatorId: Id, clientId: string): Promise<boolean> {
    return this.db.repo(Conversation).existsBy({ creatorId, clientId })
  }

  async add(conversation: Conversation): Promise<void> {
    await this.db.repo(Conversation).insert(conversation)
  }

  async setLastNumber(id: Id, lastNumber: number): Promise<void> {
    await this.db.repo(Conversation).update({ id }, { lastNumber })
  }

  /** Gives a conversation, which is locked, another title, under the key of whoever gives it. */
  async setTitle(id: Id, title: Buffer | null, namedById: Id): Promise<void> {
    await this.db.repo(Conversation).update({ id }, { title, namedById })
  }

  private withStatus(userId: Id, status: ParticipantStatus): SelectQueryBuilder<ConversationParticipant> {
    const query = this.visible().andWhere('own.userId = :userId AND own.status = :status', { userId, status })
    if (status !== ParticipantStatus.REQUESTED) return query
    const { viewer } = this.db.caller
    return query
      .andWhere(...isNotBlocked(viewer, 'conversation.creator_id'))
      .andWhere(...isNotMuted(viewer, 'conversation.creator_id', this.db.now))
  }

  private visible(): SelectQueryBuilder<ConversationParticipant> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, ConversationParticipant, 'own', OWN).innerJoin(
      Conversation,
      'conversation',
      'conversation.id = own.conversationId',
    )
    for (const column of COMMON) query.addSelect(`conversation.${column}`, column)
    return query
      .where('own.userId = :viewer', { viewer: isInSession(viewer) ? viewer.userId : null })
      .andWhere(readsConversation('own'))
  }
}
