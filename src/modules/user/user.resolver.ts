import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import type { Connection } from '../../api/connection'
import { IdArgument, InputArgument, TextArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import type { Id } from '../../core/id'
import { viewerId } from '../../core/viewer'
import { AuditEventArguments } from '../audit/audit-event.input'
import type { AuditEventRow } from '../audit/audit-event.loader'
import { auditEventConnection } from '../audit/audit-event.resolver'
import { AuditEventConnection, AuditEventType } from '../audit/audit-event.type'
import { formerUsernamesByUser, type FormerUsernameRow } from './former-username.loader'
import { FormerUsernameType } from './former-username.type'
import { UpdateProfileInput } from './user.input'
import { userById } from './user.loader'
import { UpdateProfilePayload } from './user.payload'
import type { UserRow } from './user.repository'
import { UserService } from './user.service'
import { UserType } from './user.type'

defineNode('user', 'User', (context, id) => context.load(userById, id))

@Resolver(() => UserType)
export class UserResolver {
  @Query(() => UserType, {
    nullable: true,
    description: 'The person who asks; null when nobody is signed in.',
  })
  async viewer(@Ctx() context: Context): Promise<UserRow | null> {
    const id = viewerId(context.viewer)
    return id === null ? null : context.load(userById, id)
  }

  @Query(() => UserType, { nullable: true, description: 'The person with this id; null when there is none.' })
  user(@Ctx() context: Context, @IdArgument('id', 'user', 'The global id.') id: Id): Promise<UserRow | null> {
    return context.load(userById, id)
  }

  @Query(() => UserType, {
    nullable: true,
    description:
      'The person with this username, in whatever case; null when there is none. For 90 days a username that was given up leads to whoever had it: their `username` is another then, and that is where to go.',
  })
  userByUsername(
    @Ctx() context: Context,
    @TextArgument('username', 'The username.') username: string,
  ): Promise<UserRow | null> {
    return context.use(UserService).findShownByUsername(username)
  }

  @Action(() => UpdateProfilePayload, { description: 'Changes your own profile.' })
  async updateProfile(
    @Ctx() context: Context,
    @InputArgument(() => UpdateProfileInput) input: UpdateProfileInput,
  ) {
    return done({ user: await context.use(UserService).updateProfile(input) })
  }

  @FieldResolver(() => [FormerUsernameType], {
    nullable: true,
    description:
      'The usernames that they have given up in the last two years, the latest first, at most 50. Self, or `users:read`.',
  })
  formerUsernames(@Ctx() context: Context, @Root() user: UserRow): Promise<FormerUsernameRow[]> {
    return context.load(formerUsernamesByUser, user.id)
  }

  @FieldResolver(() => AuditEventConnection, {
    nullable: true,
    description: 'What this person did and what concerns them, newest first. Self, or `audit:read`.',
  })
  auditEvents(
    @Ctx() context: Context,
    @Root() user: UserRow,
    @Args(() => AuditEventArguments) { filter, ...page }: AuditEventArguments,
  ): Promise<Connection<AuditEventRow>> {
    return auditEventConnection(context, { ...filter, personId: user.id }, page)
  }
}

@Resolver(() => AuditEventType)
export class AuditEventPeopleResolver {
  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who did it; null for strangers and for Portico itself.',
  })
  async actor(@Ctx() context: Context, @Root() event: AuditEventRow): Promise<UserRow | null> {
    return event.actorId === null ? null : context.load(userById, event.actorId)
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Whom it concerns.' })
  async subject(@Ctx() context: Context, @Root() event: AuditEventRow): Promise<UserRow | null> {
    return event.subjectId === null ? null : context.load(userById, event.subjectId)
  }
}
