import { toCursor } from '../../src/core/page'
import { TICKET_QUEUE, ticketsTopic } from '../../src/modules/ticket/ticket-event'
import { beginningOf, follow, type Follower } from '../support/follower'
import { startSecondProcess } from '../support/second-process'
import { act, answerIn, noteIn, ticketOf } from '../support/tickets'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

interface Told {
  cursor: string
  kind: string
  ticket: { id: string; status: string }
  message?: { body: string } | null
}

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const end of open.splice(0)) await end()
})

const followOwn = (
  person: Person | null,
  { after, at = world }: { after?: string; at?: { url: string } } = {},
): Follower<Told> => {
  const follower = follow<Told>(
    at,
    person,
    'subscription ($after: String) { viewerTicketsChanged(after: $after) { cursor kind ticket { id status } message { body } } }',
    { after: after ?? (person ? beginningOf(ticketsTopic(person.id)) : null) },
  )
  open.push(follower.end)
  return follower
}

const newest = async (): Promise<number> => {
  const [topic] = await world.db.query<{ last_number: string }>(
    'SELECT last_number FROM stream_topics WHERE name = $1',
    [TICKET_QUEUE],
  )
  return Number(topic?.last_number ?? 0)
}

/** From now on, whenever it begins. */
async function followQueue(
  person: Person | null,
  { after, at = world }: { after?: string; at?: { url: string } } = {},
): Promise<Follower<Told>> {
  const follower = follow<Told>(
    at,
    person,
    'subscription ($after: String) { ticketQueueChanged(after: $after) { cursor kind ticket { id status } } }',
    { after: after ?? toCursor(`stream:${TICKET_QUEUE}`, [await newest()]) },
  )
  open.push(follower.end)
  return follower
}

const about = ({ told }: Follower<Told>, ticketId: string): string[] =>
  told.filter(({ ticket }) => ticket.id === ticketId).map(({ kind }) => kind)
const agent = () => world.person({ permissions: ['tickets:answer'] })

describe('somebody who follows their tickets', () => {
  test('is told of each step that they see, on whichever process, and after a cursor of what they missed', async () => {
    const [person, staff] = [await world.person(), await agent()]
    const second = await startSecondProcess(world)
    open.push(() => second.stop())
    const followers = [followOwn(person), followOwn(person, { at: { url: `${second.url}/graphql` } })]
    const id = await ticketOf(world, person, { body: 'One.' })
    await noteIn(world, id, staff)
    await act(staff, 'updateTicket', { ticketId: id, priority: 'HIGH' })
    await answerIn(world, id, staff, { body: 'Two.' })
    await act(person, 'replyToTicket', { ticketId: id, body: 'Three.' })
    await act(staff, 'updateTicket', { ticketId: id, status: 'SOLVED' })
    const all = ['OPENED', 'ANSWERED', 'REPLIED', 'STATUS_CHANGED']
    for (const each of followers) {
      await until(() => each.told.length === all.length)
      expect(about(each, id)).toEqual(all)
      expect(each.told.map(({ message }) => message?.body)).toEqual(['One.', 'Two.', 'Three.', undefined])
    }
    const missed = followOwn(person, { after: followers[0]!.told[1]!.cursor })
    await until(() => missed.told.length === 2)
    expect(about(missed, id)).toEqual(['REPLIED', 'STATUS_CHANGED'])
  })

  test('is told of nobody else’s, and a stranger of none', async () => {
    const [person, other] = [await world.person(), await world.person({ role: 'admin' })]
    const theirs = followOwn(other)
    await ticketOf(world, person)
    const last = await ticketOf(world, other)
    await until(() => theirs.told.length > 0)
    expect(theirs.told.map(({ ticket }) => ticket.id)).toEqual([last])
    const stranger = followOwn(null)
    await until(() => stranger.codes.length > 0)
    expect(stranger.codes).toEqual(['UNAUTHENTICATED'])
    // The cursor of one's own topic opens nobody else's.
    const foreign = followOwn(person, { after: beginningOf(ticketsTopic(other.id)) })
    await until(() => foreign.codes.length > 0)
    expect(foreign.codes).toEqual(['BAD_USER_INPUT'])
  })
})

describe('staff who follow the queue', () => {
  test('are told of every step of what they may deal with, and after a cursor of what they missed', async () => {
    const [person, staff] = [await world.person(), await agent()]
    const here = await followQueue(staff)
    const id = await ticketOf(world, person)
    await act(staff, 'claimTicket', { ticketId: id })
    await noteIn(world, id, staff)
    await answerIn(world, id, staff)
    await act(person, 'replyToTicket', { ticketId: id, body: 'Three.' })
    const into = await ticketOf(world, person)
    await act(staff, 'mergeTickets', { ticketId: id, intoTicketId: into })
    const all = ['OPENED', 'HANDLING_CHANGED', 'NOTED', 'ANSWERED', 'REPLIED', 'MERGED']
    await until(() => about(here, id).length === all.length)
    expect(about(here, id)).toEqual(all)
    const place = here.told.find(({ kind, ticket }) => kind === 'NOTED' && ticket.id === id)!
    const missed = await followQueue(staff, { after: place.cursor })
    await until(() => about(missed, id).length === 3)
    expect(about(missed, id)).toEqual(['ANSWERED', 'REPLIED', 'MERGED'])
  })

  test('are told nothing of their own tickets, nor of those whom their permission does not reach', async () => {
    const owner = await agent()
    const limited = await world.person({ permissions: ['tickets:answer'], over: await world.group() })
    const [theirs, elsewhere, everybodys] = [
      await followQueue(owner),
      await followQueue(limited),
      await followQueue(await agent()),
    ]
    const id = await ticketOf(world, owner)
    const last = await ticketOf(world, await world.person())
    await until(() => about(everybodys, last).length === 1 && about(theirs, last).length === 1)
    expect([theirs, elsewhere, everybodys].map((each) => about(each, id).length)).toEqual([0, 0, 1])
    expect(elsewhere.told).toEqual([])
  })

  test('need the permission to begin, and hear nothing more once it is gone', async () => {
    for (const [person, code] of [
      [null, 'UNAUTHENTICATED'],
      [await world.person(), 'FORBIDDEN'],
    ] as const) {
      const follower = await followQueue(person)
      await until(() => follower.codes.length > 0)
      expect(follower.codes).toEqual([code])
    }
    const [staff, other] = [await agent(), await agent()]
    const followers = [await followQueue(staff), await followQueue(other)]
    const first = await ticketOf(world, await world.person())
    await until(() => followers.every((each) => about(each, first).length === 1))
    await world.db.query('DELETE FROM role_grants WHERE user_id = $1', [staff.id])
    const next = await ticketOf(world, await world.person())
    await until(() => about(followers[1]!, next).length === 1)
    expect(about(followers[0]!, next)).toEqual([])
  })
})
