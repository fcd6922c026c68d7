import { Args, Ctx, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { FollowArguments, InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { toGlobalId, type Id } from '../../core/id'
import { follow, type StreamEvent } from '../../db/event-stream'
import { commentById, type CommentRow } from '../comment/comment.loader'
import { CommentType } from '../comment/comment.type'
import { matchesInCase, type ContentFilterMatchRow } from '../content-filter/content-filter.loader'
import { ContentFilterMatchType } from '../content-filter/content-filter.type'
import {
  caseNote,
  earlierCases,
  moderationCaseById,
  reportedTexts,
  reportNote,
  type ModerationCaseRow,
  type ReportRow,
} from '../moderation-case/moderation-case.loader'
import { claimantOf, ModerationCaseService } from '../moderation-case/moderation-case.service'
import { QUEUE, type QueueEvent } from '../moderation-case/queue-event'
import { ReportService } from '../moderation-case/report.service'
import { ModeratedKind, type Moderated } from '../moderation-decision/moderated-kind'
import { decisionInCase, type ModerationDecisionRow } from '../moderation-decision/moderation-decision.loader'
import { ModerationDecisionType } from '../moderation-decision/moderation-decision.type'
import { postById, type PostRow } from '../post/post.loader'
import { PostType } from '../post/post.type'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  ClaimModerationCaseInput,
  ModerateContentInput,
  ModerationCaseArguments,
  ReleaseModerationCaseInput,
  ReportContentInput,
  ResolveModerationCaseInput,
  ReverseModerationActionInput,
  TestContentFilterInput,
} from './moderation.input'
import {
  ClaimModerationCasePayload,
  ModerateContentPayload,
  ReleaseModerationCasePayload,
  ReportContentPayload,
  ResolveModerationCasePayload,
  ReverseModerationActionPayload,
  TestContentFilterPayload,
} from './moderation.payload'
import {
  ContentFilterSampleType,
  ModerationCaseConnection,
  ModerationCaseType,
  ModerationQueueEventType,
  ReportConnection,
  ReportType,
} from './moderation.type'
import { reportContent } from './report-content'
import { moderateContent, resolveModerationCase } from './resolve-case'
import { reverseModerationAction } from './reverse-decision'
import { testContentFilter, type Sample } from './test-content-filter'

defineNode('moderation_case', 'ModerationCase', (context, id) => context.load(moderationCaseById, id))

const SUBJECT_ID = 'The global id of what it is about, which `node` shows to whoever may see it.'

const subjectIdOf = ({ subjectKind, subjectId }: Moderated): string => toGlobalId(subjectKind, subjectId)

@Resolver(() => ModerationCaseType)
export class ModerationCaseResolver {
  @Query(() => ModerationCaseConnection, {
    nullable: true,
    description:
      'What was reported, the most weighty first, and of those that weigh the same the oldest. Needs `posts:moderate`, and holds what those people have written whom it reaches.',
  })
  async moderationCases(
    @Ctx() context: Context,
    @Args(() => ModerationCaseArguments) { filter = {}, ...page }: ModerationCaseArguments,
  ): Promise<Connection<ModerationCaseRow>> {
    const cases = context.use(ModerationCaseService)
    return toConnection(await cases.list(filter, page), () => cases.count(filter))
  }

  @Subscription(() => ModerationQueueEventType, {
    nullable: true,
    description:
      'What happens to the cases that you may see, as it happens, each event once; after a cursor also what you have missed of the last day. That a claim ends by itself is no event. Needs `posts:moderate`.',
    subscribe: ({ context, args }: { context: Context; args: { after?: string } }) =>
      follow(context, QUEUE, { after: args.after }),
  })
  async moderationQueueChanged(
    @Ctx() context: Context,
    @Root() { cursor, event }: StreamEvent,
    @Args(() => FollowArguments) _arguments: FollowArguments,
  ): Promise<ModerationQueueEventType | null> {
    const { kind, caseId } = event as QueueEvent
    // Whoever may not see it by now is told nothing.
    const moderationCase = await context.load(moderationCaseById, caseId)
    return moderationCase && { cursor, kind, moderationCase }
  }

  @Action(() => ReportContentPayload, {
    description:
      'Tells moderators that something is wrong with a post, comment or private message that you can see; whoever has written it does not learn that it was you. Of a message moderators see what you report, and nothing else. Needs a sign-in.',
  })
  async reportContent(
    @Ctx() context: Context,
    @InputArgument(() => ReportContentInput) input: ReportContentInput,
  ) {
    return done({ report: await reportContent(context.db, input) })
  }

  @Action(() => ClaimModerationCasePayload, {
    description:
      'Takes a case, or the most urgent that nobody has, for half an hour, in which nobody else decides it. Needs `posts:moderate`.',
  })
  async claimModerationCase(
    @Ctx() context: Context,
    @InputArgument(() => ClaimModerationCaseInput) { caseId }: ClaimModerationCaseInput,
  ) {
    return done({ moderationCase: await context.use(ModerationCaseService).claim(caseId) })
  }

  @Action(() => ReleaseModerationCasePayload, {
    description: 'Gives a case back that you have claimed. Needs `posts:moderate`.',
  })
  async releaseModerationCase(
    @Ctx() context: Context,
    @InputArgument(() => ReleaseModerationCaseInput) { caseId }: ReleaseModerationCaseInput,
  ) {
    return done({ moderationCase: await context.use(ModerationCaseService).release(caseId) })
  }

  @Action(() => ResolveModerationCasePayload, {
    description:
      'Decides a case that nobody else has claimed, about somebody who is not above you; the author is told why, and how to appeal. Needs `posts:moderate`; to suspend, also `users:suspend` and a proof of identity from the last 10 minutes.',
  })
  async resolveModerationCase(
    @Ctx() context: Context,
    @InputArgument(() => ResolveModerationCaseInput) input: ResolveModerationCaseInput,
  ) {
    return done({ moderationCase: await resolveModerationCase(context.db, input) })
  }

  @Action(() => ModerateContentPayload, {
    description:
      'Decides about a post or comment, in the case that is open about it or in a new one: the same as `resolveModerationCase` for what moderators come upon themselves. What waits goes to its readers by its case alone.',
  })
  async moderateContent(
    @Ctx() context: Context,
    @InputArgument(() => ModerateContentInput) input: ModerateContentInput,
  ) {
    return done({ moderationCase: await moderateContent(context.db, input) })
  }

  @Action(() => ReverseModerationActionPayload, {
    description:
      'Takes a decision back, and what it has done: what was removed or hidden is restored, a silence or suspension ends; the author is told. Needs `posts:moderate`; to end a suspension, also `users:suspend` and a proof of identity from the last 10 minutes.',
  })
  async reverseModerationAction(
    @Ctx() context: Context,
    @InputArgument(() => ReverseModerationActionInput) input: ReverseModerationActionInput,
  ) {
    return done({ decision: await reverseModerationAction(context.db, input) })
  }

  @Action(() => TestContentFilterPayload, {
    description:
      'Tries a filter, saved or not, on posts and comments that others read already, and changes nothing. Private messages are sealed, so nothing can be tried on them. Needs `filters:manage`.',
  })
  async testContentFilter(
    @Ctx() context: Context,
    @InputArgument(() => TestContentFilterInput) input: TestContentFilterInput,
  ) {
    return done(await testContentFilter(context.db, input))
  }

  @FieldResolver(() => [ContentFilterMatchType], {
    nullable: true,
    description: 'What filters have found in it, oldest first.',
  })
  filterMatches(
    @Ctx() context: Context,
    @Root() { id }: ModerationCaseRow,
  ): Promise<ContentFilterMatchRow[]> {
    return context.load(matchesInCase, id)
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'How much its reports count together: each from 1 to 20, by how often whoever reports has been right; what a filter has found 10, and 20 where it waits.',
  })
  weight(@Root() { rank }: ModerationCaseRow): number {
    return -rank
  }

  @FieldResolver(() => ID, { nullable: true, description: SUBJECT_ID })
  subjectId(@Root() about: ModerationCaseRow): string {
    return subjectIdOf(about)
  }

  @FieldResolver(() => PostType, { nullable: true, description: 'What was reported, where it is a post.' })
  post(@Ctx() context: Context, @Root() about: ModerationCaseRow): Promise<PostRow | null> {
    return postOf(context, about)
  }

  @FieldResolver(() => CommentType, {
    nullable: true,
    description: 'What was reported, where it is a comment.',
  })
  comment(@Ctx() context: Context, @Root() about: ModerationCaseRow): Promise<CommentRow | null> {
    return commentOf(context, about)
  }

  @FieldResolver(() => [String], {
    nullable: true,
    description:
      'What it said when it was reported, whatever its author has made of it since: the first text that was, and then each that it had been changed to when it was reported again. Of a post it is the title, the text and the tags. Null where its author was erased.',
  })
  textsWhenReported(@Ctx() context: Context, @Root() about: ModerationCaseRow): Promise<string[] | null> {
    return context.load(reportedTexts, about)
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who has written it.' })
  author(@Ctx() context: Context, @Root() { authorId }: ModerationCaseRow): Promise<UserRow | null> {
    return context.load(userById, authorId)
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How many cases there were before about its author.',
  })
  async earlierCaseCount(@Ctx() context: Context, @Root() { id }: ModerationCaseRow): Promise<number> {
    return (await context.load(earlierCases, id))?.count ?? 0
  }

  @FieldResolver(() => ReportConnection, { nullable: true, description: 'What was reported, oldest first.' })
  async reports(
    @Ctx() context: Context,
    @Root() { id }: ModerationCaseRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<ReportRow>> {
    const reports = context.use(ReportService)
    return toConnection(await reports.list(id, page), () => reports.count(id))
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who looks at it at the moment.' })
  async claimedBy(@Ctx() context: Context, @Root() found: ModerationCaseRow): Promise<UserRow | null> {
    return personOf(context, claimantOf(found, context.db.now))
  }

  @FieldResolver(() => Date, { nullable: true, description: 'Until when nobody else decides it.' })
  claimEndsAt(@Ctx() { db }: Context, @Root() found: ModerationCaseRow): Date | null {
    return claimantOf(found, db.now) === null ? null : found.claimedUntil
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'What whoever has decided it notes for other moderators.',
  })
  note(@Ctx() context: Context, @Root() found: ModerationCaseRow): Promise<string | null> {
    return context.load(caseNote, found)
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who has decided it.' })
  async decidedBy(
    @Ctx() context: Context,
    @Root() { decidedById }: ModerationCaseRow,
  ): Promise<UserRow | null> {
    return personOf(context, decidedById)
  }

  @FieldResolver(() => ModerationDecisionType, {
    nullable: true,
    description: 'What was decided against the author; null where nothing was.',
  })
  decision(
    @Ctx() context: Context,
    @Root() { id }: ModerationCaseRow,
  ): Promise<ModerationDecisionRow | null> {
    return context.load(decisionInCase, id)
  }
}

@Resolver(() => ContentFilterSampleType)
export class ContentFilterSampleResolver {
  @FieldResolver(() => PostType, { nullable: true, description: 'What it is, where it is a post.' })
  post(@Ctx() context: Context, @Root() sample: Sample): Promise<PostRow | null> {
    return postOf(context, sample)
  }

  @FieldResolver(() => CommentType, { nullable: true, description: 'What it is, where it is a comment.' })
  comment(@Ctx() context: Context, @Root() sample: Sample): Promise<CommentRow | null> {
    return commentOf(context, sample)
  }
}

@Resolver(() => ReportType)
export class ReportResolver {
  @FieldResolver(() => String, { nullable: true, description: 'More about it; null where they say no more.' })
  note(@Ctx() context: Context, @Root() report: ReportRow): Promise<string | null> {
    return context.load(reportNote, report)
  }

  @FieldResolver(() => PostType, { nullable: true, description: 'What they report, where it is a post.' })
  post(@Ctx() context: Context, @Root() about: ReportRow): Promise<PostRow | null> {
    return postOf(context, about)
  }

  @FieldResolver(() => CommentType, {
    nullable: true,
    description: 'What they report, where it is a comment.',
  })
  comment(@Ctx() context: Context, @Root() about: ReportRow): Promise<CommentRow | null> {
    return commentOf(context, about)
  }

  @FieldResolver(() => ID, { nullable: true, description: SUBJECT_ID })
  subjectId(@Root() about: ReportRow): string {
    return subjectIdOf(about)
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who finds it wrong.' })
  reporter(@Ctx() context: Context, @Root() { reporterId }: ReportRow): Promise<UserRow | null> {
    return context.load(userById, reporterId)
  }
}

@Resolver(() => UserType)
export class UserReportsResolver {
  @FieldResolver(() => ReportConnection, {
    nullable: true,
    description:
      'What this person has reported, the newest first, and what has come of it. For the person themselves, in a session.',
  })
  async reports(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<ReportRow>> {
    const reports = context.use(ReportService)
    return toConnection(await reports.listBy(id, page), () => reports.countBy(id))
  }
}

@Resolver(() => ModerationDecisionType)
export class ModerationDecisionContentResolver {
  @FieldResolver(() => PostType, { nullable: true, description: 'What it is about, where it is a post.' })
  post(@Ctx() context: Context, @Root() about: ModerationDecisionRow): Promise<PostRow | null> {
    return postOf(context, about)
  }

  @FieldResolver(() => CommentType, {
    nullable: true,
    description: 'What it is about, where it is a comment.',
  })
  comment(@Ctx() context: Context, @Root() about: ModerationDecisionRow): Promise<CommentRow | null> {
    return commentOf(context, about)
  }

  @FieldResolver(() => ID, { nullable: true, description: SUBJECT_ID })
  subjectId(@Root() about: ModerationDecisionRow): string {
    return subjectIdOf(about)
  }
}

const postOf = async (context: Context, { subjectKind, subjectId }: Moderated): Promise<PostRow | null> =>
  subjectKind === ModeratedKind.POST ? context.load(postById, subjectId) : null

const commentOf = async (
  context: Context,
  { subjectKind, subjectId }: Moderated,
): Promise<CommentRow | null> =>
  subjectKind === ModeratedKind.COMMENT ? context.load(commentById, subjectId) : null

const personOf = async (context: Context, id: Id | null): Promise<UserRow | null> =>
  id === null ? null : context.load(userById, id)
