import { IsNull, MoreThan, Not, type SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { isInSession, viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import type { Condition } from '../../db/reach'
import { isNotBlocked } from '../block/block-condition'
import { Message } from './message.entity'
import { isInUse } from './participant.repository'
import { readsConversation } from './participant-status'

const COLUMNS = [
  'id',
  'conversationId',
  'number',
  'senderId',
  'body',
  'replyToId',
  'clientId',
  'createdAt',
  'editedAt',
  'deletedAt',
  'removedAt',
  'version',
] as const

export type MessageRow = Pick<Message, (typeof COLUMNS)[number]> & {
  /** Whether its sender is blocked by the viewer, or not shown to anybody. */
  isHidden: boolean
}

const NEWEST_FIRST: ListOrder<MessageRow> = { columns: ['number'], descending: true }

/** Every question about messages. Whoever reads their conversation sees them, in person, from when they came to it. */
export class MessageRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<MessageRow[]> {
    return this.visible().andWhere('message.id = ANY(:ids)', { ids }).getRawMany<MessageRow>()
  }

  async list(conversationId: Id, page: PageRequest): Promise<Page<MessageRow>> {
    return readPage(this.ofConversation(conversationId), NEWEST_FIRST, page)
  }

  async count(conversationId: Id): Promise<number> {
    return this.ofConversation(conversationId).getCount()
  }

  /** The last message of each of these conversations that is not hidden from the viewer. */
  async findLast(conversationIds: readonly Id[]): Promise<MessageRow[]> {
    const [isNotHidden, parameters] = this.isNotHidden('latest')
    return this.visible()
      .andWhere(
        `message.id IN (
           SELECT last.id FROM unnest(CAST(:conversationIds AS uuid[])) AS wanted (id) CROSS JOIN LATERAL (
             SELECT latest.id FROM messages latest WHERE latest.conversation_id = wanted.id AND ${isNotHidden}
             ORDER BY latest.number DESC LIMIT 1
           ) last)`,
        { conversationIds, ...parameters },
      )
      .getRawMany<MessageRow>()
  }

  /** A message that the viewer sees, locked until the transaction ends. */
  async lock(id: Id): Promise<MessageRow | null> {
    const query = this.visible().andWhere('message.id = :id', { id }).setLock('pessimistic_write')
    return (await query.getRawOne<MessageRow>()) ?? null
  }

  /**
   * What somebody's client knows by this id.
   * @visibility the viewer has sent it
   */
  async findByClientId(conversationId: Id, senderId: Id, clientId: string): Promise<MessageRow | null> {
    const message = await this.db.repo(Message).findOneBy({ conversationId, senderId, clientId })
    return message && { ...message, isHidden: false }
  }

  /**
   * How many messages somebody has sent in a conversation.
   * @visibility the viewer's own
   */
  async countOf(conversationId: Id, senderId: Id): Promise<number> {
    return this.db.repo(Message).countBy({ conversationId, senderId })
  }

  /**
   * Where a message is, and whose it is; null for one that is not there.
   * @visibility the use case asks whether the viewer decides about it, and shows it to nobody
   */
  async placeOf(id: Id): Promise<Pick<Message, 'conversationId' | 'senderId'> | null> {
    return this.db.repo(Message).findOneBy({ id })
  }

  /**
   * Removes a message, or gives it back, and counts its version; false where it is so already, deleted or gone.
   * @visibility as `placeOf`
   */
  async setRemovedAt(id: Id, removedAt: Date | null): Promise<boolean> {
    const { affected } = await this.db
      .repo(Message)
      .update(
        { id, deletedAt: IsNull(), removedAt: removedAt === null ? Not(IsNull()) : IsNull() },
        { removedAt, version: () => 'version + 1' },
      )
    return affected === 1
  }

  /**
   * What somebody has sent since a moment, the latest first, up to so many.
   * @visibility the viewer's own
   */
  async sentSince(senderId: Id, since: Date, limit: number): Promise<MessageRow[]> {
    const sent = await this.db.repo(Message).find({
      where: { senderId, createdAt: MoreThan(since) },
      order: { createdAt: 'DESC' },
      take: limit,
    })
    return sent.map((message) => ({ ...message, isHidden: false }))
  }

  async add(message: Message): Promise<void> {
    await this.db.repo(Message).insert(message)
  }

  async save({ id, ...columns }: Message): Promise<void> {
    await this.db.repo(Message).update({ id }, columns)
  }

  private ofConversation(conversationId: Id): SelectQueryBuilder<Message> {
    return this.visible().andWhere('message.conversationId = :conversationId', { conversationId })
  }

  private isNotHidden(message: string): Condition {
    const { viewer } = this.db.caller
    const [isUnblocked, blockedBy] = isNotBlocked(viewer, `${message}.sender_id`)
    const isTheirs = `${message}.sender_id = :reader`
    return [
      `(${isTheirs} OR ${isUnblocked} AND ${isInUse(`${message}.sender_id`)})`,
      { ...blockedBy, reader: viewerId(viewer) },
    ]
  }

  private visible(): SelectQueryBuilder<Message> {
    const { viewer } = this.db.caller
    const [isNotHidden, parameters] = this.isNotHidden('message')
    return selectRows(this.db, Message, 'message', COLUMNS)
      .addSelect(`NOT (${isNotHidden})`, 'isHidden')
      .setParameters(parameters)
      .where(
        `EXISTS (SELECT FROM conversation_participants own WHERE own.conversation_id = message.conversation_id
           AND own.user_id = :viewer AND message.number > own.sees_after AND ${readsConversation('own')})`,
        { viewer: isInSession(viewer) ? viewer.userId : null },
      )
  }
}
