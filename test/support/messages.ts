import { unique, type Person } from './world'

type Speaker = Pick<Person, 'api'>

/** Somebody blocks somebody, whom it returns. */
export async function blockBy<Other extends Pick<Person, 'globalId'>>(
  person: Speaker,
  other: Other,
): Promise<Other> {
  await person.api.data('mutation ($id: ID!) { blockUser(input: { userId: $id }) { userErrors { code } } }', {
    id: other.globalId,
  })
  return other
}

/** What somebody has written to somebody, and where. */
export interface Written {
  conversationId: string
  messageId: string
}

/** Somebody writes to others: to one in their conversation of two, to several or with a title in a group. */
export async function writeTo(
  sender: Speaker,
  others: Pick<Person, 'globalId'>[],
  input: { title?: string; body?: string } = {},
): Promise<Written> {
  const { startConversation } = await sender.api.data(
    `mutation ($input: StartConversationInput!) {
      startConversation(input: $input) { conversation { id } message { id } userErrors { code message } }
    }`,
    { input: { userIds: others.map(({ globalId }) => globalId), body: unique('Body '), ...input } },
  )
  if (!startConversation.message) throw new Error(JSON.stringify(startConversation.userErrors))
  return { conversationId: startConversation.conversation.id, messageId: startConversation.message.id }
}

/** The same, and all of them have accepted. */
export async function conversationOf(
  sender: Speaker,
  others: Pick<Person, 'globalId' | 'api'>[],
  input: { title?: string; body?: string } = {},
): Promise<Written> {
  const written = await writeTo(sender, others, input)
  for (const { api } of others)
    await api.data(
      'mutation ($id: ID!) { acceptConversation(input: { conversationId: $id }) { userErrors { code } } }',
      { id: written.conversationId },
    )
  return written
}
