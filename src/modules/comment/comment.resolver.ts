import { Args, Ctx, FieldResolver, Int, Query, Resolver, Root, Subscription } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { IdArgument, InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { notFound } from '../../core/error'
import { idOf, type Id } from '../../core/id'
import { pageSize } from '../../core/page'
import { follow, type StreamEvent } from '../../db/event-stream'
import { postById, type PostRow } from '../post/post.loader'
import { PostType } from '../post/post.type'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  AddCommentInput,
  CloseThreadInput,
  DeleteCommentInput,
  EditCommentInput,
  ReopenThreadInput,
  ThreadArguments,
} from './comment.input'
import { shown } from './comment-markup'
import {
  commentById,
  firstComments,
  firstOf,
  firstReplies,
  heardCommentById,
  mentionsOf,
  threadOf,
  type CommentRow,
} from './comment.loader'
import {
  AddCommentPayload,
  CloseThreadPayload,
  DeleteCommentPayload,
  EditCommentPayload,
  ReopenThreadPayload,
} from './comment.payload'
import { CommentService, type CommentFilter } from './comment.service'
import { CommentConnection, CommentType, ThreadEventType } from './comment.type'
import { threadTopic, type ThreadEvent } from './thread-event'

defineNode('comment', 'Comment', (context, id) => context.load(commentById, id))

@Resolver(() => CommentType)
export class CommentResolver {
  @Query(() => CommentType, {
    nullable: true,
    description: 'The comment with this id; null when there is none that the viewer may see.',
  })
  comment(
    @Ctx() context: Context,
    @IdArgument('id', 'comment', 'Its global id.') id: Id,
  ): Promise<CommentRow | null> {
    return context.load(commentById, id)
  }

  @Action(() => AddCommentPayload, {
    description: 'Says something to a post that you can see, or to a comment there. Needs a sign-in.',
  })
  async addComment(@Ctx() context: Context, @InputArgument(() => AddCommentInput) input: AddCommentInput) {
    const comment = await context.use(CommentService).add(input)
    context.forget(threadOf, comment.postId)
    return done({ comment })
  }

  @Action(() => EditCommentPayload, { description: 'Changes a comment of your own.' })
  async editComment(@Ctx() context: Context, @InputArgument(() => EditCommentInput) input: EditCommentInput) {
    return done({ comment: await context.use(CommentService).edit(input) })
  }

  @Action(() => DeleteCommentPayload, {
    description: 'Deletes a comment of your own: its text goes, its place among the others stays.',
  })
  async deleteComment(
    @Ctx() context: Context,
    @InputArgument(() => DeleteCommentInput) { commentId }: DeleteCommentInput,
  ) {
    return done({ comment: await context.use(CommentService).delete(commentId) })
  }

  @Action(() => CloseThreadPayload, {
    description: "Takes no more comments to a post of your own, or with `posts:moderate` anybody's.",
  })
  async closeThread(
    @Ctx() context: Context,
    @InputArgument(() => CloseThreadInput) { postId }: CloseThreadInput,
  ) {
    return done({ post: await context.use(CommentService).close(postId) })
  }

  @Action(() => ReopenThreadPayload, {
    description:
      "Takes comments again to a post of your own, or with `posts:moderate` anybody's. What a moderator has closed, moderators open.",
  })
  async reopenThread(
    @Ctx() context: Context,
    @InputArgument(() => ReopenThreadInput) { postId }: ReopenThreadInput,
  ) {
    return done({ post: await context.use(CommentService).reopen(postId) })
  }

  @Subscription(() => ThreadEventType, {
    nullable: true,
    description:
      'What happens in the thread of a post, as it happens, each event once; after a cursor also what you have missed of the last day.',
    subscribe: async ({ context, args }: { context: Context; args: { postId: string; after?: string } }) => {
      const id = idOf('post', args.postId)
      if (id === null || (await context.load(postById, id)) === null) throw notFound('post')
      return follow(context, threadTopic(id), { after: args.after })
    },
  })
  async threadChanged(
    @Ctx() context: Context,
    @Root() { cursor, event }: StreamEvent,
    @Args(() => ThreadArguments) { postId }: ThreadArguments,
  ): Promise<ThreadEventType | null> {
    const { kind, commentId } = event as ThreadEvent
    // Whoever may not see it by now, or has muted who has said it, is told nothing.
    const seen = await (commentId === null
      ? context.load(postById, postId)
      : context.load(heardCommentById, commentId))
    return seen && { cursor, kind, comment: commentId === null ? null : (seen as CommentRow) }
  }

  @FieldResolver(() => String, {
    description:
      'The text as HTML that is safe to be put into a page: nothing in it runs, loads or is styled.',
  })
  bodyHtml(@Root() comment: CommentRow): string {
    return shown(comment)
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who has said it.' })
  author(@Ctx() context: Context, @Root() { authorId }: CommentRow): Promise<UserRow | null> {
    return context.load(userById, authorId)
  }

  @FieldResolver(() => PostType, { nullable: true, description: 'The post to which it was said.' })
  post(@Ctx() context: Context, @Root() { postId }: CommentRow): Promise<PostRow | null> {
    return context.load(postById, postId)
  }

  @FieldResolver(() => CommentType, {
    nullable: true,
    description: 'The comment that it answers; null for one to the post itself.',
  })
  async parent(@Ctx() context: Context, @Root() { parentId }: CommentRow): Promise<CommentRow | null> {
    return parentId === null ? null : context.load(commentById, parentId)
  }

  @FieldResolver(() => [UserType], { description: 'Whom it mentions with `@username`.' })
  async mentions(@Ctx() context: Context, @Root() { id }: CommentRow): Promise<UserRow[]> {
    const mentioned = await context.load(mentionsOf, id)
    const users = await Promise.all(mentioned.map(({ userId }) => context.load(userById, userId)))
    return users.filter((user) => user !== null)
  }

  @FieldResolver(() => CommentConnection, { description: 'What answers it directly, oldest first.' })
  replies(
    @Ctx() context: Context,
    @Root() { id: parentId }: CommentRow,
    @Args() page: PageArguments,
  ): Promise<Connection<CommentRow>> {
    return commentConnection(context, { parentId }, page)
  }
}

@Resolver(() => PostType)
export class PostCommentsResolver {
  @FieldResolver(() => CommentConnection, {
    description: 'What has been said to the post itself, oldest first; each comment has its own answers.',
  })
  comments(
    @Ctx() context: Context,
    @Root() { id: postId }: PostRow,
    @Args() page: PageArguments,
  ): Promise<Connection<CommentRow>> {
    return commentConnection(context, { postId }, page)
  }

  @FieldResolver(() => Int, {
    description: 'How many comments there are, answers included and deleted ones not.',
  })
  async commentCount(@Ctx() context: Context, @Root() { id }: PostRow): Promise<number> {
    return (await context.load(threadOf, id))?.commentCount ?? 0
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'Since when nothing can be added to the thread; null while something can.',
  })
  async threadClosedAt(@Ctx() context: Context, @Root() { id }: PostRow): Promise<Date | null> {
    return (await context.load(threadOf, id))?.closedAt ?? null
  }
}

async function commentConnection(
  context: Context,
  filter: CommentFilter,
  page: PageArguments,
): Promise<Connection<CommentRow>> {
  const comments = context.use(CommentService)
  return toConnection((await pageOf())!, () => comments.count(filter))

  /** The beginnings of many lists are read at once. */
  function pageOf() {
    const { size, backward } = pageSize(page)
    if (backward || page.after != null || page.before != null) return comments.list(filter, page)
    return 'postId' in filter
      ? context.load(firstComments, firstOf(filter.postId, size))
      : context.load(firstReplies, firstOf(filter.parentId, size))
  }
}
