import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { IdArgument, InputArgument, TextArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { toGlobalId, type Id } from '../../core/id'
import { userById } from '../user/user.loader'
import type { UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { archivePost, unarchivePost } from './archive-post'
import {
  ArchivePostInput,
  CreatePostInput,
  DeletePostInput,
  PostArguments,
  PublishPostInput,
  PurgePostInput,
  RestorePostInput,
  SchedulePostInput,
  UnarchivePostInput,
  UnschedulePostInput,
  UpdatePostInput,
} from './post.input'
import { postById } from './post.loader'
import {
  ArchivePostPayload,
  CreatePostPayload,
  DeletePostPayload,
  PublishPostPayload,
  PurgePostPayload,
  RestorePostPayload,
  SchedulePostPayload,
  UnarchivePostPayload,
  UnschedulePostPayload,
  UpdatePostPayload,
} from './post.payload'
import { shown } from './post-markup'
import { PostOrder, type PostRow } from './post.repository'
import { PostService } from './post.service'
import { PostConnection, PostType } from './post.type'
import { schedulePost, unschedulePost } from './schedule-post'
import { purgePost, restorePost, trashPost } from './trash-post'

defineNode('post', 'Post', (context, id) => context.load(postById, id))

/*
 * Resolvers unpack, delegate and shape; what is worth a second look stands in the service. To add a field: a property in
 * `post.type.ts` or a method here, its rule in `graphql/permissions.ts`, its line in `test/policy/expectations.ts`.
 */
@Resolver(() => PostType)
export class PostResolver {
  @Query(() => PostType, {
    nullable: true,
    description: 'The post with this id; null when there is none that the viewer may see.',
  })
  post(@Ctx() context: Context, @IdArgument('id', 'post', 'Its global id.') id: Id): Promise<PostRow | null> {
    return context.load(postById, id)
  }

  @Query(() => PostType, {
    nullable: true,
    description: 'The post of this name; null when there is none that the viewer may see.',
  })
  postBySlug(
    @Ctx() context: Context,
    @TextArgument('slug', 'Its readable name.') slug: string,
  ): Promise<PostRow | null> {
    return context.use(PostService).findBySlug(slug)
  }

  @Query(() => PostConnection, {
    description:
      'Posts, the newest first: published ones where the filter says nothing else, as far as the viewer may see them.',
  })
  posts(
    @Ctx() context: Context,
    @Args(() => PostArguments) args: PostArguments,
  ): Promise<Connection<PostRow>> {
    return postConnection(context, args)
  }

  @Query(() => PostConnection, {
    nullable: true,
    description:
      'What the viewer has in the trash, the latest first. After 30 days it is gone. Needs a sign-in.',
  })
  async trashedPosts(
    @Ctx() context: Context,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<PostRow>> {
    const posts = context.use(PostService)
    return toConnection(await posts.listTrash(page), () => posts.countTrash())
  }

  @Action(() => CreatePostPayload, {
    description: 'Writes a post: a draft, or published at once. Needs a sign-in.',
  })
  async createPost(@Ctx() context: Context, @InputArgument(() => CreatePostInput) input: CreatePostInput) {
    return done({ post: await context.use(PostService).create(input) })
  }

  @Action(() => UpdatePostPayload, {
    description:
      "Changes a post of your own, or with `posts:moderate` what anybody's says; who reads it, its author alone does.",
  })
  async updatePost(@Ctx() context: Context, @InputArgument(() => UpdatePostInput) input: UpdatePostInput) {
    return done({ post: await context.use(PostService).update(input) })
  }

  @Action(() => PublishPostPayload, {
    description: 'Publishes a draft of your own.',
  })
  async publishPost(@Ctx() context: Context, @InputArgument(() => PublishPostInput) input: PublishPostInput) {
    return done({ post: await context.use(PostService).publish(input.postId) })
  }

  @Action(() => SchedulePostPayload, {
    description: 'Lets a draft of your own be published at a moment within the next year.',
  })
  async schedulePost(
    @Ctx() context: Context,
    @InputArgument(() => SchedulePostInput) input: SchedulePostInput,
  ) {
    return done({ post: await schedulePost(context.db, input) })
  }

  @Action(() => UnschedulePostPayload, {
    description: 'Makes a scheduled post of your own a draft again.',
  })
  async unschedulePost(
    @Ctx() context: Context,
    @InputArgument(() => UnschedulePostInput) input: UnschedulePostInput,
  ) {
    return done({ post: await unschedulePost(context.db, input.postId) })
  }

  @Action(() => ArchivePostPayload, {
    description: 'Archives a published post of your own: it can be read still, and nothing is added to it.',
  })
  async archivePost(@Ctx() context: Context, @InputArgument(() => ArchivePostInput) input: ArchivePostInput) {
    return done({ post: await archivePost(context.db, input.postId) })
  }

  @Action(() => UnarchivePostPayload, {
    description: 'Takes a post of your own out of the archive.',
  })
  async unarchivePost(
    @Ctx() context: Context,
    @InputArgument(() => UnarchivePostInput) input: UnarchivePostInput,
  ) {
    return done({ post: await unarchivePost(context.db, input.postId) })
  }

  @Action(() => DeletePostPayload, {
    description:
      'Moves a post of your own to the trash for 30 days; with `posts:moderate` also one of somebody else that was removed.',
  })
  async deletePost(@Ctx() context: Context, @InputArgument(() => DeletePostInput) input: DeletePostInput) {
    return done({ deletedPostId: toGlobalId('post', await trashPost(context.db, input.postId)) })
  }

  @Action(() => RestorePostPayload, {
    description:
      'Takes a post of your own out of the trash; with `posts:moderate` also one of somebody else that was removed.',
  })
  async restorePost(@Ctx() context: Context, @InputArgument(() => RestorePostInput) input: RestorePostInput) {
    return done({ post: await restorePost(context.db, input.postId) })
  }

  @Action(() => PurgePostPayload, {
    description:
      "Deletes a post of your own, or with `posts:purge` anybody's, for good. It has to be in the trash.",
  })
  async purgePost(@Ctx() context: Context, @InputArgument(() => PurgePostInput) input: PurgePostInput) {
    return done({ purgedPostId: toGlobalId('post', await purgePost(context.db, input.postId)) })
  }

  @FieldResolver(() => String, {
    description:
      'The text as HTML, safe to be put into a page as it is. Who is mentioned stands in `span.mention` with `data-username`.',
  })
  bodyHtml(@Root() post: PostRow): string {
    return shown(post).bodyHtml
  }

  @FieldResolver(() => String, {
    description: 'The beginning of the text, without markup and in one line: at most 200 characters.',
  })
  excerpt(@Root() post: PostRow): string {
    return shown(post).excerpt
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who has written it.' })
  author(@Ctx() context: Context, @Root() post: PostRow): Promise<UserRow | null> {
    return context.load(userById, post.authorId)
  }
}

@Resolver(() => UserType)
export class UserPostsResolver {
  @FieldResolver(() => PostConnection, {
    description: 'What this person has written, as far as the viewer may see it.',
  })
  posts(
    @Ctx() context: Context,
    @Root() user: UserRow,
    @Args(() => PostArguments) args: PostArguments,
  ): Promise<Connection<PostRow>> {
    return postConnection(context, { ...args, filter: { ...args.filter, authorId: user.id } })
  }
}

async function postConnection(
  context: Context,
  { filter = {}, orderBy, ...page }: PostArguments,
): Promise<Connection<PostRow>> {
  const posts = context.use(PostService)
  const found = await posts.list(filter, orderBy ?? PostOrder.NEWEST_FIRST, page)
  return toConnection(found, () => posts.count(filter))
}
