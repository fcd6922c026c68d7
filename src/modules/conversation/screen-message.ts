import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { FilteredKind } from '../content-filter/filter-terms'
import { assertNotRefused, screenContent } from '../content-filter/screen-content'
import { ConversationService } from './conversation.service'
import { MessageRepository } from './message.repository'

/**
 * Shows filters what a group is about, as a message.
 * @throws Rejected FILTERED
 */
export const screenTitle = (tx: Database, id: Id, namedById: Id, title: string): Promise<void> =>
  assertNotRefused(tx, {
    kind: FilteredKind.MESSAGE,
    id,
    authorId: namedById,
    body: title,
    parts: () => [{ field: 'title', text: title.normalize('NFC'), addresses: [] }],
    before: null,
    earlier: () => Promise.resolve([]),
  })

interface Sent {
  id: Id
  senderId: Id
  body: string
}

/**
 * Shows filters what a private message says before it is sealed; they can only refuse it.
 * @param before What it has said until now; null for a new one.
 * @throws Rejected FILTERED
 */
export async function screenMessage(
  tx: Database,
  { id, senderId, body }: Sent,
  before: string | null = null,
): Promise<void> {
  // As it is shown: in plain text.
  const partsOf = (text: string) => [{ field: 'body', text: text.normalize('NFC'), addresses: [] }]
  await screenContent(tx, {
    kind: FilteredKind.MESSAGE,
    id,
    authorId: senderId,
    body,
    parts: () => partsOf(body),
    before: before === null ? null : () => partsOf(before),
    earlier: async (since, limit) => {
      const messages = await new MessageRepository(tx).sentSince(senderId, since, limit)
      const texts = await new ConversationService(tx).bodies(messages)
      return texts.filter((text) => typeof text === 'string')
    },
  })
}
