import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { ThrottleService } from '../throttle/throttle.service'
import type {
  AddConversationParticipantInput,
  RemoveConversationParticipantInput,
} from './conversation.input'
import { Happening, tell } from './happening'
import { ParticipantRepository } from './participant.repository'
import { ParticipantStatus } from './participant-status'
import { assertReachable, participant } from './start-conversation'
import { holdAll, lockOwn, lockOwned, notAGroup, statusesOf } from './taking-part'

/** How many people a conversation has at most. */
export const MAX_PARTICIPANTS = 50

/**
 * Takes somebody into a group, who reads what is written from then on; one who is in it stays. Returns the conversation's id.
 * @throws ApiError NOT_FOUND, RATE_LIMITED; Rejected NOT_FOUND for the person; NOT_PERMITTED by whoever does not own the group, where it
 * is full, and for whom the viewer has blocked.
 */
export async function addParticipant(
  db: Database,
  { conversationId, userId }: AddConversationParticipantInput,
): Promise<Id> {
  const { userId: viewerId } = requireSession(db.caller.viewer)
  await new ThrottleService(db).tryMessage(viewerId)
  const isKnown = (await new ParticipantRepository(db).knownTo(viewerId, [userId])).length > 0
  if (!isKnown && userId !== viewerId) await new ThrottleService(db).tryStranger(viewerId)
  return db.transaction(async (tx) => {
    await holdAll(tx, [userId])
    const { conversation, participants } = await lockOwned(tx, conversationId)
    await assertReachable(tx, [userId], 'userId')
    const present = participants.find((each) => each.userId === userId)
    // Of one who has declined, the viewer knows no more than that they have not answered.
    if (present && present.status !== ParticipantStatus.LEFT) return conversationId
    if (participants.filter(({ status }) => status !== ParticipantStatus.LEFT).length >= MAX_PARTICIPANTS) {
      const message = `A conversation has ${MAX_PARTICIPANTS} people at most.`
      throw rejected('conversationId', UserErrorCode.NOT_PERMITTED, message)
    }
    const status = (await statusesOf(tx, [userId]))(userId)
    // Whoever has left is asked.
    const asked = present && status === ParticipantStatus.ACCEPTED ? ParticipantStatus.REQUESTED : status
    const { id, ...joining } = participant(conversation, userId, asked, tx.now)
    if (present) await new ParticipantRepository(tx).save({ ...joining, id: present.id })
    else await new ParticipantRepository(tx).add({ ...joining, id })
    await tell(tx, Happening.PARTICIPANT_ADDED, { conversationId })
    return conversationId
  })
}

/** Takes somebody out of a group; one who is not in it stays out. @throws ApiError NOT_FOUND, RATE_LIMITED; Rejected NOT_PERMITTED, NOT_FOUND */
export async function removeParticipant(
  db: Database,
  { conversationId, userId }: RemoveConversationParticipantInput,
): Promise<Id> {
  await new ThrottleService(db).tryMessage(requireSession(db.caller.viewer).userId)
  return db.transaction(async (tx) => {
    const { participants, own } = await lockOwned(tx, conversationId)
    if (userId === own.userId)
      throw rejected('userId', UserErrorCode.NOT_PERMITTED, 'To go yourself, leave the conversation.')
    const present = participants.find((each) => each.userId === userId)
    if (!present) throw rejected('userId', UserErrorCode.NOT_FOUND, 'This person is not in the conversation.')
    if (present.status === ParticipantStatus.LEFT) return conversationId
    await new ParticipantRepository(tx).save({ id: present.id, status: ParticipantStatus.LEFT })
    await tell(tx, Happening.PARTICIPANT_REMOVED, { conversationId })
    return conversationId
  })
}

/** Leaves a group and reads it no more; whoever has been there the longest owns it then. @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED */
export async function leaveConversation(db: Database, conversationId: Id): Promise<Id> {
  return db.transaction(async (tx) => {
    const { conversation, own } = await lockOwn(tx, conversationId)
    if (!conversation.isGroup) throw notAGroup()
    await new ParticipantRepository(tx).save({ id: own.id, status: ParticipantStatus.LEFT })
    await tell(tx, Happening.LEFT, { conversationId })
    return conversationId
  })
}
