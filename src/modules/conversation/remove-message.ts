import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { ConversationRepository } from './conversation.repository'
import { Happening, tell } from './happening'
import { MessageRepository } from './message.repository'

/**
 * Takes the text of a message from all but its sender, or gives it back. Nothing happens where it is gone, or so already. Whether the
 * viewer may, the use case asks, who does not read it here.
 */
export async function setMessageRemoved(tx: Database, messageId: Id, isRemoved: boolean): Promise<void> {
  const messages = new MessageRepository(tx)
  const place = await messages.placeOf(messageId)
  if (!place) return
  const { conversationId, senderId } = place
  // What happens in a conversation happens one after the other.
  await new ConversationRepository(tx).lock(conversationId)
  if (!(await messages.setRemovedAt(messageId, isRemoved ? tx.now : null))) return
  await tell(tx, isRemoved ? Happening.MESSAGE_REMOVED : Happening.MESSAGE_REINSTATED, {
    conversationId,
    messageId,
    subjectId: senderId,
  })
}
