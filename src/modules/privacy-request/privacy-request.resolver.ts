import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  extendPrivacyRequest,
  refusePrivacyRequest,
  requestRectification,
  resolvePrivacyRequest,
  withdrawPrivacyRequest,
} from './answer-request'
import {
  ExtendPrivacyRequestInput,
  PrivacyRequestArguments,
  RefusePrivacyRequestInput,
  RequestRectificationInput,
  ResolvePrivacyRequestInput,
  WithdrawPrivacyRequestInput,
} from './privacy-request.input'
import { OPEN } from './privacy-request-kind'
import { privacyRequestById, privacyRequestWords, type PrivacyRequestRow } from './privacy-request.loader'
import {
  ExtendPrivacyRequestPayload,
  RefusePrivacyRequestPayload,
  RequestRectificationPayload,
  ResolvePrivacyRequestPayload,
  WithdrawPrivacyRequestPayload,
} from './privacy-request.payload'
import { PrivacyRequestService } from './privacy-request.service'
import { PrivacyRequestConnection, PrivacyRequestType } from './privacy-request.type'

defineNode('privacy_request', 'PrivacyRequest', (context, id) => context.load(privacyRequestById, id))

@Resolver(() => PrivacyRequestType)
export class PrivacyRequestResolver {
  @Query(() => PrivacyRequestConnection, {
    nullable: true,
    description:
      'What people ask about their data, what is due first before the rest. Needs `privacy:manage`, and holds the people whom it reaches.',
  })
  async privacyRequests(
    @Ctx() context: Context,
    @Args(() => PrivacyRequestArguments) { filter = {}, ...page }: PrivacyRequestArguments,
  ): Promise<Connection<PrivacyRequestRow>> {
    const requests = context.use(PrivacyRequestService)
    return toConnection(await requests.list(filter, page), () => requests.count(filter))
  }

  @Action(() => RequestRectificationPayload, {
    description:
      'Asks for data about you to be put right that you cannot change yourself. It is answered within a month, by mail (GDPR art. 16).',
  })
  async requestRectification(
    @Ctx() context: Context,
    @InputArgument(() => RequestRectificationInput) input: RequestRectificationInput,
  ) {
    return done({ privacyRequest: await requestRectification(context.db, input) })
  }

  @Action(() => ExtendPrivacyRequestPayload, {
    description:
      'Gives the answer to a request two months more, once and before it is due; the person is told why. Needs `privacy:manage`.',
  })
  async extendPrivacyRequest(
    @Ctx() context: Context,
    @InputArgument(() => ExtendPrivacyRequestInput) input: ExtendPrivacyRequestInput,
  ) {
    return done({ privacyRequest: await extendPrivacyRequest(context.db, input) })
  }

  @Action(() => ResolvePrivacyRequestPayload, {
    description: 'Says that what was asked for has been done; the person is told. Needs `privacy:manage`.',
  })
  async resolvePrivacyRequest(
    @Ctx() context: Context,
    @InputArgument(() => ResolvePrivacyRequestInput) input: ResolvePrivacyRequestInput,
  ) {
    return done({ privacyRequest: await resolvePrivacyRequest(context.db, input) })
  }

  @Action(() => RefusePrivacyRequestPayload, {
    description:
      'Refuses a request; the person is told why, and that they can complain (GDPR art. 12(4)). Needs `privacy:manage`.',
  })
  async refusePrivacyRequest(
    @Ctx() context: Context,
    @InputArgument(() => RefusePrivacyRequestInput) input: RefusePrivacyRequestInput,
  ) {
    return done({ privacyRequest: await refusePrivacyRequest(context.db, input) })
  }

  @Action(() => WithdrawPrivacyRequestPayload, { description: 'Takes a request of your own back.' })
  async withdrawPrivacyRequest(
    @Ctx() context: Context,
    @InputArgument(() => WithdrawPrivacyRequestInput) { privacyRequestId }: WithdrawPrivacyRequestInput,
  ) {
    return done({ privacyRequest: await withdrawPrivacyRequest(context.db, privacyRequestId) })
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'What the person has written; null where they have not, and after they have been erased.',
  })
  async message(@Ctx() context: Context, @Root() request: PrivacyRequestRow): Promise<string | null> {
    return (await context.load(privacyRequestWords, request)).message
  }

  @FieldResolver(() => String, { nullable: true, description: 'Why it was refused, or what was done.' })
  async outcomeNote(@Ctx() context: Context, @Root() request: PrivacyRequestRow): Promise<string | null> {
    return (await context.load(privacyRequestWords, request)).outcomeNote
  }

  @FieldResolver(() => String, { nullable: true, description: 'Why it takes longer.' })
  async extensionReason(@Ctx() context: Context, @Root() request: PrivacyRequestRow): Promise<string | null> {
    return (await context.load(privacyRequestWords, request)).extensionReason
  }

  @FieldResolver(() => Boolean, {
    nullable: true,
    description: 'Whether it should have been answered by now.',
  })
  isOverdue(@Ctx() { clock }: Context, @Root() { status, dueAt }: PrivacyRequestRow): boolean {
    return OPEN.includes(status) && dueAt < clock.now()
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who asks; null when they are not there any more.',
  })
  user(@Ctx() context: Context, @Root() { userId }: PrivacyRequestRow): Promise<UserRow | null> {
    return context.load(userById, userId)
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who of the staff dealt with it last; null where nobody has, or Portico itself does.',
  })
  async handledBy(
    @Ctx() context: Context,
    @Root() { handledById }: PrivacyRequestRow,
  ): Promise<UserRow | null> {
    return handledById === null ? null : context.load(userById, handledById)
  }
}

@Resolver(() => UserType)
export class UserPrivacyRequestsResolver {
  @FieldResolver(() => PrivacyRequestConnection, {
    nullable: true,
    description: 'What this person has asked about their data, newest first. Self, or `privacy:manage`.',
  })
  async privacyRequests(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<PrivacyRequestRow>> {
    const requests = context.use(PrivacyRequestService)
    return toConnection(await requests.listOf(id, page), () => requests.countOf(id))
  }
}
