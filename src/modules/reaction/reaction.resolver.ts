import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import type { CommentRow } from '../comment/comment.loader'
import { CommentType } from '../comment/comment.type'
import type { PostRow } from '../post/post.loader'
import { PostType } from '../post/post.type'
import { AddReactionInput, RemoveReactionInput } from './reaction.input'
import { reactionsTo } from './reaction.loader'
import { AddReactionPayload, RemoveReactionPayload } from './reaction.payload'
import { ReactionService, type ReactionGroupRow } from './reaction.service'
import { ReactionGroupType } from './reaction.type'

@Resolver()
export class ReactionResolver {
  @Query(() => [String], { description: 'The ways in which one can react to a post or comment.' })
  reactionKinds(@Ctx() context: Context): readonly string[] {
    return context.db.tools.reactions
  }

  @Action(() => AddReactionPayload, {
    description:
      'Reacts to a post or comment that you can see, in place of an earlier reaction of yours. Needs a sign-in.',
  })
  async addReaction(@Ctx() context: Context, @InputArgument(() => AddReactionInput) input: AddReactionInput) {
    const subject = await context.use(ReactionService).add(input)
    context.forget(reactionsTo, input.subjectId)
    return done(subject)
  }

  @Action(() => RemoveReactionPayload, { description: 'Takes your reaction back. Needs a sign-in.' })
  async removeReaction(
    @Ctx() context: Context,
    @InputArgument(() => RemoveReactionInput) { subjectId }: RemoveReactionInput,
  ) {
    const subject = await context.use(ReactionService).remove(subjectId)
    context.forget(reactionsTo, subjectId)
    return done(subject)
  }
}

@Resolver(() => PostType)
export class PostReactionsResolver {
  @FieldResolver(() => [ReactionGroupType], { description: 'How people react to it, by the way.' })
  reactions(@Ctx() context: Context, @Root() { id }: PostRow): Promise<ReactionGroupRow[]> {
    return context.load(reactionsTo, id)
  }
}

@Resolver(() => CommentType)
export class CommentReactionsResolver {
  @FieldResolver(() => [ReactionGroupType], { description: 'How people react to it, by the way.' })
  reactions(@Ctx() context: Context, @Root() { id }: CommentRow): Promise<ReactionGroupRow[]> {
    return context.load(reactionsTo, id)
  }
}
