import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { viewerId } from '../../core/viewer'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { deleteMessage, editMessage } from './change-message'
import { DeleteMessageInput, EditMessageInput, SendMessageInput } from './conversation.input'
import {
  conversationById,
  messageBody,
  messageById,
  type ConversationRow,
  type MessageRow,
} from './conversation.loader'
import { DeleteMessagePayload, EditMessagePayload, SendMessagePayload } from './conversation.payload'
import { ConversationType, MessageType } from './conversation.type'
import { sendMessage } from './send-message'

defineNode('message', 'Message', (context, id) => context.load(messageById, id))

@Resolver(() => MessageType)
export class MessageResolver {
  @Action(() => SendMessagePayload, {
    description: 'Writes in a conversation; to answer a request accepts it. Needs a session.',
  })
  async sendMessage(@Ctx() context: Context, @InputArgument(() => SendMessageInput) input: SendMessageInput) {
    return done({ message: await sendMessage(context.db, input) })
  }

  @Action(() => EditMessagePayload, {
    description: 'Changes a message of your own, within 15 minutes. Needs a session.',
  })
  async editMessage(@Ctx() context: Context, @InputArgument(() => EditMessageInput) input: EditMessageInput) {
    return done({ message: await editMessage(context.db, input) })
  }

  @Action(() => DeleteMessagePayload, {
    description:
      'Deletes a message of your own for everybody, within 24 hours; what is left says that there was one. Needs a session.',
  })
  async deleteMessage(
    @Ctx() context: Context,
    @InputArgument(() => DeleteMessageInput) { messageId }: DeleteMessageInput,
  ) {
    return done({ message: await deleteMessage(context.db, messageId) })
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The text; empty where it is deleted or hidden, and where it was removed to all but its sender; null where its sender has been erased, and what they wrote with them.',
  })
  body(@Ctx() context: Context, @Root() message: MessageRow): Promise<string | null> {
    return context.load(messageBody, message)
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who has sent it; null where they are not shown. Whoever was erased is a pseudonym.',
  })
  sender(@Ctx() context: Context, @Root() { senderId }: MessageRow): Promise<UserRow | null> {
    return context.load(userById, senderId)
  }

  @FieldResolver(() => ConversationType, { nullable: true, description: 'Where it was sent.' })
  conversation(
    @Ctx() context: Context,
    @Root() { conversationId }: MessageRow,
  ): Promise<ConversationRow | null> {
    return context.load(conversationById, conversationId)
  }

  @FieldResolver(() => MessageType, {
    nullable: true,
    description: 'To what it is an answer; null where to nothing, or to something from before you came.',
  })
  async replyTo(@Ctx() context: Context, @Root() { replyToId }: MessageRow): Promise<MessageRow | null> {
    return replyToId === null ? null : context.load(messageById, replyToId)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The id that your client gave it; null for the messages of others.',
  })
  clientId(@Ctx() { viewer }: Context, @Root() { clientId, senderId }: MessageRow): string | null {
    return senderId === viewerId(viewer) ? clientId : null
  }
}
