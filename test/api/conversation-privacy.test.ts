import { idOf } from '../../src/core/id'
import { exportedTables, subjectRows } from '../../src/modules/data-export/subject-rows'
import { eraseDue } from '../../src/modules/erasure/erasure.task'
import { Message } from '../../src/modules/conversation/message.entity'
import { conversationOf, writeTo } from '../support/messages'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into by tests, whose assertions are the types */

const READ = `query ($id: ID!) { node(id: $id) { ... on Conversation { title unreadCount participants { user { id } }
  messages { edges { node { number body isHidden deletedAt sender { username displayName } } } } } } }`
const read = async (by: Person, id: string): Promise<any> => (await by.api.data(READ, { id })).node
const messagesOf = async (by: Person, id: string): Promise<any[]> =>
  (await read(by, id)).messages.edges.map(({ node }: any) => node)

const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code field } } }`
const send = async (by: Person, conversationId: string, body: string) =>
  (await by.api.data(SEND, { input: { conversationId, body } })).sendMessage

async function erase(person: Person): Promise<void> {
  await person.api.data('mutation { requestErasure { userErrors { code } } }')
  await world.db.query('UPDATE erasures SET erases_at = requested_at WHERE user_id = $1', [person.id])
  await world.do(eraseDue, {})
}

/** What a person's copy has of a table. */
async function copyOf({ id }: Person, table: string): Promise<Record<string, unknown>[]> {
  const described = exportedTables().find(({ name }) => name === table)!
  return world.db.transaction(async (tx) => {
    const rows: Record<string, unknown>[] = []
    for await (const some of subjectRows(tx, described, id)) rows.push(...some)
    return rows
  })
}

describe('when somebody is erased', () => {
  test('what they wrote is lost everywhere, and the others keep what they wrote themselves', async () => {
    const [ada, ben] = [await world.person(), await world.person()]
    const { conversationId } = await conversationOf(ada, [ben], { body: 'Mine.', title: 'Engine' })
    await send(ben, conversationId, 'Yours?')
    await erase(ada)
    const found = await messagesOf(ben, conversationId)
    expect(found).toMatchObject([
      { number: 2, body: 'Yours?' },
      { number: 1, body: null, isHidden: false, deletedAt: null },
    ])
    expect(found[1].sender.username).toMatch(/^erased_/)
    expect(await read(ben, conversationId)).toMatchObject({
      title: null,
      unreadCount: 1,
      participants: [{ user: { id: ben.globalId } }],
    })
    expect(
      await world.db.query('SELECT FROM messages WHERE sender_id = $1 AND body IS NOT NULL', [ada.id]),
    ).toEqual([])
  })

  test('nobody writes to them any more, in the conversation that there was neither', async () => {
    const [ada, ben] = [await world.person(), await world.person()]
    const { conversationId } = await conversationOf(ada, [ben])
    await erase(ada)
    expect((await send(ben, conversationId, 'Still there?')).userErrors).toMatchObject([
      { code: 'NOT_PERMITTED' },
    ])
    const { startConversation } = await ben.api.data(
      `mutation { startConversation(input: { userIds: ["${ada.globalId}"], body: "Hello?" }) { userErrors { code } } }`,
    )
    expect(startConversation.userErrors).toEqual([{ code: 'NOT_FOUND' }])
  })
})

test('the copy of one’s data has what one wrote, where one takes part and whom one blocks, and no word of others', async () => {
  const [ada, ben] = [await world.person(), await world.person()]
  const [mine, theirs, title] = [unique('mine'), unique('theirs'), unique('title')]
  const { conversationId } = await conversationOf(ada, [ben], { body: mine, title })
  await send(ben, conversationId, theirs)
  const id = idOf('conversation', conversationId)!
  expect(await copyOf(ada, 'messages')).toMatchObject([{ body: mine, conversationId: id, number: 1 }])
  expect(await copyOf(ben, 'messages')).toMatchObject([{ body: theirs, conversationId: id, number: 2 }])
  expect(await copyOf(ada, 'conversations')).toMatchObject([{ id, title }])
  expect(await copyOf(ben, 'conversations')).toEqual([])
  for (const each of [ada, ben])
    expect(await copyOf(each, 'conversation_participants')).toMatchObject([
      { conversationId: id, status: 'ACCEPTED' },
    ])
})

test('R88 a message that was changed below us costs its text and nobody else’s', async () => {
  const [ada, ben] = [await world.person(), await world.person()]
  const { conversationId, messageId } = await conversationOf(ada, [ben], { body: 'One.' })
  const { message } = await send(ada, conversationId, 'Two.')
  const [one, two] = [messageId, message.id as string].map((id) => idOf('message', id)!)
  await world.db.query('UPDATE messages SET body = (SELECT body FROM messages WHERE id = $2) WHERE id = $1', [
    one,
    two,
  ])
  const { data, errors } = await ben.api.send(READ, { id: conversationId })
  expect(data.node.messages.edges.map(({ node }: any) => node.body)).toEqual(['Two.', null])
  expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }])
})

test('a message is under the key of its sender, and no other opens it', async () => {
  const [ada, ben] = [await world.person(), await world.person()]
  const { messageId } = await writeTo(ada, [ben], { body: 'Sealed.' })
  const id = idOf('message', messageId)!
  const [row] = await world.db.query<{ body: Buffer }>('SELECT body FROM messages WHERE id = $1', [id])
  const open = (ownerId: string) =>
    world.db.codec.openEach(Message, 'body', [{ id, ownerId, body: row!.body }], ({ body }) => body)
  expect(await open(ada.id)).toEqual(['Sealed.'])
  expect([await open(ben.id)].flat()[0]).not.toBe('Sealed.')
})

test('the trail says that there are conversations, and neither with whom nor what', async () => {
  const [ada, ben] = [await world.person(), await world.person()]
  const { conversationId } = await conversationOf(ada, [ben])
  await send(ben, conversationId, 'Hello.')
  const events = await world.db.query<{ action: string; subject: string; details: unknown }>(
    `SELECT action, subject_id AS subject, details FROM audit_events WHERE action ~ '^(conversation|message)' AND subject_id = ANY($1)
     ORDER BY id`,
    [[ada.id, ben.id]],
  )
  expect(events).toEqual([
    { action: 'conversation.started', subject: ada.id, details: {} },
    { action: 'conversation.accepted', subject: ben.id, details: {} },
  ])
})
