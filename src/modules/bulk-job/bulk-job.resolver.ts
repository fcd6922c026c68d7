import { Args, Ctx, FieldResolver, Int, Query, Resolver, Root, Subscription } from 'type-graphql'
import { Action, done, UserError } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { IdArgument, InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { notFound, type Problem } from '../../core/error'
import { idOf, type Id } from '../../core/id'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import type { BulkAction, TermsOf } from './bulk-form'
import { bulkJobChanged } from './bulk-job-changed'
import {
  AddGroupMembersInput,
  BulkJobItemArguments,
  CancelBulkJobInput,
  EndSessionsOfUsersInput,
  GrantRoleToUsersInput,
  ReinstateUsersInput,
  RemoveGroupMembersInput,
  RequirePasswordResetsInput,
  ResendInvitationsInput,
  RevokeRoleFromUsersInput,
  SuspendUsersInput,
} from './bulk-job.input'
import { bulkJobById, type BulkJobRow } from './bulk-job.loader'
import {
  AddGroupMembersPayload,
  CancelBulkJobPayload,
  EndSessionsOfUsersPayload,
  GrantRoleToUsersPayload,
  ReinstateUsersPayload,
  RemoveGroupMembersPayload,
  RequirePasswordResetsPayload,
  ResendInvitationsPayload,
  RevokeRoleFromUsersPayload,
  SuspendUsersPayload,
} from './bulk-job.payload'
import { BulkJobService, type BulkJobItemRow, type People } from './bulk-job.service'
import { BulkJobStatus, statusOf } from './bulk-job-status'
import { BulkJobConnection, BulkJobItemConnection, BulkJobItemType, BulkJobType } from './bulk-job.type'

defineNode('bulk_job', 'BulkJob', (context, id) => context.load(bulkJobById, id))

/** What the single form says holds for each person; the description of a bulk form says no more than that it is one. */
const manyTimes = (singleForm: string, needs: string) =>
  `Does what \`${singleForm}\` does to many people, one after the other, in the background. Needs \`${needs}\`, and for a filter what \`users\` needs for it.`

@Resolver()
export class BulkFormResolver {
  @Action(() => SuspendUsersPayload, { description: manyTimes('suspendUser', 'users:suspend') })
  suspendUsers(@Ctx() context: Context, @InputArgument(() => SuspendUsersInput) input: SuspendUsersInput) {
    return start(context, 'suspendUsers', input)
  }

  @Action(() => ReinstateUsersPayload, { description: manyTimes('reinstateUser', 'users:suspend') })
  reinstateUsers(
    @Ctx() context: Context,
    @InputArgument(() => ReinstateUsersInput) input: ReinstateUsersInput,
  ) {
    return start(context, 'reinstateUsers', input)
  }

  @Action(() => RequirePasswordResetsPayload, {
    description: manyTimes('requirePasswordReset', 'users:reset-password'),
  })
  requirePasswordResets(
    @Ctx() context: Context,
    @InputArgument(() => RequirePasswordResetsInput) input: RequirePasswordResetsInput,
  ) {
    return start(context, 'requirePasswordResets', input)
  }

  @Action(() => EndSessionsOfUsersPayload, { description: manyTimes('endUserSessions', 'sessions:revoke') })
  endSessionsOfUsers(
    @Ctx() context: Context,
    @InputArgument(() => EndSessionsOfUsersInput) input: EndSessionsOfUsersInput,
  ) {
    return start(context, 'endSessionsOfUsers', input)
  }

  @Action(() => ResendInvitationsPayload, { description: manyTimes('resendInvitation', 'users:create') })
  resendInvitations(
    @Ctx() context: Context,
    @InputArgument(() => ResendInvitationsInput) input: ResendInvitationsInput,
  ) {
    return start(context, 'resendInvitations', input)
  }

  @Action(() => GrantRoleToUsersPayload, { description: manyTimes('grantRole', 'roles:grant') })
  grantRoleToUsers(
    @Ctx() context: Context,
    @InputArgument(() => GrantRoleToUsersInput) input: GrantRoleToUsersInput,
  ) {
    return start(context, 'grantRoleToUsers', input)
  }

  @Action(() => RevokeRoleFromUsersPayload, { description: manyTimes('revokeRole', 'roles:grant') })
  revokeRoleFromUsers(
    @Ctx() context: Context,
    @InputArgument(() => RevokeRoleFromUsersInput) input: RevokeRoleFromUsersInput,
  ) {
    return start(context, 'revokeRoleFromUsers', input)
  }

  @Action(() => AddGroupMembersPayload, { description: manyTimes('addGroupMember', 'groups:write') })
  addGroupMembers(
    @Ctx() context: Context,
    @InputArgument(() => AddGroupMembersInput) input: AddGroupMembersInput,
  ) {
    return start(context, 'addGroupMembers', input)
  }

  @Action(() => RemoveGroupMembersPayload, { description: manyTimes('removeGroupMember', 'groups:write') })
  removeGroupMembers(
    @Ctx() context: Context,
    @InputArgument(() => RemoveGroupMembersInput) input: RemoveGroupMembersInput,
  ) {
    return start(context, 'removeGroupMembers', input)
  }
}

async function start<Action extends BulkAction>(
  context: Context,
  action: Action,
  { people, ...terms }: { people: People } & TermsOf<Action>,
) {
  const id = await context.use(BulkJobService).start(action, people, terms as never)
  return done({ bulkJob: await context.load(bulkJobById, id) })
}

@Resolver(() => BulkJobType)
export class BulkJobResolver {
  @Query(() => BulkJobType, {
    nullable: true,
    description: 'A bulk job by id; null where the viewer may not see it.',
  })
  bulkJob(
    @Ctx() context: Context,
    @IdArgument('id', 'bulk_job', 'The id of the job.') id: Id,
  ): Promise<BulkJobRow | null> {
    return context.load(bulkJobById, id)
  }

  @Query(() => BulkJobConnection, {
    nullable: true,
    description: 'The bulk jobs that you have started, newest first; with `audit:read` all of them.',
  })
  async bulkJobs(@Ctx() context: Context, @Args() page: PageArguments): Promise<Connection<BulkJobRow>> {
    const jobs = context.use(BulkJobService)
    return toConnection(await jobs.list(page), () => jobs.count())
  }

  @Action(() => CancelBulkJobPayload, {
    description:
      'Stops a bulk job: nobody else is touched from now on, and what has been done stays. Whoever started it, or sees it and is not below them.',
  })
  async cancelBulkJob(
    @Ctx() context: Context,
    @InputArgument(() => CancelBulkJobInput) { bulkJobId }: CancelBulkJobInput,
  ) {
    const id = await context.use(BulkJobService).cancel(bulkJobId)
    context.forget(bulkJobById, id)
    return done({ bulkJob: await context.load(bulkJobById, id) })
  }

  @Subscription(() => BulkJobType, {
    nullable: true,
    description: 'A bulk job as it is now, and again whenever it has got on, a few times a second at most.',
    subscribe: async ({ context, args }: { context: Context; args: { id: string } }) => {
      const id = idOf('bulk_job', args.id)
      if (id === null || (await context.load(bulkJobById, id)) === null) throw notFound('bulk job')
      return context.pubSub.stream(bulkJobChanged(id), { first: {} })
    },
  })
  async bulkJobChanged(
    @Ctx() context: Context,
    @IdArgument('id', 'bulk_job', 'The id of the job.') id: Id,
  ): Promise<BulkJobRow | null> {
    context.forget(bulkJobById, id)
    return context.load(bulkJobById, id)
  }

  @FieldResolver(() => BulkJobStatus, { description: 'Where it stands.' })
  status(@Root() job: BulkJobRow): BulkJobStatus {
    return statusOf(job)
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How many people it is about; null while they are looked for.',
  })
  total(@Root() { total, isFound }: BulkJobRow): number | null {
    return isFound ? total : null
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who started it, and may do with it what they may; null when they are not there any more.',
  })
  async startedBy(@Ctx() context: Context, @Root() { startedById }: BulkJobRow): Promise<UserRow | null> {
    return startedById === null ? null : context.load(userById, startedById)
  }

  @FieldResolver(() => BulkJobItemConnection, {
    description: 'The people whom it is about, in the order of their turns.',
  })
  async items(
    @Ctx() context: Context,
    @Root() { id: jobId }: BulkJobRow,
    @Args(() => BulkJobItemArguments) { outcome, ...page }: BulkJobItemArguments,
  ): Promise<Connection<BulkJobItemRow>> {
    const jobs = context.use(BulkJobService)
    return toConnection(await jobs.listItems({ jobId, outcome }, page), () =>
      jobs.countItems({ jobId, outcome }),
    )
  }
}

@Resolver(() => BulkJobItemType)
export class BulkJobItemResolver {
  @FieldResolver(() => UserType, { nullable: true, description: 'The person; null where there is none.' })
  user(@Ctx() context: Context, @Root() { userId }: BulkJobItemRow): Promise<UserRow | null> {
    return context.load(userById, userId)
  }

  @FieldResolver(() => UserError, { nullable: true, description: 'Why it could not be done.' })
  error(@Root() { code, message }: BulkJobItemRow): Problem | null {
    return code === null ? null : { code, field: [], message: message! }
  }
}
