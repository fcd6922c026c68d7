import { toGlobalId, type Id } from '../../core/id'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { publish } from '../../db/event-stream'
import type { Message as Published } from '../../db/pub-sub'
import { AuditService } from '../audit/audit.service'
import { NotificationKind } from '../notification/notification-kind'
import { groupOfConversation } from '../notifier/conversation-news'
import { NotifierService } from '../notifier/notifier.service'
import { ParticipantRepository } from './participant.repository'
import { ParticipantStatus } from './participant-status'

/** What happens in conversations. All of it passes through `tell`. */
export enum Happening {
  STARTED = 'conversation.started',
  ACCEPTED = 'conversation.accepted',
  DECLINED = 'conversation.declined',
  LEFT = 'conversation.left',
  PARTICIPANT_ADDED = 'conversation.participant-added',
  PARTICIPANT_REMOVED = 'conversation.participant-removed',
  RENAMED = 'conversation.renamed',
  READ = 'conversation.read',
  MESSAGE_SENT = 'message.sent',
  MESSAGE_EDITED = 'message.edited',
  MESSAGE_DELETED = 'message.deleted',
  MESSAGE_REMOVED = 'message.removed',
  MESSAGE_REINSTATED = 'message.reinstated',
}

interface Facts {
  conversationId: Id
  messageId?: Id
  /** Whom it concerns, where that is not who does it. */
  subjectId?: Id
}

/** What those who follow their conversations are told. */
export interface ConversationEvent extends Published {
  kind: Happening
  conversationId: Id
  messageId: Id | null
}

/** The topic of what happens in somebody's conversations. */
export const conversationsTopic = (userId: Id): string => `conversations:${userId}`

/** Who writes to whom how often, and reads it when, is nobody's to look up in the trail for years. */
const isRecorded = (
  happening: Happening,
): happening is Exclude<Happening, Happening.READ | Happening.MESSAGE_SENT> =>
  happening !== Happening.READ && happening !== Happening.MESSAGE_SENT

/** A request that is declined is like one that nobody has seen, and so is being read by whoever has blocked the sender. */
const isForThemselves = (happening: Happening): boolean =>
  happening === Happening.READ || happening === Happening.DECLINED

/**
 * Says, in the transaction that makes it so, that something has happened in a conversation: the one place for whatever is to
 * follow from it. The trail has it without a word of what was written, and without to
 * whom; what of it each participant may see is asked when they are told.
 */
export async function tell(
  tx: Database,
  happening: Happening,
  { conversationId, messageId, subjectId }: Facts,
): Promise<void> {
  if (isRecorded(happening)) {
    const target = messageId ? toGlobalId('message', messageId) : toGlobalId('conversation', conversationId)
    await new AuditService(tx).record(happening, { target, ...(subjectId && { subjectId }) })
  }
  const people = isForThemselves(happening)
    ? [viewerId(tx.caller.viewer)!]
    : (await new ParticipantRepository(tx).ofConversation(conversationId))
        .filter(({ status }) => status !== ParticipantStatus.LEFT)
        .map(({ userId }) => userId)
  if (happening === Happening.READ) await new NotifierService(tx).seen(groupOfConversation(conversationId))
  if (messageId) await notify(tx, happening, conversationId, messageId)
  const event: ConversationEvent = { kind: happening, conversationId, messageId: messageId ?? null }
  await publish(tx, people.map(conversationsTopic), event)
}

/** Tells those who take part of a message, but those who have muted the conversation; and nobody any more once it is gone. */
async function notify(tx: Database, happening: Happening, conversationId: Id, messageId: Id): Promise<void> {
  const notifier = new NotifierService(tx)
  const key = toGlobalId('message', messageId)
  if (happening === Happening.MESSAGE_DELETED || happening === Happening.MESSAGE_REMOVED)
    return notifier.retract(key)
  if (happening !== Happening.MESSAGE_SENT) return
  const actorId = viewerId(tx.caller.viewer)!
  const participants = await new ParticipantRepository(tx).ofConversation(conversationId)
  const { now } = tx
  const isTold = ({ userId, status, muteEndsAt }: (typeof participants)[number]) =>
    userId !== actorId && status === ParticipantStatus.ACCEPTED && (muteEndsAt === null || muteEndsAt <= now)
  const told = participants.filter(isTold)
  await notifier.tell(
    { key, actorId, target: toGlobalId('conversation', conversationId), postId: null },
    told.map(({ userId }) => ({
      userId,
      kind: NotificationKind.MESSAGE,
      groupKey: groupOfConversation(conversationId),
    })),
  )
}
