import type { Id } from '../../core/id'

const PREFIX = 'written:'

/** Under which key people are told of what is written in a conversation. */
export const groupOfConversation = (id: Id): string => `${PREFIX}${id}`

/** SQL for: a notification tells what is written in a conversation that its owner has muted by a moment, declined or left. */
export const isOfUnwantedConversation = (told: string, now: string): string =>
  `EXISTS (SELECT FROM conversation_participants participant
     WHERE participant.user_id = ${told}.user_id AND (participant.mute_ends_at > ${now} OR participant.status IN ('DECLINED', 'LEFT'))
       AND participant.conversation_id =
       CASE WHEN starts_with(${told}.group_key, '${PREFIX}') THEN substr(${told}.group_key, ${PREFIX.length + 1})::uuid END)`
