import { HOUR, SECOND } from '../../src/core/clock'
import { ApiError, Rejected } from '../../src/core/error'
import type { Id } from '../../src/core/id'
import type { Database } from '../../src/db/database'
import { BlockService } from '../../src/modules/block/block.service'
import {
  acceptConversation,
  declineConversation,
  markConversationRead,
} from '../../src/modules/conversation/answer-conversation'
import { deleteMessage } from '../../src/modules/conversation/change-message'
import {
  addParticipant,
  leaveConversation,
  removeParticipant,
} from '../../src/modules/conversation/change-participants'
import { sendMessage } from '../../src/modules/conversation/send-message'
import { startConversation } from '../../src/modules/conversation/start-conversation'
import { UserService } from '../../src/modules/user/user.service'
import { unique, type World } from './world'

/** Numbers that look random and are the same for the same seed (mulberry32), so that a failure can be repeated. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** How many things some people do at one moment. */
const AT_ONCE = 4

/**
 * Lets some people do so many things at random to each other and to conversations, some of them at once. Whatever is refused is
 * refused; returns how many were not, by name.
 */
export async function play(world: World, count: number, seed: number): Promise<Map<string, number>> {
  const random = randomOf(seed)
  const people = await Promise.all(Array.from({ length: 6 }, () => world.person()))
  const speakers: [Id, Database][] = await Promise.all(
    people.map(async (person) => [person.id, await world.asViewer(person)] as [Id, Database]),
  )
  const done = new Map<string, number>()
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[random(items.length)]

  const users = new UserService(world.db)

  const attempt = async (name: string, work: () => Promise<unknown>) => {
    try {
      await work()
      done.set(name, (done.get(name) ?? 0) + 1)
    } catch (error) {
      if (!(error instanceof Rejected || error instanceof ApiError)) throw error
    }
  }

  for (let made = 0; made < count; made += AT_ONCE) {
    // Nobody is slowed down: it is the counts that are looked at.
    world.clock.advance(made % (10 * AT_ONCE) === 0 ? 2 * HOUR : 11 * SECOND)
    const conversations = (
      await world.db.query<{ id: Id; last: number }>('SELECT id, last_number AS last FROM conversations')
    ).map(({ id: conversationId, last }) => ({ conversationId, last }))
    const messages = (
      await world.db.query<{ id: Id }>('SELECT id FROM messages ORDER BY created_at DESC LIMIT 20')
    ).map(({ id }) => id)
    const step = (): [string, () => Promise<unknown>] => {
      const [[, db], [otherId], [thirdId]] = [pick(speakers)!, pick(speakers)!, pick(speakers)!]
      const { conversationId = otherId, last = 0 } = pick(conversations) ?? {}
      const messageId = pick(messages) ?? otherId
      const clientId = unique('c')
      const steps: [string, () => Promise<unknown>][] = [
        ['write to one', () => startConversation(db, { userIds: [otherId], body: 'Hello.' })],
        [
          'start a group',
          () => startConversation(db, { userIds: [otherId, thirdId], body: 'All.', title: 'Us' }),
        ],
        ['accept', () => acceptConversation(db, conversationId)],
        ['decline', () => declineConversation(db, conversationId)],
        ['read', () => markConversationRead(db, { conversationId, number: random(last + 1) })],
        ['delete', () => deleteMessage(db, messageId)],
        ['block', () => new BlockService(db).block(otherId)],
        ['unblock', () => new BlockService(db).unblock(otherId)],
        [
          'restrict, or no longer',
          async () => (await users.liftRestriction(otherId)) || users.restrict(otherId),
        ],
        ['leave', () => leaveConversation(db, conversationId)],
        ['take in', () => addParticipant(db, { conversationId, userId: otherId })],
        ['take out', () => removeParticipant(db, { conversationId, userId: otherId })],
        [
          'send twice at once',
          () =>
            Promise.all([1, 2].map(() => sendMessage(db, { conversationId, body: 'Once.', clientId }))).then(
              ([one, other]) => {
                if (one!.id !== other!.id) throw new Error(`${clientId} was sent twice.`)
              },
            ),
        ],
      ]
      const send: [string, () => Promise<unknown>] = [
        'send',
        () => sendMessage(db, { conversationId, body: 'Words.' }),
      ]
      // Half of it is talk, as in life.
      return random(2) === 0 ? send : pick(steps)!
    }
    await Promise.all(Array.from({ length: AT_ONCE }, step).map(([name, work]) => attempt(name, work)))
  }
  return done
}

interface Stored {
  conversationId: Id
  userId: Id
  unreadCount: number
}

/** What is wrong with what is stored about conversations, counted by other means than those that keep it up; nothing where all is well. */
export async function faultsOf(world: World): Promise<string[]> {
  const participants = await world.db.query<Stored & { status: string; readUpTo: number; seesAfter: number }>(
    `SELECT conversation_id AS "conversationId", user_id AS "userId", unread_count AS "unreadCount", status,
       last_read_number AS "readUpTo", sees_after AS "seesAfter" FROM conversation_participants`,
  )
  const messages = await world.db.query<{
    conversationId: Id
    senderId: Id
    number: number
    isDeleted: boolean
    sentAt: Date
  }>(
    `SELECT conversation_id AS "conversationId", sender_id AS "senderId", number, deleted_at IS NOT NULL AS "isDeleted", created_at AS "sentAt"
     FROM messages ORDER BY conversation_id, number`,
  )
  const blocks = new Set(
    (
      await world.db.query<{ pair: string }>(
        `SELECT person_id || ' ' || blocked_id AS pair FROM blocks WHERE kind = 'BLOCKED'`,
      )
    ).map(({ pair }) => pair),
  )
  const restricted = new Set(
    (await world.db.query<{ id: Id }>('SELECT id FROM users WHERE restricted_at IS NOT NULL')).map(
      ({ id }) => id,
    ),
  )
  const conversations = await world.db.query<{ id: Id; last: number }>(
    'SELECT id, last_number AS last FROM conversations',
  )
  const messagesOf = new Map(conversations.map(({ id }) => [id, [] as typeof messages]))
  for (const message of messages) messagesOf.get(message.conversationId)!.push(message)

  const faults: string[] = []
  for (const { id, last } of conversations) {
    const sent = messagesOf.get(id)!
    const numbers = sent.map(({ number }) => number)
    if (numbers.join() !== Array.from({ length: last }, (_, index) => index + 1).join())
      faults.push(`${id} has the numbers ${numbers.join()}, and should have ${last}.`)
    if (sent.some(({ sentAt }, index) => index > 0 && sentAt < sent[index - 1]!.sentAt))
      faults.push(`${id} has messages that are older than those before them.`)
  }
  for (const { conversationId, userId, unreadCount, status, readUpTo, seesAfter } of participants) {
    if (status !== 'ACCEPTED' && status !== 'REQUESTED') continue
    const isUnread = ({ number, senderId, isDeleted }: (typeof messages)[number]) =>
      number > readUpTo &&
      number > seesAfter &&
      senderId !== userId &&
      !isDeleted &&
      !restricted.has(senderId)
    const unread = messagesOf
      .get(conversationId)!
      .filter((message) => isUnread(message) && !blocks.has(`${userId} ${message.senderId}`)).length
    if (unread !== unreadCount)
      faults.push(`${userId} has ${unread} unread in ${conversationId}, and ${unreadCount} are stored.`)
  }
  return faults
}
