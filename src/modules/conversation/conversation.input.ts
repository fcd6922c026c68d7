import { Field, Int } from 'type-graphql'
import { ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'

const BODY: TextRules = { description: 'The text, plain.', max: 4_000, multiline: true }

const TITLE = { max: 100, optional: true } as const

const CLIENT_ID = {
  max: 64,
  optional: true,
  pattern: { matches: /^[\w-]+$/, says: 'Use letters, digits, hyphens and underscores.' },
} as const

@Input('StartConversationInput', 'To whom to write, and what.')
export class StartConversationInput {
  @IdOf('user', 'The others: one for the conversation that you two have, or several for a group.', {
    list: { max: 49 },
  })
  userIds!: string[]

  @Text({ ...TITLE, description: 'What the group is about; with one it is a group, also of two.' })
  title?: string

  @Text(BODY)
  body!: string

  @Text({
    ...CLIENT_ID,
    description:
      'An id of your own choice for it. Sent again by the same one, nothing is started nor sent, and the first message is the answer; with another text or other people it is a CONFLICT.',
  })
  clientId?: string
}

@Input('SendMessageInput', 'What to write in which conversation.')
export class SendMessageInput {
  @IdOf('conversation', 'A conversation that you read.')
  conversationId!: string

  @Text(BODY)
  body!: string

  @IdOf('message', 'The message of this conversation to which it is an answer.', { optional: true })
  replyToId?: string

  @Text({
    ...CLIENT_ID,
    description:
      'An id of your own choice for the message. Sent again by the same one, it is not sent twice, and the first is the answer; with another text, or as another answer, it is a CONFLICT.',
  })
  clientId?: string
}

@Input('EditMessageInput', 'What to change in a message.')
export class EditMessageInput {
  @IdOf('message', 'A message of your own, sent within the last 15 minutes.')
  messageId!: string

  @Text(BODY)
  body!: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('DeleteMessageInput', 'Which message to delete.')
export class DeleteMessageInput {
  @IdOf('message', 'A message of your own, sent within the last 24 hours.')
  messageId!: string
}

@Input('ConversationTerms', 'Which conversation.')
export abstract class ConversationTerms {
  @IdOf('conversation', 'A conversation that you read.')
  conversationId!: string
}

@Input('AcceptConversationInput', 'Which request to accept.')
export class AcceptConversationInput extends ConversationTerms {}

@Input('DeclineConversationInput', 'Which request to decline.')
export class DeclineConversationInput extends ConversationTerms {}

@Input('LeaveConversationInput', 'Which group to leave.')
export class LeaveConversationInput extends ConversationTerms {}

@Input('MarkConversationReadInput', 'How far you have read.')
export class MarkConversationReadInput extends ConversationTerms {
  @Field(() => Int, {
    description:
      'The number of the last message that you have read; a lesser one than before changes nothing.',
  })
  number!: number
}

@Input('MuteConversationInput', 'Which conversation to mute, and until when.')
export class MuteConversationInput extends ConversationTerms {
  @Field(() => Date, {
    nullable: true,
    description: 'Until when its messages do not call you; null or left out, they do again.',
  })
  until?: Date | null
}

@Input('RenameConversationInput', 'What a group is called from now on.')
export class RenameConversationInput extends ConversationTerms {
  @Text({ ...TITLE, description: 'What it is about; null or left out, it has no title.' })
  title?: string
}

@Input('AddConversationParticipantInput', 'Whom to take into which group.')
export class AddConversationParticipantInput extends ConversationTerms {
  @IdOf('user', 'The person.')
  userId!: string
}

@Input('RemoveConversationParticipantInput', 'Whom to take out of which group.')
export class RemoveConversationParticipantInput extends ConversationTerms {
  @IdOf('user', 'The person; not yourself.')
  userId!: string
}
