import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  decisionWords,
  moderationDecisionById,
  silenceOf,
  type ModerationDecisionRow,
} from './moderation-decision.loader'
import { ModerationDecisionService } from './moderation-decision.service'
import { ModerationDecisionConnection, ModerationDecisionType } from './moderation-decision.type'

defineNode('moderation_decision', 'ModerationDecision', (context, id) =>
  context.load(moderationDecisionById, id),
)

@Resolver(() => ModerationDecisionType)
export class ModerationDecisionResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'The rule, or the law, that was broken.',
  })
  async rule(@Ctx() context: Context, @Root() decision: ModerationDecisionRow): Promise<string | null> {
    return (await context.load(decisionWords, decision)).rule
  }

  @FieldResolver(() => String, { nullable: true, description: 'The facts, and why they break it.' })
  async reasons(@Ctx() context: Context, @Root() decision: ModerationDecisionRow): Promise<string | null> {
    return (await context.load(decisionWords, decision)).reasons
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Against whom it is; null when they are not there any more.',
  })
  user(@Ctx() context: Context, @Root() { userId }: ModerationDecisionRow): Promise<UserRow | null> {
    return context.load(userById, userId)
  }
}

@Resolver(() => UserType)
export class UserModerationResolver {
  @FieldResolver(() => ModerationDecisionConnection, {
    nullable: true,
    description:
      'What was decided against this person because of what they have written, newest first. Self, or `posts:moderate`.',
  })
  async moderationDecisions(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<ModerationDecisionRow>> {
    const decisions = context.use(ModerationDecisionService)
    return toConnection(await decisions.list(id, page), () => decisions.count(id))
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description:
      'Until when this person cannot write anything, by a decision of moderation; null where they can. Self, or `posts:moderate`.',
  })
  async silenceEndsAt(@Ctx() context: Context, @Root() { id }: UserRow): Promise<Date | null> {
    return (await context.load(silenceOf, id))?.until ?? null
  }
}
