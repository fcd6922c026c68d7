import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { OwnStatements } from '../../api/type'
import type { Context } from '../../context/context'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { RestorePostRevisionInput } from './post.input'
import { RestorePostRevisionPayload } from './post.payload'
import type { PostRow } from './post.repository'
import { PostRevisionService, type PostRevisionRow, type TextChange } from './post-revision.service'
import { PostRevisionConnection, PostRevisionType, TextChangeType } from './post-revision.type'
import { PostType } from './post.type'

@Resolver(() => PostRevisionType)
export class PostRevisionResolver {
  @Action(() => RestorePostRevisionPayload, {
    description:
      "Gives a post of your own, or with `posts:moderate` anybody's, the title, text and tags that it had before a change.",
  })
  async restorePostRevision(
    @Ctx() context: Context,
    @InputArgument(() => RestorePostRevisionInput) input: RestorePostRevisionInput,
  ) {
    return done({ post: await context.use(PostRevisionService).restore(input) })
  }

  @FieldResolver(() => [TextChangeType], {
    description: 'What was made of the text when something else took its place, line by line.',
  })
  // Beside the statement that it is, comparing takes its time.
  @OwnStatements(4)
  diff(@Ctx() context: Context, @Root() revision: PostRevisionRow): Promise<TextChange[]> {
    return context.use(PostRevisionService).diff(revision)
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who has put something else in its place.' })
  async editor(@Ctx() context: Context, @Root() { editorId }: PostRevisionRow): Promise<UserRow | null> {
    return editorId === null ? null : context.load(userById, editorId)
  }
}

@Resolver(() => PostType)
export class PostRevisionsResolver {
  @FieldResolver(() => PostRevisionConnection, {
    description:
      'What it said before, the latest first: a hundred times at most. Its author and holders of `posts:moderate` see it; for others it is empty.',
  })
  async revisions(
    @Ctx() context: Context,
    @Root() { id }: PostRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<PostRevisionRow>> {
    const revisions = context.use(PostRevisionService)
    return toConnection(await revisions.list(id, page), () => revisions.count(id))
  }
}
