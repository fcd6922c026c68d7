import { notFound, rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { blocksChange } from '../block/block.service'
import { hidingChange } from '../user/user.service'
import type { MarkConversationReadInput, MuteConversationInput } from './conversation.input'
import { Happening, tell } from './happening'
import { ParticipantRepository } from './participant.repository'
import { ParticipantStatus } from './participant-status'
import { accept } from './send-message'
import { lockOwn } from './taking-part'

/** Lets whoever has asked write; what is accepted stays so. Returns the conversation's id. @throws ApiError NOT_FOUND */
export async function acceptConversation(db: Database, conversationId: Id): Promise<Id> {
  return db.transaction(async (tx) => {
    const { own } = await lockOwn(tx, conversationId)
    if (own.status === ParticipantStatus.ACCEPTED) return conversationId
    await accept(tx, own)
    await tell(tx, Happening.ACCEPTED, { conversationId })
    return conversationId
  })
}

/**
 * Wants nothing of a request, of which whoever has asked is not told.
 * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED for what was accepted.
 */
export async function declineConversation(db: Database, conversationId: Id): Promise<Id> {
  return db.transaction(async (tx) => {
    const { own } = await lockOwn(tx, conversationId)
    if (own.status !== ParticipantStatus.REQUESTED) {
      const message = 'You have accepted this. Leave the group, or block the person.'
      throw rejected('conversationId', UserErrorCode.NOT_PERMITTED, message)
    }
    await new ParticipantRepository(tx).save({ id: own.id, status: ParticipantStatus.DECLINED })
    await tell(tx, Happening.DECLINED, { conversationId })
    return conversationId
  })
}

/** The viewer has read up to this number, or further already. @throws ApiError NOT_FOUND; Rejected INVALID for a number that no message has. */
export async function markConversationRead(
  db: Database,
  { conversationId, number }: MarkConversationReadInput,
): Promise<Id> {
  return db.transaction(async (tx) => {
    const { conversation, own } = await lockOwn(tx, conversationId)
    if (number < 0 || number > conversation.lastNumber) {
      const message = `No message has this number; the last one has ${conversation.lastNumber}.`
      throw rejected('number', UserErrorCode.INVALID, message)
    }
    if (number <= own.lastReadNumber) return conversationId
    await new ParticipantRepository(tx).readUpTo(conversationId, own.userId, number)
    await tell(tx, Happening.READ, { conversationId })
    return conversationId
  })
}

/** Lets a conversation's messages call nobody until a moment; null ends that. @throws ApiError NOT_FOUND; Rejected INVALID for one that has passed. */
export async function muteConversation(
  db: Database,
  { conversationId, until }: MuteConversationInput,
): Promise<Id> {
  const { userId } = requireSession(db.caller.viewer)
  if (until && until <= db.now)
    throw rejected('until', UserErrorCode.INVALID, 'This moment has passed. Choose a later one, or none.')
  if (!(await new ParticipantRepository(db).mute(conversationId, userId, until ?? null)))
    throw notFound('conversation')
  return conversationId
}

// What somebody whom the viewer has blocked has written is not there to read, and is again when they are not blocked any more.
blocksChange.follow(async (tx, { personId, blockedId }) => {
  const participants = new ParticipantRepository(tx)
  await participants.recount(personId, await participants.lockShared(personId, blockedId))
})

// For everybody the same goes for what somebody has written who is shown to nobody else.
hidingChange.follow(async (tx, { userId }) => {
  const participants = new ParticipantRepository(tx)
  await participants.recountOthers(userId, await participants.lockWritten(userId))
})
