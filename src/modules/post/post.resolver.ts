import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { toConnection, type Connection } from '../../api/connection'
import { IdArgument, InputArgument, TextArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { toGlobalId, type Id } from '../../core/id'
import { userById } from '../user/user.loader'
import type { UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  CreatePostInput,
  DeletePostInput,
  PostArguments,
  PublishPostInput,
  UpdatePostInput,
} from './post.input'
import { postById } from './post.loader'
import { CreatePostPayload, DeletePostPayload, PublishPostPayload, UpdatePostPayload } from './post.payload'
import { PostOrder, type PostRow } from './post.repository'
import { PostService } from './post.service'
import { PostConnection, PostType } from './post.type'

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
    description: 'Posts, the newest first: published ones, and drafts as far as the viewer may see them.',
  })
  posts(
    @Ctx() context: Context,
    @Args(() => PostArguments) args: PostArguments,
  ): Promise<Connection<PostRow>> {
    return postConnection(context, args)
  }

  @Action(() => CreatePostPayload, {
    description: 'Writes a post: a draft, or published at once. Needs a sign-in.',
  })
  async createPost(@Ctx() context: Context, @InputArgument(() => CreatePostInput) input: CreatePostInput) {
    return done({ post: await context.use(PostService).create(input) })
  }

  @Action(() => UpdatePostPayload, {
    description: "Changes a post of your own, or with `posts:moderate` anybody's.",
  })
  async updatePost(@Ctx() context: Context, @InputArgument(() => UpdatePostInput) input: UpdatePostInput) {
    return done({ post: await context.use(PostService).update(input) })
  }

  @Action(() => PublishPostPayload, {
    description: "Publishes a draft of your own, or with `posts:moderate` anybody's.",
  })
  async publishPost(@Ctx() context: Context, @InputArgument(() => PublishPostInput) input: PublishPostInput) {
    return done({ post: await context.use(PostService).publish(input.postId) })
  }

  @Action(() => DeletePostPayload, {
    description: "Deletes a post of your own, or with `posts:moderate` anybody's.",
  })
  async deletePost(@Ctx() context: Context, @InputArgument(() => DeletePostInput) input: DeletePostInput) {
    return done({ deletedPostId: toGlobalId('post', await context.use(PostService).delete(input.postId)) })
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
