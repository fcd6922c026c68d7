import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { impersonatorOf, viewerId } from '../../core/viewer'
import type { AuditEventRow } from '../audit/audit-event.loader'
import { AuditEventType } from '../audit/audit-event.type'
import type { SessionRow } from '../session/session.loader'
import { SessionType } from '../session/session.type'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { startImpersonation, stopImpersonation } from './impersonate'
import { StartImpersonationInput } from './impersonation.input'
import { StartImpersonationPayload, StopImpersonationPayload } from './impersonation.payload'

@Resolver(() => UserType)
export class ImpersonationResolver {
  @Action(() => StartImpersonationPayload, {
    description:
      'Begins a session of 30 minutes in which you act as somebody who may do less than you, to see what they see: what is personal stays as hidden as it is to you, nothing can be changed without `users:impersonate-write`, and how they sign in never. They are told, and why. Needs `users:impersonate`.',
  })
  async startImpersonation(
    @Ctx() context: Context,
    @InputArgument(() => StartImpersonationInput) input: StartImpersonationInput,
  ) {
    const { session, token } = await startImpersonation(context.db, input)
    const user = await context.load(userById, input.userId)
    return done({ user, session, token })
  }

  @Action(() => StopImpersonationPayload, {
    description: 'Ends the session that acts as somebody else; your own goes on.',
  })
  async stopImpersonation(@Ctx() context: Context) {
    await stopImpersonation(context.db)
    return done({})
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who acts as this person in the session that asks; null where nobody does.',
  })
  async impersonator(@Ctx() context: Context, @Root() { id }: UserRow): Promise<UserRow | null> {
    const impersonator = impersonatorOf(context.viewer)
    return impersonator && id === viewerId(context.viewer)
      ? context.load(userById, impersonator.userId)
      : null
  }
}

@Resolver(() => SessionType)
export class SessionImpersonatorResolver {
  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who acts as the person in this session; null for one of their own.',
  })
  async impersonator(
    @Ctx() context: Context,
    @Root() { impersonatorId }: SessionRow,
  ): Promise<UserRow | null> {
    return impersonatorId === null ? null : context.load(userById, impersonatorId)
  }
}

@Resolver(() => AuditEventType)
export class AuditEventImpersonatorResolver {
  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who acted as the person who did it; null where they did it themselves.',
  })
  async impersonator(
    @Ctx() context: Context,
    @Root() { impersonatorId }: AuditEventRow,
  ): Promise<UserRow | null> {
    return impersonatorId === null ? null : context.load(userById, impersonatorId)
  }
}
