import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { CaseStatus } from '../moderation-case/case-status'
import { ModerationCaseService } from '../moderation-case/moderation-case.service'
import {
  moderationDecisionById,
  type ModerationDecisionRow,
} from '../moderation-decision/moderation-decision.loader'
import { ModerationDecisionType } from '../moderation-decision/moderation-decision.type'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  AppealArguments,
  AppealByMailInput,
  AppealModerationDecisionInput,
  DecideAppealInput,
} from './appeal.input'
import { appealAgainst, appealById, appealWords, type AppealRow } from './appeal.loader'
import { AppealByMailPayload, AppealModerationDecisionPayload, DecideAppealPayload } from './appeal.payload'
import { AppealService } from './appeal.service'
import { AppealStatus } from './appeal-status'
import { AppealConnection, AppealType, ModerationStatisticsType } from './appeal.type'

defineNode('appeal', 'Appeal', (context, id) => context.load(appealById, id))

@Resolver(() => AppealType)
export class AppealResolver {
  @Query(() => AppealConnection, {
    nullable: true,
    description:
      'What people say against decisions of moderation, oldest first. Needs `posts:moderate`, and holds the people whom it reaches.',
  })
  async moderationAppeals(
    @Ctx() context: Context,
    @Args(() => AppealArguments) { filter = {}, ...page }: AppealArguments,
  ): Promise<Connection<AppealRow>> {
    const appeals = context.use(AppealService)
    return toConnection(await appeals.list(filter, page), () => appeals.count(filter))
  }

  @Query(() => ModerationStatisticsType, {
    nullable: true,
    description: 'How many cases and appeals there are, and what came of them. Needs `posts:moderate`.',
  })
  async moderationStatistics(@Ctx() context: Context): Promise<ModerationStatisticsType> {
    const cases = await context.use(ModerationCaseService).countByStatus()
    const appeals = await context.use(AppealService).countByStatus()
    return {
      openCases: cases.get(CaseStatus.OPEN) ?? 0,
      dismissedCases: cases.get(CaseStatus.DISMISSED) ?? 0,
      actedOnCases: cases.get(CaseStatus.ACTED_ON) ?? 0,
      reversedCases: cases.get(CaseStatus.REVERSED) ?? 0,
      openAppeals: appeals.get(AppealStatus.OPEN) ?? 0,
      upheldAppeals: appeals.get(AppealStatus.UPHELD) ?? 0,
      overturnedAppeals: appeals.get(AppealStatus.OVERTURNED) ?? 0,
    }
  }

  @Action(() => AppealModerationDecisionPayload, {
    description:
      'Asks for a decision of moderation against you to be looked at anew, by somebody else: once, within six months. Needs a sign-in.',
  })
  async appealModerationDecision(
    @Ctx() context: Context,
    @InputArgument(() => AppealModerationDecisionInput) input: AppealModerationDecisionInput,
  ) {
    const appeal = await context.use(AppealService).appeal(input)
    context.forget(appealAgainst, appeal.decisionId)
    return done({ appeal })
  }

  @Action(() => AppealByMailPayload, {
    credential: true,
    description:
      'The same with the secret of the mail that has told of the decision: also for whoever cannot sign in because of it.',
  })
  async appealByMail(
    @Ctx() context: Context,
    @InputArgument(() => AppealByMailInput) input: AppealByMailInput,
  ) {
    await new AppealService(context.asStranger()).appealByMail(input)
    return done({})
  }

  @Action(() => DecideAppealPayload, {
    description:
      'Decides an appeal against what somebody else has decided; the person is told why. Needs `posts:moderate`; to end a suspension, also `users:suspend` and a proof of identity from the last 10 minutes.',
  })
  async decideAppeal(
    @Ctx() context: Context,
    @InputArgument(() => DecideAppealInput) input: DecideAppealInput,
  ) {
    return done({ appeal: await context.use(AppealService).decide(input) })
  }

  @FieldResolver(() => String, { nullable: true, description: 'Why the person finds it wrong.' })
  async text(@Ctx() context: Context, @Root() appeal: AppealRow): Promise<string | null> {
    return (await context.load(appealWords, appeal)).text
  }

  @FieldResolver(() => String, { nullable: true, description: 'Why it was decided so; null until then.' })
  async note(@Ctx() context: Context, @Root() appeal: AppealRow): Promise<string | null> {
    return (await context.load(appealWords, appeal)).answer
  }

  @FieldResolver(() => ModerationDecisionType, { nullable: true, description: 'Against what it is.' })
  decision(
    @Ctx() context: Context,
    @Root() { decisionId }: AppealRow,
  ): Promise<ModerationDecisionRow | null> {
    return context.load(moderationDecisionById, decisionId)
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who appeals.' })
  user(@Ctx() context: Context, @Root() { userId }: AppealRow): Promise<UserRow | null> {
    return context.load(userById, userId)
  }
}

@Resolver(() => ModerationDecisionType)
export class ModerationDecisionAppealResolver {
  @FieldResolver(() => AppealType, {
    nullable: true,
    description: 'What the person says against it; null where they say nothing.',
  })
  appeal(@Ctx() context: Context, @Root() { id }: ModerationDecisionRow): Promise<AppealRow | null> {
    return context.load(appealAgainst, id)
  }
}
