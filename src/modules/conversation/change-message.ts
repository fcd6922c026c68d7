import { HOUR, later, MINUTE } from '../../core/clock'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { LegalHoldService, type FormerText } from '../legal-hold/legal-hold.service'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { ThrottleService } from '../throttle/throttle.service'
import type { EditMessageInput } from './conversation.input'
import { ConversationService } from './conversation.service'
import { Happening, tell } from './happening'
import { Message } from './message.entity'
import { MessageRepository, type MessageRow } from './message.repository'
import { ParticipantRepository } from './participant.repository'
import { screenMessage } from './screen-message'
import { lockOwn } from './taking-part'

/** How long after it was sent a message can be edited, and deleted. */
const EDITABLE = 15 * MINUTE
const DELETABLE = 24 * HOUR

/**
 * Changes a message of one's own, for a quarter of an hour.
 * @throws ApiError NOT_FOUND, RATE_LIMITED; CONFLICT when `expectedVersion` is not the current one; Rejected NOT_PERMITTED for somebody
 * else's, one that is deleted or was removed, when it is too late, and for who is silenced; FILTERED.
 */
export async function editMessage(
  db: Database,
  { messageId, body, expectedVersion }: EditMessageInput,
): Promise<MessageRow> {
  const { userId } = requireSession(db.caller.viewer)
  await new ThrottleService(db).tryMessage(userId)
  return db.transaction(async (tx) => {
    await new ModerationDecisionService(tx).assertNotSilenced()
    const keepFormer = await new LegalHoldService(tx).keeperFor(userId)
    const message = await lockChangeable(tx, messageId, EDITABLE)
    if (message.deletedAt) throw refused('This message is deleted.')
    if (message.removedAt) throw refused('This message was removed. Your moderation decisions say why.')
    const [before] = await new ConversationService(tx).bodies([message])
    assertVersion(message.version, expectedVersion, { body: before })
    if (body === before) return message
    const { isHidden, ...row } = message
    await screenMessage(
      tx,
      { id: row.id, senderId: row.senderId, body },
      typeof before === 'string' ? before : null,
    )
    if (typeof before === 'string') await keepFormer(former(row, before))
    const edited: Message = {
      ...row,
      body: await tx.codec.seal(Message, 'body', { id: row.id, ownerId: row.senderId }, body),
      editedAt: tx.now,
      version: row.version + 1,
    }
    await new MessageRepository(tx).save(edited)
    await tell(tx, Happening.MESSAGE_EDITED, { conversationId: row.conversationId, messageId })
    return { ...edited, isHidden }
  })
}

/**
 * Deletes a message of one's own for everybody, for a day; its number stays. One that is deleted stays so.
 * @throws ApiError NOT_FOUND, RATE_LIMITED; Rejected NOT_PERMITTED for somebody else's, and when it is too late.
 */
export async function deleteMessage(db: Database, messageId: Id): Promise<MessageRow> {
  const { userId } = requireSession(db.caller.viewer)
  await new ThrottleService(db).tryMessage(userId)
  return db.transaction(async (tx) => {
    const keepFormer = await new LegalHoldService(tx).keeperFor(userId)
    const message = await lockChangeable(tx, messageId, DELETABLE)
    if (message.deletedAt) return message
    const { isHidden, ...row } = message
    const [before] = await new ConversationService(tx).bodies([message])
    if (typeof before === 'string') await keepFormer(former(row, before))
    const deleted: Message = { ...row, body: null, deletedAt: tx.now, version: row.version + 1 }
    await new MessageRepository(tx).save(deleted)
    await new ParticipantRepository(tx).countOut(row.conversationId, row.senderId, row.number)
    await tell(tx, Happening.MESSAGE_DELETED, { conversationId: row.conversationId, messageId })
    return { ...deleted, isHidden }
  })
}

const former = ({ id: writtenId }: Pick<Message, 'id'>, text: string): FormerText => ({
  writtenKind: 'message',
  writtenId,
  text,
})

/** A message of the viewer's own that is not older than this, locked, and its conversation before it. */
async function lockChangeable(tx: Database, id: Id, span: number): Promise<MessageRow> {
  const messages = new MessageRepository(tx)
  const [found] = await messages.lookup([id])
  if (!found) throw notFound('message')
  const { own } = await lockOwn(tx, found.conversationId)
  const message = await messages.lock(id)
  if (!message) throw notFound('message')
  if (message.senderId !== own.userId) throw refused('Only whoever has sent a message changes it.')
  if (message.createdAt <= later(tx.now, -span))
    throw refused('It is too late to change this message. Write another one.')
  return message
}

const refused = (message: string) => rejected('messageId', UserErrorCode.NOT_PERMITTED, message)
