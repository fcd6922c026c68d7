import { Field, Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import type { ConversationRow } from './conversation.repository'
import type { MessageRow } from './message.repository'
import type { ParticipantRow } from './participant.repository'
import { Happening } from './happening'
import { ParticipantStatus } from './participant-status'

registerEnumType(ParticipantStatus, {
  name: 'ParticipantStatus',
  description: 'How somebody stands to a conversation.',
  valuesConfig: {
    REQUESTED: { description: 'They are asked, and have not accepted; more is not told to the others.' },
    ACCEPTED: { description: 'They take part.' },
    DECLINED: { description: 'They want nothing of it; shown to nobody.' },
    LEFT: { description: 'They have left, or were taken out; shown to nobody.' },
  },
})

@Type(
  'Conversation',
  'A private conversation, of two people or of a group, as one of them has it. Visible to those who take part or are asked to, in person, and to nobody else.',
  { implements: Node },
)
export class ConversationType implements Omit<
  ConversationRow,
  'conversationId' | 'creatorId' | 'namedById' | 'title'
> {
  @GlobalId('conversation')
  id!: string

  @Shown(() => Boolean, 'Whether it is a group, which can be left and whose owner decides who is in it.')
  isGroup!: boolean

  @Shown(() => ParticipantStatus, 'How you stand to it.')
  status!: ParticipantStatus

  @Shown(() => Int, 'The number of the last message: how many there have been.')
  lastNumber!: number

  @Shown(() => Int, 'How far you have read, by the number of a message.')
  lastReadNumber!: number

  @Shown(
    () => Int,
    'How many messages are there for you to read: of others whom you have not blocked, not deleted, after `lastReadNumber`.',
  )
  unreadCount!: number

  @Shown(() => Date, 'Until when its messages do not call you; null where they do.', true)
  muteEndsAt!: Date | null

  @Shown(() => Date, 'When something was last written in it that you see.')
  lastActivityAt!: Date

  @Shown(() => Date, 'When it was started.')
  createdAt!: Date
}

@Type('ConversationParticipant', 'Somebody who takes part in a conversation, or is asked to.')
export class ConversationParticipantType implements Omit<ParticipantRow, 'conversationId' | 'userId'> {
  @Shown(() => ParticipantStatus, 'Whether they have accepted.')
  status!: ParticipantStatus

  @Shown(() => Boolean, 'Whether they own the group: whoever has been in it the longest.')
  isOwner!: boolean

  @Shown(() => Date, 'When they came.')
  joinedAt!: Date

  @Shown(
    () => Int,
    'How far they have read, by the number of a message. Told among those who have accepted; null else.',
    true,
  )
  lastReadNumber!: number | null
}

@Type(
  'Message',
  'A private message. Visible to those who read its conversation, from when they came to it.',
  {
    implements: Node,
  },
)
export class MessageType implements Omit<
  MessageRow,
  'conversationId' | 'senderId' | 'body' | 'replyToId' | 'clientId'
> {
  @GlobalId('message')
  id!: string

  @Shown(
    () => Int,
    'Counts the messages of a conversation from 1, without gaps, in the order in which they were sent.',
  )
  number!: number

  @Shown(
    () => Boolean,
    'Whether you do not see what it says, because you have blocked its sender or nobody is shown them.',
  )
  isHidden!: boolean

  @Shown(() => Date, 'When it was sent.')
  createdAt!: Date

  @Shown(() => Date, 'When its text was last changed; null where it never was.', true)
  editedAt!: Date | null

  @Shown(() => Date, 'When its sender deleted it; null where they have not.', true)
  deletedAt!: Date | null

  @Shown(() => Date, 'When it was removed by moderation; null where it was not.', true)
  removedAt!: Date | null

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

export const ConversationConnection = connectionOf('Conversation', () => ConversationType)
export const MessageConnection = connectionOf('Message', () => MessageType)

registerEnumType(Happening, {
  name: 'ConversationEventKind',
  description: 'What happens in a conversation. New kinds may come.',
  valuesConfig: {
    STARTED: { description: 'Somebody has written to you, or you to somebody.' },
    ACCEPTED: { description: 'Somebody lets whoever has asked write to them.' },
    DECLINED: { description: 'You do not want to be written to; nobody else is told.' },
    LEFT: { description: 'Somebody has left.' },
    PARTICIPANT_ADDED: { description: 'Somebody has been asked to take part.' },
    PARTICIPANT_REMOVED: { description: 'Somebody has been taken out.' },
    RENAMED: { description: 'It has another title.' },
    READ: { description: 'You have read on, on another device; nobody else is told.' },
    MESSAGE_SENT: { description: 'There is a new message.' },
    MESSAGE_EDITED: { description: 'A message was changed.' },
    MESSAGE_DELETED: { description: 'A message was deleted; its number stays.' },
    MESSAGE_REMOVED: { description: 'Moderation has taken the text of a message from its readers.' },
    MESSAGE_REINSTATED: { description: 'A message that had been removed has its text again.' },
  },
})

@Type('ConversationEvent', 'Something that has happened in one of your conversations.')
export class ConversationEventType {
  @Shown(() => String, 'Marks this place in what happens: subscribe with it as `after` to miss nothing.')
  cursor!: string

  @Shown(() => Happening, 'What has happened.')
  kind!: Happening

  @Field(() => ConversationType, { nullable: true, description: 'The conversation as it is by now.' })
  conversation!: ConversationRow | null

  @Field(() => MessageType, {
    nullable: true,
    description: 'The message as it is by now; null where it is the conversation as a whole.',
  })
  message!: MessageRow | null
}
