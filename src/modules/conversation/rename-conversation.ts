import type { Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { ThrottleService } from '../throttle/throttle.service'
import { Conversation } from './conversation.entity'
import type { RenameConversationInput } from './conversation.input'
import { ConversationRepository } from './conversation.repository'
import { ConversationService } from './conversation.service'
import { Happening, tell } from './happening'
import { screenTitle } from './screen-message'
import { lockOwned } from './taking-part'

/**
 * Gives a group another title, or none. Returns the conversation's id.
 * @throws ApiError NOT_FOUND, RATE_LIMITED; Rejected NOT_PERMITTED by whoever does not own the group, and for who is silenced; FILTERED.
 */
export async function renameConversation(
  db: Database,
  { conversationId, title }: RenameConversationInput,
): Promise<Id> {
  const { userId } = requireSession(db.caller.viewer)
  await new ThrottleService(db).tryMessage(userId)
  return db.transaction(async (tx) => {
    await new ModerationDecisionService(tx).assertNotSilenced()
    const { conversation } = await lockOwned(tx, conversationId)
    const [before] = await new ConversationService(tx).titles([conversation])
    if ((title || null) === (before ?? null)) return conversationId
    const place = { id: conversationId, ownerId: userId }
    if (title) await screenTitle(tx, conversationId, userId, title)
    const sealed = title ? await tx.codec.seal(Conversation, 'title', place, title) : null
    await new ConversationRepository(tx).setTitle(conversationId, sealed, userId)
    await tell(tx, Happening.RENAMED, { conversationId })
    return conversationId
  })
}
