import { Args, Ctx, FieldResolver, Int, Resolver, Root, Subscription } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { FollowArguments, InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import { follow, type StreamEvent } from '../../db/event-stream'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  acceptConversation,
  declineConversation,
  markConversationRead,
  muteConversation,
} from './answer-conversation'
import { addParticipant, leaveConversation, removeParticipant } from './change-participants'
import {
  AcceptConversationInput,
  AddConversationParticipantInput,
  DeclineConversationInput,
  LeaveConversationInput,
  MarkConversationReadInput,
  MuteConversationInput,
  RemoveConversationParticipantInput,
  RenameConversationInput,
  StartConversationInput,
} from './conversation.input'
import {
  conversationById,
  conversationTitle,
  lastMessageByConversation,
  messageById,
  participantsByConversation,
  type ConversationRow,
  type MessageRow,
  type ParticipantRow,
} from './conversation.loader'
import {
  AcceptConversationPayload,
  AddConversationParticipantPayload,
  DeclineConversationPayload,
  LeaveConversationPayload,
  MarkConversationReadPayload,
  MuteConversationPayload,
  RemoveConversationParticipantPayload,
  RenameConversationPayload,
  StartConversationPayload,
} from './conversation.payload'
import { ConversationService } from './conversation.service'
import {
  ConversationConnection,
  ConversationEventType,
  ConversationParticipantType,
  ConversationType,
  MessageConnection,
  MessageType,
} from './conversation.type'
import { conversationsTopic, type ConversationEvent } from './happening'
import { ParticipantStatus } from './participant-status'
import { renameConversation } from './rename-conversation'
import { startConversation } from './start-conversation'

defineNode('conversation', 'Conversation', (context, id) => context.load(conversationById, id))

/** A conversation as a change has left it. */
async function asItIs(context: Context, id: Id): Promise<ConversationRow | undefined> {
  return (await context.use(ConversationService).lookup([id]))[0]
}

@Resolver(() => ConversationType)
export class ConversationResolver {
  @Action(() => StartConversationPayload, {
    description:
      'Writes to somebody, in the one conversation that you two have, or starts a group. Whoever has never written to you is asked first: until somebody accepts you can send three messages. Needs a session.',
  })
  async startConversation(
    @Ctx() context: Context,
    @InputArgument(() => StartConversationInput) input: StartConversationInput,
  ) {
    const message = await startConversation(context.db, input)
    return done({ message, conversation: await asItIs(context, message.conversationId) })
  }

  @Subscription(() => ConversationEventType, {
    nullable: true,
    description:
      'What happens in your conversations, as it happens, each event once; after a cursor also what you have missed of the last day. Needs a session.',
    subscribe: ({ context, args }: { context: Context; args: { after?: string } }) =>
      follow(context, conversationsTopic(requireSession(context.viewer).userId), { after: args.after }),
  })
  async viewerConversationsChanged(
    @Ctx() context: Context,
    @Root() { cursor, event }: StreamEvent,
    @Args(() => FollowArguments) _arguments: FollowArguments,
  ): Promise<ConversationEventType | null> {
    const { kind, conversationId, messageId } = event as ConversationEvent
    const [conversation, message] = await Promise.all([
      context.load(conversationById, conversationId),
      messageId === null ? null : context.load(messageById, messageId),
    ])
    // Whoever does not take part by now is told nothing, nor of what is hidden from them.
    const isForThem = conversation !== null && (messageId === null || (message !== null && !message.isHidden))
    return isForThem ? { cursor, kind, conversation, message } : null
  }

  @Action(() => AcceptConversationPayload, {
    description: 'Lets whoever has asked write to you. Needs a session.',
  })
  async acceptConversation(
    @Ctx() context: Context,
    @InputArgument(() => AcceptConversationInput) { conversationId }: AcceptConversationInput,
  ) {
    return done({ conversation: await asItIs(context, await acceptConversation(context.db, conversationId)) })
  }

  @Action(() => DeclineConversationPayload, {
    description: 'Wants nothing of a request; whoever has asked is not told. Needs a session.',
  })
  async declineConversation(
    @Ctx() context: Context,
    @InputArgument(() => DeclineConversationInput) { conversationId }: DeclineConversationInput,
  ) {
    const id = await declineConversation(context.db, conversationId)
    return done({ declinedConversationId: toGlobalId('conversation', id) })
  }

  @Action(() => MarkConversationReadPayload, {
    description: 'Notes how far you have read; it never goes back. Needs a session.',
  })
  async markConversationRead(
    @Ctx() context: Context,
    @InputArgument(() => MarkConversationReadInput) input: MarkConversationReadInput,
  ) {
    return done({ conversation: await asItIs(context, await markConversationRead(context.db, input)) })
  }

  @Action(() => MuteConversationPayload, {
    description: "Lets a conversation's messages call you no more, until a moment. Needs a session.",
  })
  async muteConversation(
    @Ctx() context: Context,
    @InputArgument(() => MuteConversationInput) input: MuteConversationInput,
  ) {
    return done({ conversation: await asItIs(context, await muteConversation(context.db, input)) })
  }

  @Action(() => LeaveConversationPayload, {
    description: 'Leaves a group, which you read no more. Needs a session.',
  })
  async leaveConversation(
    @Ctx() context: Context,
    @InputArgument(() => LeaveConversationInput) { conversationId }: LeaveConversationInput,
  ) {
    const id = await leaveConversation(context.db, conversationId)
    return done({ leftConversationId: toGlobalId('conversation', id) })
  }

  @Action(() => AddConversationParticipantPayload, {
    description:
      'Takes somebody into a group of yours, who reads what is written from then on; whoever does not know you is asked. Needs a session.',
  })
  async addConversationParticipant(
    @Ctx() context: Context,
    @InputArgument(() => AddConversationParticipantInput) input: AddConversationParticipantInput,
  ) {
    return done({ conversation: await asItIs(context, await addParticipant(context.db, input)) })
  }

  @Action(() => RemoveConversationParticipantPayload, {
    description: 'Takes somebody out of a group of yours. Needs a session.',
  })
  async removeConversationParticipant(
    @Ctx() context: Context,
    @InputArgument(() => RemoveConversationParticipantInput) input: RemoveConversationParticipantInput,
  ) {
    return done({ conversation: await asItIs(context, await removeParticipant(context.db, input)) })
  }

  @Action(() => RenameConversationPayload, {
    description: 'Gives a group of yours another title, or none. Needs a session.',
  })
  async renameConversation(
    @Ctx() context: Context,
    @InputArgument(() => RenameConversationInput) input: RenameConversationInput,
  ) {
    return done({ conversation: await asItIs(context, await renameConversation(context.db, input)) })
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'What the group is about; null where it has none, or whoever gave it has been erased.',
  })
  async title(@Ctx() context: Context, @Root() conversation: ConversationRow): Promise<string | null> {
    return conversation.title === null ? null : context.load(conversationTitle, conversation)
  }

  @FieldResolver(() => [ConversationParticipantType], {
    description: 'Who takes part, or is asked to, the longest first.',
  })
  participants(@Ctx() context: Context, @Root() { id }: ConversationRow): Promise<ParticipantRow[]> {
    return context.load(participantsByConversation, id)
  }

  @FieldResolver(() => MessageType, {
    nullable: true,
    description: 'The last message that you see; null where there is none.',
  })
  lastMessage(@Ctx() context: Context, @Root() { id }: ConversationRow): Promise<MessageRow | null> {
    return context.load(lastMessageByConversation, id)
  }

  @FieldResolver(() => MessageConnection, {
    description: 'What was written since you came, the newest first.',
  })
  async messages(
    @Ctx() context: Context,
    @Root() { id }: ConversationRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<MessageRow>> {
    const conversations = context.use(ConversationService)
    return toConnection(await conversations.listMessages(id, page), () => conversations.countMessages(id))
  }
}

@Resolver(() => ConversationParticipantType)
export class ConversationParticipantResolver {
  @FieldResolver(() => UserType, { nullable: true, description: 'Who it is; null where they are not shown.' })
  user(@Ctx() context: Context, @Root() { userId }: ParticipantRow): Promise<UserRow | null> {
    return context.load(userById, userId)
  }
}

@Resolver(() => UserType)
export class UserConversationsResolver {
  @FieldResolver(() => ConversationConnection, {
    nullable: true,
    description:
      'The private conversations of this person, the one where something was written last first. For the person themselves, in a session.',
  })
  conversations(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<ConversationRow>> {
    return conversationsOf(context, id, ParticipantStatus.ACCEPTED, page)
  }

  @FieldResolver(() => ConversationConnection, {
    nullable: true,
    description:
      'What strangers have written to this person, who has neither accepted nor declined, but those who are muted. For the person themselves, in a session.',
  })
  conversationRequests(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<ConversationRow>> {
    return conversationsOf(context, id, ParticipantStatus.REQUESTED, page)
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'How many messages this person has yet to read, without requests and muted conversations. For the person themselves, in a session.',
  })
  unreadMessageCount(@Ctx() context: Context, @Root() { id }: UserRow): Promise<number> {
    return context.use(ConversationService).countUnread(id)
  }
}

async function conversationsOf(
  context: Context,
  userId: Id,
  status: ParticipantStatus,
  page: PageArguments,
): Promise<Connection<ConversationRow>> {
  const conversations = context.use(ConversationService)
  return toConnection(await conversations.list(userId, status, page), () =>
    conversations.count(userId, status),
  )
}
