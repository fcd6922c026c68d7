import { rejected, UserErrorCode } from '../../core/error'
import { newId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { BlockService } from '../block/block.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import type { StartConversationInput } from './conversation.input'
import type { ConversationParticipant } from './conversation-participant.entity'
import { Conversation } from './conversation.entity'
import { ConversationRepository, inOrder } from './conversation.repository'
import { Happening, tell } from './happening'
import type { MessageRow } from './message.repository'
import { ParticipantRepository } from './participant.repository'
import { ParticipantStatus } from './participant-status'
import { screenTitle } from './screen-message'
import { sendIn, sentOtherwise } from './send-message'
import { holdAll, statusesOf } from './taking-part'

/** How many strangers somebody can write to at once; over time, the throttle says. */
const MAX_STRANGERS = 10

/**
 * Writes to somebody, in the one conversation that the two have, or starts a group.
 * @throws Rejected REQUIRED, NOT_FOUND for a person; NOT_PERMITTED for oneself, for whom the viewer has blocked, for too many strangers
 * at once, and as `sendMessage`; ApiError RATE_LIMITED, UNAUTHENTICATED, CONFLICT
 */
export async function startConversation(
  db: Database,
  { userIds, title, body, clientId }: StartConversationInput,
): Promise<MessageRow> {
  const { userId } = requireSession(db.caller.viewer)
  const people = [...new Set(userIds)]
  if (people.length === 0) throw rejected('userIds', UserErrorCode.REQUIRED, 'Say to whom you write.')
  if (people.includes(userId))
    throw rejected('userIds', UserErrorCode.NOT_PERMITTED, 'You are in it anyway; name the others only.')
  const isGroup = people.length > 1 || title !== undefined
  // What is sent again writes to nobody anew.
  const isSentAgain =
    isGroup && clientId !== undefined && (await new ConversationRepository(db).isStarted(userId, clientId))
  const strangers = isSentAgain ? [] : await strangersAmong(db, userId, people, isGroup)
  if (strangers.length > MAX_STRANGERS) {
    const message = `Write to ${MAX_STRANGERS} people at most at once who have never written to you.`
    throw rejected('userIds', UserErrorCode.NOT_PERMITTED, message)
  }
  const throttle = new ThrottleService(db)
  await throttle.tryMessage(userId)
  for (const _each of strangers) await throttle.tryStranger(userId)
  return db.transaction(async (tx) => {
    await holdAll(tx, people)
    await assertReachable(tx, people)
    const { conversation, isNew } = isGroup
      ? await groupOf(tx, userId, people, title, clientId)
      : await pairOf(tx, userId, people[0]!)
    if (isNew) await tell(tx, Happening.STARTED, { conversationId: conversation.id })
    return sendIn(tx, conversation, { body, clientId })
  })
}

/** Whom the viewer has never written to, and who have never written to them. */
async function strangersAmong(
  db: Database,
  userId: Id,
  people: readonly Id[],
  isGroup: boolean,
): Promise<Id[]> {
  const participants = new ParticipantRepository(db)
  const found = isGroup
    ? await participants.knownTo(userId, people)
    : await participants.pairedWith(userId, people)
  return people.filter((person) => !found.includes(person))
}

/** @throws Rejected NOT_FOUND where one is not there; NOT_PERMITTED for whom the viewer has blocked. */
export async function assertReachable(tx: Database, people: readonly Id[], field = 'userIds'): Promise<void> {
  const shown = await new UserService(tx).shownAmong(people)
  if (people.some((person) => !shown.has(person)))
    throw rejected(field, UserErrorCode.NOT_FOUND, 'There is no such person, or not any more.')
  await new BlockService(tx).assertBlocksNone(people, field)
}

interface Started {
  conversation: Conversation
  isNew: boolean
}

/** The conversation of two people, which is made where there is none. To write is to accept. */
async function pairOf(tx: Database, userId: Id, otherId: Id): Promise<Started> {
  const conversations = new ConversationRepository(tx)
  const present = await conversations.lockPair([userId, otherId])
  if (present) return { conversation: present, isNew: false }
  const { now } = tx
  const [lowerId, higherId] = inOrder([userId, otherId])
  const conversation: Conversation = {
    id: newId(now),
    creatorId: userId,
    namedById: userId,
    lowerId,
    higherId,
    isGroup: false,
    title: null,
    clientId: null,
    lastNumber: 0,
    createdAt: now,
  }
  await conversations.add(conversation)
  await join(tx, conversation, userId, [otherId], now)
  return { conversation, isNew: true }
}

async function groupOf(
  tx: Database,
  userId: Id,
  people: readonly Id[],
  title: string | undefined,
  clientId: string | undefined,
): Promise<Started> {
  const conversations = new ConversationRepository(tx)
  const present = clientId === undefined ? null : await conversations.lockByClientId(userId, clientId)
  if (present) {
    await assertSamePeople(tx, present, [userId, ...people])
    return { conversation: present, isNew: false }
  }
  const { now } = tx
  const id = newId(now)
  if (title !== undefined) await screenTitle(tx, id, userId, title)
  const conversation: Conversation = {
    id,
    creatorId: userId,
    namedById: userId,
    lowerId: null,
    higherId: null,
    isGroup: true,
    title:
      title === undefined ? null : await tx.codec.seal(Conversation, 'title', { id, ownerId: userId }, title),
    clientId: clientId ?? null,
    lastNumber: 0,
    createdAt: now,
  }
  await conversations.add(conversation)
  await join(tx, conversation, userId, people, now)
  return { conversation, isNew: true }
}

/** Who has been there from the beginning is who was named then, whoever has come and gone since. @throws ApiError CONFLICT */
async function assertSamePeople(
  tx: Database,
  { id, createdAt }: Conversation,
  people: readonly Id[],
): Promise<void> {
  const participants = await new ParticipantRepository(tx).ofConversation(id)
  const known = participants.map(({ userId }) => userId)
  const first = participants.filter(({ joinedAt }) => joinedAt.getTime() === createdAt.getTime())
  if (people.some((one) => !known.includes(one)) || first.some(({ userId }) => !people.includes(userId)))
    throw sentOtherwise()
}

async function join(
  tx: Database,
  conversation: Conversation,
  userId: Id,
  people: readonly Id[],
  at: Date,
): Promise<void> {
  const statusOf = await statusesOf(tx, people)
  await new ParticipantRepository(tx).add(
    participant(conversation, userId, ParticipantStatus.ACCEPTED, at),
    ...people.map((person) => participant(conversation, person, statusOf(person), at)),
  )
}

/** Somebody who comes into a conversation: what was written before is not for them. */
export const participant = (
  { id: conversationId, lastNumber }: Conversation,
  userId: Id,
  status: ParticipantStatus,
  at: Date,
): ConversationParticipant => ({
  id: newId(at),
  conversationId,
  userId,
  status,
  joinedAt: at,
  seesAfter: lastNumber,
  lastReadNumber: lastNumber,
  unreadCount: 0,
  muteEndsAt: null,
  lastActivityAt: at,
})
