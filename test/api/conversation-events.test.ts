import { conversationsTopic } from '../../src/modules/conversation/happening'
import { beginningOf, follow } from '../support/follower'
import { startSecondProcess } from '../support/second-process'
import { blockBy, writeTo } from '../support/messages'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const FOLLOW = `subscription ($after: String) { viewerConversationsChanged(after: $after) {
  cursor kind conversation { id unreadCount } message { body sender { username } }
} }`

interface Told {
  cursor: string
  kind: string
  conversation: { id: string; unreadCount: number }
  message: { body: string; sender: { username: string } } | null
}

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const end of open.splice(0)) await end()
})

const followOwn = (
  person: Person,
  after = beginningOf(conversationsTopic(person.id)),
  at: { url: string } = world,
) => {
  const follower = follow<Told>(at, person, FOLLOW, { after })
  open.push(follower.end)
  return follower
}

const kindsOf = (told: Told[]) => told.map(({ kind }) => kind)

const SEND =
  'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }'
const DECLINE =
  'mutation ($input: DeclineConversationInput!) { declineConversation(input: $input) { userErrors { code } } }'
const READ =
  'mutation ($input: MarkConversationReadInput!) { markConversationRead(input: $input) { userErrors { code } } }'

describe('one subscription for all of somebody’s conversations', () => {
  test('tells each participant of each message once, on whichever process they are, and nobody else', async () => {
    const [ada, bob, cyd] = [await world.person(), await world.person(), await world.person()]
    const second = await startSecondProcess(world)
    open.push(() => second.stop())
    const [hers, his, other] = [
      followOwn(ada),
      followOwn(bob, undefined, { url: `${second.url}/graphql` }),
      followOwn(cyd),
    ]
    const { conversationId } = await writeTo(ada, [bob], { body: 'One.' })
    await bob.api.data(SEND, { input: { conversationId, body: 'Two.' } })
    const bodies = (told: Told[]) => told.flatMap(({ message }) => message?.body ?? [])
    await until(() => [hers, his].every(({ told }) => bodies(told).includes('Two.')))
    expect(bodies(hers.told)).toEqual(['One.', 'Two.'])
    expect(bodies(his.told)).toEqual(['One.', 'Two.'])
    expect(other.told).toEqual([])
    const again = followOwn(bob, his.told.at(-2)!.cursor)
    await until(() => again.told.length === 1)
    expect(again.told).toEqual([his.told.at(-1)])
  })

  test('tells nobody that somebody has declined, or has read, but their own devices', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const { conversationId } = await writeTo(ada, [bob], { body: 'Hello?' })
    await bob.api.data(READ, { input: { conversationId, number: 1 } })
    await bob.api.data(DECLINE, { input: { conversationId } })
    await ada.api.data(SEND, { input: { conversationId, body: 'Still there?' } })
    const hers = followOwn(ada)
    await until(() => kindsOf(hers.told).filter((kind) => kind === 'MESSAGE_SENT').length === 2)
    expect(kindsOf(hers.told)).not.toContain('READ')
    expect(kindsOf(hers.told)).not.toContain('DECLINED')
  })

  test('tells nothing of what somebody writes whom one has blocked', async () => {
    const [ada, bob, cyd] = [await world.person(), await world.person(), await world.person()]
    const { conversationId } = await writeTo(ada, [bob, cyd], { body: 'A group.' })
    for (const { api } of [bob, cyd]) await api.data(SEND, { input: { conversationId, body: 'Here I am.' } })
    await blockBy(ada, bob)
    await bob.api.data(SEND, { input: { conversationId, body: 'Hidden.' } })
    await cyd.api.data(SEND, { input: { conversationId, body: 'Shown.' } })
    const [hers, theirs] = [followOwn(ada), followOwn(cyd)]
    await until(() =>
      [hers, theirs].every(({ told }) => told.some(({ message }) => message?.body === 'Shown.')),
    )
    expect(hers.told.map(({ message }) => message?.body)).not.toContain('Hidden.')
    expect(theirs.told.map(({ message }) => message?.body)).toContain('Hidden.')
  })
})
