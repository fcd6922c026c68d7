import { ApiError, rejected, UserErrorCode } from '../../core/error'
import { newId } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { BlockService } from '../block/block.service'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { ThrottleService } from '../throttle/throttle.service'
import type { SendMessageInput } from './conversation.input'
import type { Conversation } from './conversation.entity'
import { ConversationService } from './conversation.service'
import { ConversationRepository } from './conversation.repository'
import { Happening, tell } from './happening'
import { Message } from './message.entity'
import { MessageRepository, type MessageRow } from './message.repository'
import { ParticipantRepository } from './participant.repository'
import { ParticipantStatus } from './participant-status'
import { screenMessage } from './screen-message'
import { holdAll, lockOwn, withParticipants, type Locked } from './taking-part'

/** How many messages somebody can send before anybody has accepted to read them. */
const MAX_UNANSWERED = 3

/**
 * Writes in a conversation. A message that the viewer's client has sent by the same id is answered as it is, and not sent again.
 * @throws ApiError NOT_FOUND, RATE_LIMITED, UNAUTHENTICATED; CONFLICT where it was another message; Rejected NOT_FOUND for what is replied to; NOT_PERMITTED where nobody is
 * there to read it, has yet accepted to, or the viewer has blocked the other person; FILTERED.
 */
export async function sendMessage(
  db: Database,
  { conversationId, ...message }: SendMessageInput,
): Promise<MessageRow> {
  await new ThrottleService(db).tryMessage(requireSession(db.caller.viewer).userId)
  return db.transaction(async (tx) => {
    await holdAll(tx)
    return write(tx, await lockOwn(tx, conversationId), message)
  })
}

type NewMessage = Pick<SendMessageInput, 'body' | 'replyToId' | 'clientId'>

/** The same, in a conversation that the transaction has locked, whatever its viewer thought of it before. */
export async function sendIn(
  tx: Database,
  conversation: Conversation,
  message: NewMessage,
): Promise<MessageRow> {
  const { userId } = requireSession(tx.caller.viewer)
  const participants = new ParticipantRepository(tx)
  const own = (await participants.ofConversation(conversation.id)).find((each) => each.userId === userId)!
  // Whoever has declined the other person and now writes to them has thought better of it.
  if (own.status === ParticipantStatus.DECLINED) await accept(tx, own)
  return write(tx, await withParticipants(tx, conversation), message)
}

async function write(
  tx: Database,
  locked: Locked,
  { body, replyToId, clientId }: NewMessage,
): Promise<MessageRow> {
  const { conversation, own } = locked
  const messages = new MessageRepository(tx)
  const { userId: senderId } = own
  const sent = clientId ? await messages.findByClientId(conversation.id, senderId, clientId) : null
  if (sent) {
    await assertSame(tx, sent, { body, replyToId })
    return sent
  }
  await assertMayWrite(tx, locked)
  if (replyToId && (await messages.lookup([replyToId]))[0]?.conversationId !== conversation.id)
    throw rejected('replyToId', UserErrorCode.NOT_FOUND, 'There is no such message in this conversation.')
  const { now } = tx
  const id = newId(now)
  await screenMessage(tx, { id, senderId, body })
  const message: Message = {
    id,
    conversationId: conversation.id,
    number: conversation.lastNumber + 1,
    senderId,
    body: await tx.codec.seal(Message, 'body', { id, ownerId: senderId }, body),
    replyToId: replyToId ?? null,
    clientId: clientId ?? null,
    createdAt: now,
    editedAt: null,
    deletedAt: null,
    removedAt: null,
    version: 1,
  }
  await messages.add(message)
  await new ConversationRepository(tx).setLastNumber(conversation.id, message.number)
  const participants = new ParticipantRepository(tx)
  // An answer accepts.
  if (own.status !== ParticipantStatus.ACCEPTED) await accept(tx, own)
  await participants.countIn(conversation.id, senderId, now)
  await tell(tx, Happening.MESSAGE_SENT, { conversationId: conversation.id, messageId: id })
  return { ...message, isHidden: false }
}

/**
 * What a client sends again is what it has sent: with anything else, a message would be lost without a word. Of one that was changed or
 * deleted since, nobody knows any more what it said.
 * @throws ApiError CONFLICT
 */
async function assertSame(tx: Database, sent: MessageRow, { body, replyToId }: NewMessage): Promise<void> {
  const isSame =
    sent.replyToId === (replyToId ?? null) &&
    (sent.editedAt !== null ||
      sent.deletedAt !== null ||
      body === (await new ConversationService(tx).bodies([sent]))[0])
  if (!isSame) throw sentOtherwise()
}

export const sentOtherwise = () =>
  new ApiError(
    'CONFLICT',
    'Your client has sent something else by this `clientId`. Choose a new one for each message.',
  )

async function assertMayWrite(tx: Database, { conversation, participants, own }: Locked): Promise<void> {
  await new ModerationDecisionService(tx).assertNotSilenced()
  const refuse = (message: string) => rejected('conversationId', UserErrorCode.NOT_PERMITTED, message)
  const others = participants.filter(({ userId }) => userId !== own.userId)
  if (!conversation.isGroup)
    await new BlockService(tx).assertBlocksNone(
      others.map(({ userId }) => userId),
      'conversationId',
    )
  if (!others.some(({ status }) => status !== ParticipantStatus.LEFT))
    throw refuse('Nobody else is in this conversation any more.')
  if (own.status === ParticipantStatus.REQUESTED) return
  if (others.some(({ status }) => status === ParticipantStatus.ACCEPTED)) return
  // Whoever has declined, or has blocked the viewer, looks like somebody who has not answered.
  if ((await new MessageRepository(tx).countOf(conversation.id, own.userId)) >= MAX_UNANSWERED)
    throw refuse('Nobody has answered yet. Wait until somebody does.')
}

/** The viewer takes part from now on; what was written meanwhile is there to read. */
export async function accept(tx: Database, { id, userId, conversationId }: Locked['own']): Promise<void> {
  const participants = new ParticipantRepository(tx)
  await participants.save({ id, status: ParticipantStatus.ACCEPTED })
  await participants.recount(userId, [conversationId])
}
