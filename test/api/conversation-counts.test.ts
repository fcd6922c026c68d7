import { idOf } from '../../src/core/id'
import { BlockService } from '../../src/modules/block/block.service'
import { sendMessage } from '../../src/modules/conversation/send-message'
import { ApiClient } from '../support/api-client'
import { faultsOf, play } from '../support/conversation-play'
import { conversationOf } from '../support/messages'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id number } userErrors { code } } }`

test('after 400 things that people do at random and at once, numbers have no gaps and what is unread is exact', async () => {
  const done = await play(world, 400, 20_261)
  expect(await faultsOf(world)).toEqual([])
  expect([...done.keys()]).toEqual(
    expect.arrayContaining([
      'send',
      'write to one',
      'start a group',
      'read',
      'block',
      'restrict, or no longer',
    ]),
  )
}, 120_000)

test('what is stored wrong would be seen', async () => {
  await world.db.query(
    `UPDATE conversation_participants SET unread_count = unread_count + 1 WHERE id = (
       SELECT id FROM conversation_participants WHERE status = 'ACCEPTED' LIMIT 1)`,
  )
  expect(await faultsOf(world)).toHaveLength(1)
})

test('two clients that send the same messages at once, again and again, send each once and in one order', async () => {
  const [ada, ben] = [await world.person(), await world.person()]
  const { conversationId } = await conversationOf(ada, [ben])
  const clients = [ada.api, new ApiClient(world.url, ada.token)]
  const keys = Array.from({ length: 20 }, (_, index) => `message-${index}`)
  const answers = await Promise.all(
    keys.flatMap((clientId) =>
      clients.map(async (client) => {
        const { sendMessage } = await client.data(SEND, {
          input: { conversationId, body: clientId, clientId },
        })
        return [clientId, sendMessage.message.number] as const
      }),
    ),
  )
  const numbers = new Map(answers)
  for (const [clientId, number] of answers)
    expect([clientId, numbers.get(clientId)]).toEqual([clientId, number])
  expect([...numbers.values()].sort((one, other) => one - other)).toEqual(keys.map((_, index) => index + 2))
  const { node } = await ben.api.data(
    'query ($id: ID!) { node(id: $id) { ... on Conversation { unreadCount messages(first: 100) { edges { node { number body } } } } } }',
    { id: conversationId },
  )
  expect(node.unreadCount).toBe(21)
  const read = node.messages.edges.map(({ node: message }: { node: { number: number } }) => message.number)
  expect(read).toEqual(Array.from({ length: 21 }, (_, index) => 21 - index))
}, 60_000)

describe('a block that meets a message under way', () => {
  const unreadOf = async (person: Person) =>
    (await person.api.data('{ viewer { unreadMessageCount } }')).viewer.unreadMessageCount as number
  const BLOCK = 'mutation ($id: ID!) { blockUser(input: { userId: $id }) { userErrors { code } } }'

  test('waits for it and counts it out', async () => {
    const [ada, ben] = [await world.person(), await world.person()]
    const { conversationId } = await conversationOf(ada, [ben])
    let blocking!: Promise<unknown>
    await (
      await world.asViewer(ada)
    ).transaction(async (tx) => {
      await sendMessage(tx, { conversationId: idOf('conversation', conversationId)!, body: 'Late.' })
      blocking = ben.api.data(BLOCK, { id: ada.globalId })
      await someoneWaits()
    })
    await blocking
    expect(await unreadOf(ben)).toBe(0)
    expect(await faultsFor(ben)).toEqual([])
  })

  test('is waited for, and the message not counted in', async () => {
    const [ada, ben] = [await world.person(), await world.person()]
    const { conversationId } = await conversationOf(ada, [ben])
    let sending!: Promise<unknown>
    await (
      await world.asViewer(ben)
    ).transaction(async (tx) => {
      await new BlockService(tx).block(ada.id)
      sending = ada.api.data(SEND, { input: { conversationId, body: 'Late.' } })
      await someoneWaits()
    })
    await sending
    expect(await unreadOf(ben)).toBe(0)
    expect(await faultsFor(ben)).toEqual([])
  })

  const faultsFor = async ({ id }: Person) => (await faultsOf(world)).filter((fault) => fault.includes(id))

  const someoneWaits = () =>
    until(async () => {
      const [row] = await world.db.query<{ waiting: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') AS waiting`,
      )
      return row!.waiting
    })
})
