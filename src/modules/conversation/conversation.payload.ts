import { ID } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { ConversationType, MessageType } from './conversation.type'

const AS_IT_IS = 'The conversation as it is now.'

@Type('StartConversationPayload', 'The answer of `startConversation`.')
export class StartConversationPayload extends MutationPayload {
  @Shown(() => ConversationType, AS_IT_IS, true)
  conversation?: ConversationType

  @Shown(() => MessageType, 'The message.', true)
  message?: MessageType
}

@Type('SendMessagePayload', 'The answer of `sendMessage`.')
export class SendMessagePayload extends MutationPayload {
  @Shown(() => MessageType, 'The message.', true)
  message?: MessageType
}

@Type('EditMessagePayload', 'The answer of `editMessage`.')
export class EditMessagePayload extends MutationPayload {
  @Shown(() => MessageType, 'The message as it is now.', true)
  message?: MessageType
}

@Type('DeleteMessagePayload', 'The answer of `deleteMessage`.')
export class DeleteMessagePayload extends MutationPayload {
  @Shown(() => MessageType, 'What is left of the message.', true)
  message?: MessageType
}

@Type('AcceptConversationPayload', 'The answer of `acceptConversation`.')
export class AcceptConversationPayload extends MutationPayload {
  @Shown(() => ConversationType, AS_IT_IS, true)
  conversation?: ConversationType
}

@Type('DeclineConversationPayload', 'The answer of `declineConversation`.')
export class DeclineConversationPayload extends MutationPayload {
  @Shown(() => ID, 'The id of the conversation that you see no more.', true)
  declinedConversationId?: string
}

@Type('MarkConversationReadPayload', 'The answer of `markConversationRead`.')
export class MarkConversationReadPayload extends MutationPayload {
  @Shown(() => ConversationType, AS_IT_IS, true)
  conversation?: ConversationType
}

@Type('MuteConversationPayload', 'The answer of `muteConversation`.')
export class MuteConversationPayload extends MutationPayload {
  @Shown(() => ConversationType, AS_IT_IS, true)
  conversation?: ConversationType
}

@Type('LeaveConversationPayload', 'The answer of `leaveConversation`.')
export class LeaveConversationPayload extends MutationPayload {
  @Shown(() => ID, 'The id of the conversation that you see no more.', true)
  leftConversationId?: string
}

@Type('AddConversationParticipantPayload', 'The answer of `addConversationParticipant`.')
export class AddConversationParticipantPayload extends MutationPayload {
  @Shown(() => ConversationType, AS_IT_IS, true)
  conversation?: ConversationType
}

@Type('RenameConversationPayload', 'The answer of `renameConversation`.')
export class RenameConversationPayload extends MutationPayload {
  @Shown(() => ConversationType, AS_IT_IS, true)
  conversation?: ConversationType
}

@Type('RemoveConversationParticipantPayload', 'The answer of `removeConversationParticipant`.')
export class RemoveConversationParticipantPayload extends MutationPayload {
  @Shown(() => ConversationType, AS_IT_IS, true)
  conversation?: ConversationType
}
