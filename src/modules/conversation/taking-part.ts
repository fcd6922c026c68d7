import { ApiError, notFound, rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { BlockService } from '../block/block.service'
import { UserService } from '../user/user.service'
import type { ConversationParticipant } from './conversation-participant.entity'
import type { Conversation } from './conversation.entity'
import { ConversationRepository } from './conversation.repository'
import { ParticipantRepository } from './participant.repository'
import { ParticipantStatus } from './participant-status'

/*
 * Locks are taken in one order: people by their ids, then the conversation. Whoever blocks somebody holds their own row and then
 * locks the conversations of both, so that what is counted there stays exact.
 */

/** A conversation, locked, with all who are or were in it. */
export interface Locked {
  conversation: Conversation
  participants: ConversationParticipant[]
  /** The viewer, who reads it. */
  own: ConversationParticipant
}

const READS: readonly ParticipantStatus[] = [ParticipantStatus.ACCEPTED, ParticipantStatus.REQUESTED]

export const reads = ({ status }: ConversationParticipant): boolean => READS.includes(status)

/** A conversation that the viewer reads, locked until the transaction ends. @throws ApiError NOT_FOUND */
export async function lockOwn(tx: Database, conversationId: Id): Promise<Locked> {
  const conversation = await new ConversationRepository(tx).lock(conversationId)
  if (!conversation) throw notFound('conversation')
  return withParticipants(tx, conversation)
}

/** The same, of a conversation that is locked already. */
export async function withParticipants(tx: Database, conversation: Conversation): Promise<Locked> {
  const { userId } = requireSession(tx.caller.viewer)
  const participants = await new ParticipantRepository(tx).ofConversation(conversation.id)
  const own = participants.find((participant) => participant.userId === userId)
  if (!own || !reads(own)) throw notFound('conversation')
  return { conversation, participants, own }
}

/** The same, of a group, by whoever owns it. @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED */
export async function lockOwned(tx: Database, conversationId: Id): Promise<Locked> {
  const locked = await lockOwn(tx, conversationId)
  if (!locked.conversation.isGroup) throw notAGroup()
  if ((await new ParticipantRepository(tx).ownerOf(conversationId)) === locked.own.userId) return locked
  throw rejected(
    'conversationId',
    UserErrorCode.NOT_PERMITTED,
    'Whoever owns the group decides who is in it. Ask them.',
  )
}

export const notAGroup = () =>
  rejected(
    'conversationId',
    UserErrorCode.NOT_PERMITTED,
    'This is a conversation of two. Mute it, decline it, or block the other person.',
  )

/** Holds the viewer and these people, and makes sure that the viewer may use their account. @throws ApiError UNAUTHENTICATED */
export async function holdAll(tx: Database, people: readonly Id[] = []): Promise<Id> {
  const { userId } = requireSession(tx.caller.viewer)
  const users = new UserService(tx)
  await users.holdAll([userId, ...people])
  if (await users.holdActive(userId)) return userId
  throw new ApiError('UNAUTHENTICATED', 'Sign in first.')
}

/**
 * How these people come into a conversation to which the viewer adds them: at once where they have written to the viewer before or
 * let them write, and else when they accept. Whoever has blocked the viewer is not asked, of which the viewer learns nothing.
 */
export async function statusesOf(
  tx: Database,
  people: readonly Id[],
): Promise<(person: Id) => ParticipantStatus> {
  const { userId } = requireSession(tx.caller.viewer)
  const known = new Set(await new ParticipantRepository(tx).knownTo(userId, people))
  const blockers = new Set(await new BlockService(tx).blockersAmong(people))
  return (person) => {
    if (blockers.has(person)) return ParticipantStatus.DECLINED
    return known.has(person) ? ParticipantStatus.ACCEPTED : ParticipantStatus.REQUESTED
  }
}
