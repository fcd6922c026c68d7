import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/clock'
import { UserService } from '../../src/modules/user/user.service'
import { storedAccessToken } from '../support/access-token'
import { actingAs } from '../support/administration'
import { columnsHolding } from '../support/database-bytes'
import { erased, restricted } from '../support/privacy'
import { blockBy, conversationOf, writeTo } from '../support/messages'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const MESSAGE =
  'id number body isHidden clientId createdAt editedAt deletedAt version sender { id } replyTo { id }'
const CONVERSATION = `id isGroup title status lastNumber lastReadNumber unreadCount muteEndsAt
  participants { status isOwner lastReadNumber user { id } }`
const ANSWERS = {
  startConversation: `conversation { ${CONVERSATION} } message { ${MESSAGE} }`,
  sendMessage: `message { ${MESSAGE} }`,
  editMessage: `message { ${MESSAGE} }`,
  deleteMessage: `message { ${MESSAGE} }`,
  acceptConversation: `conversation { ${CONVERSATION} }`,
  declineConversation: 'declinedConversationId',
  markConversationRead: `conversation { ${CONVERSATION} }`,
  muteConversation: `conversation { ${CONVERSATION} }`,
  leaveConversation: 'leftConversationId',
  addConversationParticipant: `conversation { ${CONVERSATION} }`,
  removeConversationParticipant: `conversation { ${CONVERSATION} }`,
  renameConversation: `conversation { ${CONVERSATION} }`,
}
type Operation = keyof typeof ANSWERS

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into by tests, whose assertions are the types */

const documentOf = (operation: Operation): string => {
  const input = `${operation[0]!.toUpperCase()}${operation.slice(1)}Input`
  return `mutation ($input: ${input}!) { ${operation}(input: $input) { ${ANSWERS[operation]} userErrors { code field } } }`
}

const send = async (by: Pick<Person, 'api'>, operation: Operation, input: object): Promise<any> =>
  (await by.api.data(documentOf(operation), { input }))[operation]

/** What a mutation answered: `OK`, the codes of its user errors, or that of the error that refused it. */
async function outcome(by: Pick<Person, 'api'>, operation: Operation, input: object): Promise<string> {
  const { data, errors } = await by.api.send(documentOf(operation), { input })
  if (errors) return errors[0]!.extensions.code
  return data[operation].userErrors.map(({ code }: { code: string }) => code).join() || 'OK'
}

const write = (by: Pick<Person, 'api'>, conversationId: string, body: string, more: object = {}) =>
  send(by, 'sendMessage', { conversationId, body, ...more })

const start = (by: Person, others: Pick<Person, 'globalId'>[], more: object = {}) => ({
  userIds: others.map(({ globalId }) => globalId),
  body: unique(`From ${by.username} `),
  ...more,
})

const find = async (by: Pick<Person, 'api'>, id: string): Promise<any> =>
  (
    await by.api.data(
      `query ($id: ID!) { node(id: $id) { ... on Message { ${MESSAGE} conversation { id } } ... on Conversation { ${CONVERSATION}
         lastMessage { body } messages(first: 100) { edges { node { ${MESSAGE} } } } } } }`,
      { id },
    )
  ).node

/** What somebody reads in a conversation, the oldest first. */
const read = async (by: Pick<Person, 'api'>, conversationId: string): Promise<any[]> =>
  (await find(by, conversationId)).messages.edges.map(({ node }: any) => node).reverse()
const bodiesFor = async (by: Pick<Person, 'api'>, conversationId: string) =>
  (await read(by, conversationId)).map(({ body }) => body)

const lists = async (by: Person) =>
  (
    await by.api.data(
      `{ viewer { unreadMessageCount
         conversations { totalCount edges { node { id unreadCount lastMessage { body } } } }
         conversationRequests { totalCount edges { node { id status unreadCount } } } } }`,
    )
  ).viewer
const idsIn = (list: any): string[] => list.edges.map(({ node }: any) => node.id)

const people = (count: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: count }, () => world.person()))
const two = async () => (await people(2)) as [Person, Person]
const three = async () => (await people(3)) as [Person, Person, Person]

describe('a conversation of two', () => {
  test('is one, whoever starts it and how often', async () => {
    const [ada, ben] = await two()
    const first = await send(ada, 'startConversation', start(ada, [ben]))
    expect(first.userErrors).toEqual([])
    expect(first.conversation).toMatchObject({
      isGroup: false,
      title: null,
      status: 'ACCEPTED',
      lastNumber: 1,
      unreadCount: 0,
      participants: [
        { status: 'ACCEPTED', isOwner: false, user: { id: ada.globalId } },
        { status: 'REQUESTED', isOwner: false, lastReadNumber: null, user: { id: ben.globalId } },
      ],
    })
    const [second, third] = await Promise.all([
      send(ben, 'startConversation', start(ben, [ada])),
      send(ada, 'startConversation', start(ada, [ben, ben])),
    ])
    for (const { conversation } of [second, third]) expect(conversation.id).toBe(first.conversation.id)
    expect((await read(ada, first.conversation.id)).map(({ number }) => number)).toEqual([1, 2, 3])
  })

  test('is started once where both write at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const [ada, ben] = await two()
      const [one, other] = await Promise.all([
        send(ada, 'startConversation', start(ada, [ben])),
        send(ben, 'startConversation', start(ben, [ada])),
      ])
      expect(one.conversation.id).toBe(other.conversation.id)
      expect((await read(ada, one.conversation.id)).map(({ number }) => number)).toEqual([1, 2])
    }
  })

  test('shows who wrote what, and to what it is an answer', async () => {
    const [ada, ben] = await two()
    const { conversationId, messageId } = await conversationOf(ada, [ben], { body: 'Are you there?' })
    const { message } = await write(ben, conversationId, 'I am.\nYou?', {
      replyToId: messageId,
      clientId: 'a-1',
    })
    expect(message).toEqual({
      id: expect.stringMatching(/^message_/),
      number: 2,
      body: 'I am.\nYou?',
      isHidden: false,
      clientId: 'a-1',
      createdAt: expect.any(String),
      editedAt: null,
      deletedAt: null,
      version: 1,
      sender: { id: ben.globalId },
      replyTo: { id: messageId },
    })
    expect(await find(ada, message.id)).toMatchObject({
      ...message,
      clientId: null,
      conversation: { id: conversationId },
    })
    expect((await lists(ada)).conversations.edges[0].node.lastMessage.body).toBe('I am.\nYou?')
  })

  test('is for its people alone: not for staff, programs, whoever acts as one of them, nor strangers', async () => {
    const [ada, ben, stranger] = await three()
    const written = await conversationOf(ada, [ben])
    const admin = await world.person({ role: 'admin' })
    const acting = await actingAs(world, await world.person({ role: 'admin' }), ada)
    const program = await storedAccessToken(world, ada.id)
    for (const each of [admin, acting, program, stranger, { api: world.anonymous }]) {
      for (const id of [written.conversationId, written.messageId]) expect(await find(each, id)).toBeNull()
      const { data } = await each.api.send(
        `{ user(id: "${ada.globalId}") { conversations { totalCount } unreadMessageCount conversationRequests { totalCount } } }`,
      )
      expect(data.user).toEqual({ conversations: null, unreadMessageCount: null, conversationRequests: null })
    }
    for (const each of [admin, stranger]) {
      expect(await outcome(each, 'sendMessage', { conversationId: written.conversationId, body: 'Hi' })).toBe(
        'NOT_FOUND',
      )
      expect(await outcome(each, 'deleteMessage', { messageId: written.messageId })).toBe('NOT_FOUND')
    }
    expect(
      await outcome(acting, 'sendMessage', { conversationId: written.conversationId, body: 'As Ada.' }),
    ).toBe('FORBIDDEN')
  })

  test('stands in the database in ciphertext alone, as does the title of a group', async () => {
    const [ada, ben] = await two()
    const [body, title, edited] = [unique('secret'), unique('title'), unique('edited')]
    const { messageId } = await writeTo(ada, [ben], { body, title })
    await send(ada, 'editMessage', { messageId, body: edited })
    expect((await find(ben, messageId)).body).toBe(edited)
    for (const text of [body, title, edited]) expect(await columnsHolding(world.db, text)).toEqual([])
  })
})

describe('to a stranger', () => {
  test('a message waits as a request, which is accepted, and calls nobody before', async () => {
    const [ada, ben] = await two()
    const { conversationId } = await writeTo(ada, [ben])
    const waiting = await lists(ben)
    expect(waiting).toMatchObject({ unreadMessageCount: 0, conversations: { totalCount: 0 } })
    expect(waiting.conversationRequests.edges).toEqual([
      { node: { id: conversationId, status: 'REQUESTED', unreadCount: 1 } },
    ])
    await send(ben, 'markConversationRead', { conversationId, number: 1 })
    const marks = async () =>
      (await find(ada, conversationId)).participants.map(({ lastReadNumber }: any) => lastReadNumber)
    expect(await marks()).toEqual([0, null])
    const { conversation } = await send(ben, 'acceptConversation', { conversationId })
    expect(conversation.status).toBe('ACCEPTED')
    expect(await marks()).toEqual([0, 1])
    expect(idsIn((await lists(ben)).conversations)).toEqual([conversationId])
    await write(ada, conversationId, 'Thank you.')
    expect((await lists(ben)).unreadMessageCount).toBe(1)
  })

  test('an answer accepts', async () => {
    const [ada, ben] = await two()
    const { conversationId } = await writeTo(ada, [ben])
    await write(ben, conversationId, 'Hello.')
    expect((await find(ben, conversationId)).status).toBe('ACCEPTED')
    expect((await lists(ben)).conversationRequests.totalCount).toBe(0)
  })

  test('three messages can be sent and no more, and whoever is declined is told the same as whoever waits', async () => {
    const [ada, ben, eve] = await three()
    const { conversationId } = await writeTo(ada, [ben])
    await write(ada, conversationId, 'Two.')
    const other = await writeTo(ada, [eve])
    expect(await outcome(ben, 'declineConversation', { conversationId })).toBe('OK')
    for (const id of [conversationId, other.conversationId]) await write(ada, id, 'Three, or two.')
    await write(ada, other.conversationId, 'Three.')
    const seen = await Promise.all([conversationId, other.conversationId].map((id) => find(ada, id)))
    expect(seen.map(({ participants }) => participants.map(({ status }: any) => status))).toEqual([
      ['ACCEPTED', 'REQUESTED'],
      ['ACCEPTED', 'REQUESTED'],
    ])
    for (const id of [conversationId, other.conversationId])
      expect(await outcome(ada, 'sendMessage', { conversationId: id, body: 'Four.' })).toBe('NOT_PERMITTED')
    expect(await find(ben, conversationId)).toBeNull()
    expect(await lists(ben)).toMatchObject({
      unreadMessageCount: 0,
      conversations: { totalCount: 0 },
      conversationRequests: { totalCount: 0 },
    })
    for (const operation of ['acceptConversation', 'declineConversation'] as const)
      expect(await outcome(ben, operation, { conversationId })).toBe('NOT_FOUND')
    // Ben thinks better of it.
    expect((await writeTo(ben, [ada])).conversationId).toBe(conversationId)
    expect((await find(ben, conversationId)).unreadCount).toBe(3)
    await write(ada, conversationId, 'Five.')
  })

  test('what was accepted is not declined any more', async () => {
    const [ada, ben] = await two()
    const { conversationId } = await conversationOf(ada, [ben])
    expect(await outcome(ben, 'declineConversation', { conversationId })).toBe('NOT_PERMITTED')
  })

  test('who is no stranger is not asked, in a group neither', async () => {
    const [ada, ben, eve] = await three()
    await conversationOf(ada, [ben])
    const { conversation } = await send(
      ben,
      'startConversation',
      start(ben, [ada, eve], { title: 'All of us' }),
    )
    const statuses = conversation.participants.map(({ user, status }: any) => [user.id, status])
    expect(new Map(statuses)).toEqual(
      new Map([
        [ben.globalId, 'ACCEPTED'],
        [ada.globalId, 'ACCEPTED'],
        [eve.globalId, 'REQUESTED'],
      ]),
    )
  })

  test('requests of whoever is muted or blocked are not listed', async () => {
    const [ada, ben, eve] = await three()
    await writeTo(ada, [eve])
    await writeTo(ben, [eve])
    expect((await lists(eve)).conversationRequests.totalCount).toBe(2)
    await blockBy(eve, ada)
    await eve.api.data(`mutation { muteUser(input: { userId: "${ben.globalId}" }) { userErrors { code } } }`)
    expect((await lists(eve)).conversationRequests.totalCount).toBe(0)
  })

  test('ten an hour can be written to, and sixty messages a minute', async () => {
    const ada = await world.person()
    const others = await people(12)
    for (const other of others.slice(0, 10)) await writeTo(ada, [other])
    const { errors } = await ada.api.send(documentOf('startConversation'), {
      input: start(ada, [others[10]!]),
    })
    expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: HOUR / SECOND } }])
    const { conversationId } = await writeTo(others[11]!, [ada])
    const burst = []
    for (let index = 0; index < 60; index++)
      burst.push(await outcome(ada, 'sendMessage', { conversationId, body: 'Again.' }))
    expect(burst).toContain('OK')
    expect(burst.at(-1)).toBe('RATE_LIMITED')
    world.clock.advance(MINUTE + SECOND)
    expect(await outcome(ada, 'sendMessage', { conversationId, body: 'Slowly.' })).toBe('OK')
    const crowd = await people(11)
    world.clock.advance(2 * HOUR)
    expect(await outcome(ada, 'startConversation', start(ada, crowd))).toBe('NOT_PERMITTED')
  }, 60_000)
})

describe('blocking', () => {
  test('keeps what somebody writes away without telling them, and shows it when they are not blocked any more', async () => {
    const [ada, ben] = await two()
    const { conversationId } = await conversationOf(ada, [ben])
    await send(ben, 'markConversationRead', { conversationId, number: 1 })
    await blockBy(ben, ada)
    world.clock.advance(SECOND)
    expect(await outcome(ada, 'sendMessage', { conversationId, body: 'Why?' })).toBe('OK')
    expect(await read(ben, conversationId)).toMatchObject([
      { number: 1, isHidden: true, body: '' },
      { number: 2, isHidden: true, body: '' },
    ])
    expect((await find(ben, conversationId)).lastMessage).toBeNull()
    expect((await lists(ben)).unreadMessageCount).toBe(0)
    expect((await find(ada, conversationId)).participants.map(({ status }: any) => status)).toEqual([
      'ACCEPTED',
      'ACCEPTED',
    ])
    expect(await outcome(ben, 'sendMessage', { conversationId, body: 'Because.' })).toBe('NOT_PERMITTED')
    expect(await outcome(ben, 'startConversation', start(ben, [ada]))).toBe('NOT_PERMITTED')
    await ben.api.data(
      `mutation { unblockUser(input: { userId: "${ada.globalId}" }) { userErrors { code } } }`,
    )
    expect((await bodiesFor(ben, conversationId))[1]).toBe('Why?')
    expect((await lists(ben)).unreadMessageCount).toBe(1)
  })

  test('lets a new conversation look like one that is not answered', async () => {
    const [ada, ben] = await two()
    await blockBy(ben, ada)
    const { conversation, userErrors } = await send(ada, 'startConversation', start(ada, [ben]))
    expect(userErrors).toEqual([])
    expect(conversation.participants.map(({ status }: any) => status)).toEqual(['ACCEPTED', 'REQUESTED'])
    expect(await lists(ben)).toMatchObject({
      conversations: { totalCount: 0 },
      conversationRequests: { totalCount: 0 },
    })
    expect(await find(ben, conversation.id)).toBeNull()
  })

  test('hides them in a group from whoever has blocked them, and from nobody else', async () => {
    const [ada, ben, eve] = await three()
    const { conversationId } = await conversationOf(ada, [ben, eve], { title: 'Three' })
    await blockBy(eve, ben)
    const { message } = await write(ben, conversationId, 'To all.')
    await write(ada, conversationId, 'So it is.', { replyToId: message.id })
    expect(await bodiesFor(ada, conversationId)).toEqual([expect.any(String), 'To all.', 'So it is.'])
    expect(await bodiesFor(eve, conversationId)).toEqual([expect.any(String), '', 'So it is.'])
    expect((await find(eve, conversationId)).unreadCount).toBe(2)
    expect((await find(ada, conversationId)).unreadCount).toBe(1)
    // Nor does Ben see how far she has read.
    await send(eve, 'markConversationRead', { conversationId, number: 3 })
    const eveFor = async (by: Person) =>
      (await find(by, conversationId)).participants.find(({ user }: any) => user.id === eve.globalId)
    expect([await eveFor(ada), await eveFor(ben)]).toMatchObject([
      { lastReadNumber: 3 },
      { lastReadNumber: null },
    ])
  })
})

describe('a group', () => {
  test('has a title and an owner, who takes people in and out; they read from when they came until they go', async () => {
    const [ada, ben, eve] = await three()
    await conversationOf(ada, [eve])
    const { conversationId } = await conversationOf(ada, [ben], { title: 'Engine', body: 'Before.' })
    expect(await find(ben, conversationId)).toMatchObject({ isGroup: true, title: 'Engine' })
    const input = { conversationId, userId: eve.globalId }
    for (const operation of ['addConversationParticipant', 'removeConversationParticipant'] as const)
      expect(await outcome(ben, operation, input)).toBe('NOT_PERMITTED')
    for (const _twice of [1, 2]) expect(await outcome(ada, 'addConversationParticipant', input)).toBe('OK')
    await write(ben, conversationId, 'Welcome.')
    expect(await bodiesFor(eve, conversationId)).toEqual(['Welcome.'])
    expect((await find(eve, conversationId)).unreadCount).toBe(1)
    for (const _twice of [1, 2]) expect(await outcome(ada, 'removeConversationParticipant', input)).toBe('OK')
    expect(await find(eve, conversationId)).toBeNull()
    await write(ben, conversationId, 'She is gone.')
    // Whoever has left is asked.
    await send(ada, 'addConversationParticipant', input)
    expect(await find(eve, conversationId)).toMatchObject({
      status: 'REQUESTED',
      unreadCount: 0,
      messages: { edges: [] },
    })
  })

  test('is left, and whoever has been there longest owns it then', async () => {
    const [ada, ben, eve] = await three()
    const { conversationId } = await conversationOf(ada, [ben], { title: 'Engine' })
    world.clock.advance(SECOND)
    await conversationOf(ada, [eve])
    await send(ada, 'addConversationParticipant', { conversationId, userId: eve.globalId })
    expect(await outcome(ada, 'leaveConversation', { conversationId })).toBe('OK')
    expect(await outcome(ada, 'leaveConversation', { conversationId })).toBe('NOT_FOUND')
    const { participants, title } = await find(eve, conversationId)
    expect(participants.map(({ isOwner, user }: any) => [user.id, isOwner])).toEqual([
      [ben.globalId, true],
      [eve.globalId, false],
    ])
    expect(title).toBe('Engine')
    const userId = ada.globalId
    expect(await outcome(eve, 'addConversationParticipant', { conversationId, userId })).toBe('NOT_PERMITTED')
    expect(await outcome(ben, 'addConversationParticipant', { conversationId, userId })).toBe('OK')
  })

  test('is renamed by its owner, and loses its name with whoever has given it, and nobody else', async () => {
    const [ada, ben, eve] = await three()
    const { conversationId } = await conversationOf(ada, [ben], { title: 'Engine' })
    world.clock.advance(SECOND)
    await conversationOf(ada, [eve])
    await send(ada, 'addConversationParticipant', { conversationId, userId: eve.globalId })
    const rename = (by: Person, title: string | null) =>
      outcome(by, 'renameConversation', { conversationId, title })
    const titleFor = async (by: Person) => (await find(by, conversationId)).title as string | null
    expect(await rename(ben, 'Mine')).toBe('NOT_PERMITTED')
    expect(await rename(await world.person(), 'Mine')).toBe('NOT_FOUND')
    for (const _twice of [1, 2]) expect(await rename(ada, 'Analytical Engine')).toBe('OK')
    expect([await titleFor(ada), await titleFor(eve)]).toEqual(['Analytical Engine', 'Analytical Engine'])
    expect(await rename(ada, null)).toBe('OK')
    expect(await titleFor(ben)).toBeNull()
    await send(ada, 'leaveConversation', { conversationId })
    const secret = unique('Title ')
    expect(await rename(ben, secret)).toBe('OK')
    expect(await columnsHolding(world.db, secret)).toEqual([])
    await erased(world, ada)
    expect(await titleFor(eve)).toBe(secret)
    await erased(world, ben)
    expect(await titleFor(eve)).toBeNull()
    const pair = await conversationOf(eve, [await world.person()])
    expect(
      await outcome(eve, 'renameConversation', { conversationId: pair.conversationId, title: 'Us' }),
    ).toBe('NOT_PERMITTED')
  })

  test('a conversation of two is not left, nor is anybody taken in', async () => {
    const [ada, ben, eve] = await three()
    const { conversationId } = await conversationOf(ada, [ben])
    expect(await outcome(ada, 'leaveConversation', { conversationId })).toBe('NOT_PERMITTED')
    expect(await outcome(ada, 'addConversationParticipant', { conversationId, userId: eve.globalId })).toBe(
      'NOT_PERMITTED',
    )
  })

  test('holds fifty people', async () => {
    const ada = await world.person()
    const others = await people(3)
    const { conversationId } = await writeTo(ada, [others[0]!], { title: 'Many' })
    await world.db.query(
      `WITH made AS (
         INSERT INTO users (id, username, display_name, locale, time_zone, status, created_at, updated_at, version)
         SELECT gen_random_uuid(), 'crowd_' || n, '', 'en', 'UTC', 'active', now(), now(), 1 FROM generate_series(1, 47) n RETURNING id
       )
       INSERT INTO conversation_participants (id, conversation_id, user_id, status, joined_at, sees_after, last_read_number, unread_count, last_activity_at)
       SELECT gen_random_uuid(), (SELECT max(conversation_id::text)::uuid FROM conversation_participants WHERE user_id = $1), id, 'ACCEPTED', now() + interval '1 year', 1, 1, 0, now() FROM made`,
      [ada.id],
    )
    const add = (other: Person) =>
      outcome(ada, 'addConversationParticipant', { conversationId, userId: other.globalId })
    expect((await Promise.all([add(others[1]!), add(others[2]!)])).sort()).toEqual(['NOT_PERMITTED', 'OK'])
  })
})

describe('reading', () => {
  test('is marked by number, never goes back, and counts what is left', async () => {
    const [ada, ben] = await two()
    const { conversationId } = await conversationOf(ada, [ben])
    for (const body of ['2', '3', '4']) await write(ada, conversationId, body)
    await write(ben, conversationId, '5')
    const mark = async (number: number) =>
      (await send(ben, 'markConversationRead', { conversationId, number })).conversation
    expect(await mark(2)).toMatchObject({ lastReadNumber: 2, unreadCount: 2 })
    expect(await mark(1)).toMatchObject({ lastReadNumber: 2, unreadCount: 2 })
    expect(await mark(5)).toMatchObject({ lastReadNumber: 5, unreadCount: 0 })
    for (const number of [6, -1])
      expect(await outcome(ben, 'markConversationRead', { conversationId, number })).toBe('INVALID')
    expect((await lists(ada)).unreadMessageCount).toBe(1)
  })

  test('a muted conversation calls nobody until its end', async () => {
    const [ada, ben] = await two()
    const { conversationId } = await conversationOf(ada, [ben])
    const until = new Date(world.clock.now().getTime() + HOUR).toISOString()
    expect((await send(ben, 'muteConversation', { conversationId, until })).conversation.muteEndsAt).toBe(
      until,
    )
    expect(await lists(ben)).toMatchObject({
      unreadMessageCount: 0,
      conversations: { edges: [{ node: { unreadCount: 1 } }] },
    })
    expect(await outcome(ben, 'muteConversation', { conversationId, until: '2020-01-01T00:00:00Z' })).toBe(
      'INVALID',
    )
    world.clock.advance(HOUR)
    expect((await lists(ben)).unreadMessageCount).toBe(1)
    await send(ben, 'muteConversation', { conversationId, until: null })
    expect((await find(ben, conversationId)).muteEndsAt).toBeNull()
  })
})

describe('a message', () => {
  test('is edited by its sender for a quarter of an hour, by its version', async () => {
    const [ada, ben] = await two()
    const { messageId } = await conversationOf(ada, [ben])
    const edit = (body: string, more = {}) => send(ada, 'editMessage', { messageId, body, ...more })
    expect((await edit('Better.', { expectedVersion: 1 })).message).toMatchObject({
      body: 'Better.',
      version: 2,
      editedAt: expect.any(String),
    })
    expect((await edit('Better.')).message.version).toBe(2)
    expect(await outcome(ada, 'editMessage', { messageId, body: 'Worse.', expectedVersion: 1 })).toBe(
      'CONFLICT',
    )
    expect(await outcome(ben, 'editMessage', { messageId, body: 'Mine.' })).toBe('NOT_PERMITTED')
    world.clock.advance(15 * MINUTE)
    expect(await outcome(ada, 'editMessage', { messageId, body: 'Late.' })).toBe('NOT_PERMITTED')
    expect((await find(ben, messageId)).body).toBe('Better.')
  })

  test('is deleted by its sender for a day, for everybody; its number stays', async () => {
    const [ada, ben] = await two()
    const { conversationId, messageId } = await conversationOf(ada, [ben])
    const { message: late } = await write(ada, conversationId, 'Another one.')
    expect((await lists(ben)).unreadMessageCount).toBe(2)
    expect(await outcome(ben, 'deleteMessage', { messageId })).toBe('NOT_PERMITTED')
    for (const _twice of [1, 2])
      expect((await send(ada, 'deleteMessage', { messageId })).message).toMatchObject({
        number: 1,
        body: '',
        version: 2,
        deletedAt: expect.any(String),
      })
    expect(await read(ben, conversationId)).toMatchObject([
      { number: 1, body: '' },
      { number: 2, body: 'Another one.' },
    ])
    expect((await lists(ben)).unreadMessageCount).toBe(1)
    expect(await outcome(ada, 'editMessage', { messageId, body: 'Back.' })).toBe('NOT_PERMITTED')
    world.clock.advance(DAY)
    expect(await outcome(ada, 'deleteMessage', { messageId: late.id })).toBe('NOT_PERMITTED')
  })

  test('sent again by the same id of its client is answered as it is, also many times at once', async () => {
    const [ada, ben] = await two()
    const { conversationId } = await conversationOf(ada, [ben])
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => write(ada, conversationId, 'Once.', { clientId: 'retry' })),
    )
    expect(new Set(answers.map(({ message }) => message.id)).size).toBe(1)
    expect((await find(ben, conversationId)).lastNumber).toBe(2)
    // It is the sender's own; somebody else's client may have made the same.
    expect((await write(ben, conversationId, 'Mine.', { clientId: 'retry' })).message.number).toBe(3)
    const input = start(ada, [ben], { title: 'Once', clientId: 'group' })
    const groups = await Promise.all([1, 2, 3].map(() => send(ada, 'startConversation', input)))
    expect(new Set(groups.map(({ conversation }) => conversation.id)).size).toBe(1)
    expect(new Set(groups.map(({ message }) => message.id)).size).toBe(1)
  })

  test('is not taken for another that has the same id of its client: nothing is lost without a word', async () => {
    const [ada, ben, eve] = await three()
    const { conversationId, messageId } = await conversationOf(ada, [ben])
    const first = { conversationId, body: 'One.', clientId: 'same' }
    const { message } = await send(ada, 'sendMessage', first)
    for (const other of [{ body: 'Two.' }, { replyToId: messageId }])
      expect(await outcome(ada, 'sendMessage', { ...first, ...other })).toBe('CONFLICT')
    expect(await read(ada, conversationId)).toHaveLength(2)
    // What has become of it since does not make it another one.
    for (const change of ['editMessage', 'deleteMessage'] as const) {
      await send(ada, change, { messageId: message.id, ...(change === 'editMessage' && { body: 'Won.' }) })
      expect((await send(ada, 'sendMessage', first)).message.id).toBe(message.id)
    }
    const group = start(ada, [ben], { title: 'Once', clientId: 'group' })
    const { conversation } = await send(ada, 'startConversation', group)
    const others = [
      { body: 'Another.' },
      { userIds: [eve.globalId] },
      { userIds: [ben, eve].map((one) => one.globalId) },
    ]
    for (const other of others)
      expect(await outcome(ada, 'startConversation', { ...group, ...other })).toBe('CONFLICT')
    await send(ada, 'addConversationParticipant', { conversationId: conversation.id, userId: eve.globalId })
    await send(ada, 'removeConversationParticipant', {
      conversationId: conversation.id,
      userId: ben.globalId,
    })
    expect((await send(ada, 'startConversation', group)).conversation.id).toBe(conversation.id)
  })

  test('that starts a group with strangers counts them once, however often it is sent by the same id', async () => {
    const [ada, ...strangers] = await people(7)
    const input = start(ada!, strangers, { clientId: 'again' })
    const ids = []
    for (let tries = 0; tries < 3; tries++)
      ids.push((await send(ada!, 'startConversation', input)).conversation.id)
    expect(new Set(ids).size).toBe(1)
  })

  test('is refused where something is wrong with it, and changes nothing', async () => {
    const [ada, ben, eve] = await three()
    const { conversationId } = await conversationOf(ada, [ben])
    const elsewhere = await conversationOf(ada, [eve])
    const wrong: [object, string][] = [
      [{ body: '' }, 'REQUIRED'],
      [{ body: ' \n\u200b' }, 'REQUIRED'],
      [{ body: 'x'.repeat(4_001) }, 'TOO_LONG'],
      [{ body: 'x\0' }, 'BAD_USER_INPUT'],
      [{ replyToId: elsewhere.messageId }, 'NOT_FOUND'],
      [{ replyToId: 'nonsense' }, 'NOT_FOUND'],
      [{ clientId: 'not one' }, 'INVALID'],
      [{ conversationId: 'nonsense' }, 'NOT_FOUND'],
      [{ conversationId: elsewhere.messageId }, 'NOT_FOUND'],
    ]
    for (const [mistake, code] of wrong)
      expect([
        mistake,
        await outcome(ada, 'sendMessage', { conversationId, body: 'Hi', ...mistake }),
      ]).toEqual([mistake, code])
    const starts: [object, string][] = [
      [{ userIds: [] }, 'REQUIRED'],
      [{ userIds: [ada.globalId] }, 'NOT_PERMITTED'],
      [{ userIds: [ben.globalId, ada.globalId] }, 'NOT_PERMITTED'],
      [{ userIds: ['nonsense'] }, 'NOT_FOUND'],
      [{ userIds: [ben.globalId, 'nonsense'] }, 'NOT_FOUND'],
      [{ userIds: Array.from({ length: 50 }, () => ben.globalId) }, 'TOO_LONG'],
    ]
    for (const [mistake, code] of starts)
      expect([
        mistake,
        await outcome(ada, 'startConversation', { ...start(ada, [ben]), ...mistake }),
      ]).toEqual([mistake, code])
    expect((await find(ben, conversationId)).lastNumber).toBe(1)
  })

  test('of somebody whose data is kept and no more is hidden, and nobody new writes to them', async () => {
    const [ada, ben, eve] = await three()
    const { conversationId } = await conversationOf(ada, [ben])
    await world.db.query('UPDATE users SET restricted_at = now() WHERE id = $1', [ada.id])
    expect(await read(ben, conversationId)).toMatchObject([{ isHidden: true, body: '', sender: null }])
    expect(await outcome(eve, 'startConversation', start(eve, [ada]))).toBe('NOT_FOUND')
    expect(await bodiesFor(ada, conversationId)).toEqual([expect.stringMatching(/^Body/)])
  })

  test('of somebody whose data is kept and no more is not there to read, and is again afterwards', async () => {
    const [ada, ben] = await two()
    const { conversationId } = await conversationOf(ada, [ben])
    const unread = async () => {
      const { unreadMessageCount } = await lists(ben)
      expect((await find(ben, conversationId)).unreadCount).toBe(unreadMessageCount)
      return unreadMessageCount as number
    }
    expect(await unread()).toBe(1)
    await restricted(world, ada)
    expect(await unread()).toBe(0)
    const { message } = await write(ada, conversationId, 'Kept.')
    await write(ada, conversationId, 'Kept, too.')
    await send(ada, 'deleteMessage', { messageId: message.id })
    expect(await unread()).toBe(0)
    await new UserService(world.db).liftRestriction(ada.id)
    expect(await unread()).toBe(2)
    await restricted(world, ada)
    await erased(world, ada)
    expect((await read(ben, conversationId)).map(({ body, isHidden }) => [body, isHidden])).toEqual([
      [null, false],
      ['', false],
      [null, false],
    ])
    expect(await unread()).toBe(2)
  })

  test('is not sent by whoever is suspended', async () => {
    const [ada, ben] = await two()
    const { conversationId } = await conversationOf(ada, [ben])
    await world.suspend(ada)
    expect(await outcome(ada, 'sendMessage', { conversationId, body: 'Still here.' })).toBe('UNAUTHENTICATED')
    expect((await find(ben, conversationId)).lastNumber).toBe(1)
  })
})

describe('the list of conversations', () => {
  test('has the newest activity first, page by page, forwards and backwards', async () => {
    const ada = await world.person()
    const others = await people(5)
    const ids: string[] = []
    for (const other of others) {
      ids.unshift((await conversationOf(other, [ada])).conversationId)
      world.clock.advance(SECOND)
    }
    await write(others[0]!, ids.at(-1)!, 'Me again.')
    const expected = [ids.at(-1)!, ...ids.slice(0, -1)]
    const page = async (args: string) =>
      (
        await ada.api.data(
          `{ viewer { conversations(${args}) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } } }`,
        )
      ).viewer.conversations
    const first = await page('first: 3')
    const second = await page(`first: 3, after: "${first.edges.at(-1).cursor}"`)
    expect([...idsIn(first), ...idsIn(second)]).toEqual(expected)
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false])
    expect(idsIn(await page('last: 2'))).toEqual(expected.slice(-2))
  })

  test('takes no more statements for twelve than for one, with their last messages and people', async () => {
    const ada = await world.person()
    const others = await people(12)
    for (const other of others) await conversationOf(other, [ada], { title: unique('Title ') })
    const LIST = `query ($first: Int!) { viewer { conversations(first: $first) { edges { node {
      id title unreadCount lastMessage { body sender { username } } participants { status user { username } } } } } } }`
    await ada.api.data(LIST, { first: 1 })
    const counts: number[] = []
    for (const first of [1, 12]) {
      const statements = await world.statements(async () => {
        const { viewer } = await ada.api.data(LIST, { first })
        expect(viewer.conversations.edges).toHaveLength(first)
        for (const { node } of viewer.conversations.edges)
          expect(node).toMatchObject({
            title: /^Title/.exec(node.title) && node.title,
            lastMessage: { body: expect.any(String) },
          })
      })
      // Who asks may be known from the request before.
      counts.push(statements.filter((sql) => !sql.includes('token_hash')).length)
    }
    // People are looked up once or twice: those who wrote last and those who take part may be asked for at one moment, or two.
    for (const count of counts) expect(count).toBeLessThanOrEqual(7)
  })

  test('a page of messages takes as many statements however long it is', async () => {
    const [ada, ben] = await two()
    const { conversationId } = await conversationOf(ada, [ben])
    for (let index = 0; index < 12; index++) await write(ben, conversationId, `${index}`)
    const PAGE = `query ($first: Int!) { node(id: "${conversationId}") { ... on Conversation {
      messages(first: $first) { edges { node { body isHidden sender { username } replyTo { id } } } } } } }`
    await ada.api.data(PAGE, { first: 1 })
    const count = async (first: number) =>
      (await world.statements(() => ada.api.data(PAGE, { first }))).filter(
        (sql) => !sql.includes('token_hash'),
      ).length
    expect(await count(12)).toBe(await count(1))
  })
})
