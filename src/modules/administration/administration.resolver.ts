import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import type { Id } from '../../core/id'
import { emailsByUser } from '../email/email.loader'
import { passwordStateByUser } from '../password/password.loader'
import { userById, type UserRow } from '../user/user.loader'
import type { Suspension } from '../user/user.service'
import { UserType } from '../user/user.type'
import {
  CreateUserInput,
  EndUserSessionsInput,
  ReinstateUserInput,
  ResendInvitationInput,
  SuspendUserInput,
  UpdateUserInput,
  VerifyEmailInput,
} from './administration.input'
import { suspensionByUser } from './administration.loader'
import {
  CreateUserPayload,
  EndUserSessionsPayload,
  ReinstateUserPayload,
  ResendInvitationPayload,
  SuspendUserPayload,
  UpdateUserPayload,
  VerifyEmailPayload,
} from './administration.payload'
import { InvitationType, SuspensionType } from './administration.type'
import { createUser } from './create-user'
import { endUserSessions } from './end-user-sessions'
import { invitationOf, type Invitation } from './invitation'
import { reinstateUser } from './reinstate-user'
import { resendInvitation } from './resend-invitation'
import { suspendUser } from './suspend-user'
import { updateUser } from './update-user'
import { verifyEmail } from './verify-email'

@Resolver()
export class AdministrationResolver {
  @Action(() => SuspendUserPayload, {
    description:
      'Suspends somebody, or changes their suspension: their sessions end at once, access tokens rest, what they have begun is void, and a mail tells them why and until when. Needs `users:suspend`.',
  })
  async suspendUser(@Ctx() context: Context, @InputArgument(() => SuspendUserInput) input: SuspendUserInput) {
    return this.answer(context, await suspendUser(context.db, input))
  }

  @Action(() => ReinstateUserPayload, {
    description: "Ends somebody's suspension, and tells them by mail. Needs `users:suspend`.",
  })
  async reinstateUser(
    @Ctx() context: Context,
    @InputArgument(() => ReinstateUserInput) input: ReinstateUserInput,
  ) {
    return this.answer(context, await reinstateUser(context.db, input))
  }

  @Action(() => CreateUserPayload, {
    description:
      'Makes an account for somebody and sends them a link, good for 7 days, to choose a password. Needs `users:create`.',
  })
  async createUser(@Ctx() context: Context, @InputArgument(() => CreateUserInput) input: CreateUserInput) {
    return this.answer(context, await createUser(context.db, input))
  }

  @Action(() => ResendInvitationPayload, {
    description:
      'Sends somebody who has not taken up their account another link; the one before is void. Needs `users:create`.',
  })
  async resendInvitation(
    @Ctx() context: Context,
    @InputArgument(() => ResendInvitationInput) input: ResendInvitationInput,
  ) {
    return this.answer(context, await resendInvitation(context.db, input))
  }

  @Action(() => UpdateUserPayload, {
    description: "Changes somebody's profile; of another username they are told by mail. Needs `users:edit`.",
  })
  async updateUser(@Ctx() context: Context, @InputArgument(() => UpdateUserInput) input: UpdateUserInput) {
    return this.answer(context, await updateUser(context.db, input))
  }

  @Action(() => EndUserSessionsPayload, {
    description: 'Ends all sessions of somebody, who is told by mail. Needs `sessions:revoke`.',
  })
  async endUserSessions(
    @Ctx() context: Context,
    @InputArgument(() => EndUserSessionsInput) input: EndUserSessionsInput,
  ) {
    const endedCount = await endUserSessions(context.db, input)
    return { ...(await this.answer(context, input.userId)), endedCount }
  }

  @Action(() => VerifyEmailPayload, {
    description:
      "Verifies somebody's e-mail address by hand: you have made sure that it is theirs. Needs `users:verify-contact`.",
  })
  async verifyEmail(@Ctx() context: Context, @InputArgument(() => VerifyEmailInput) input: VerifyEmailInput) {
    return this.answer(context, await verifyEmail(context.db, input))
  }

  private async answer(context: Context, userId: Id) {
    context.forget(userById, userId)
    context.forget(suspensionByUser, userId)
    context.forget(emailsByUser, userId)
    return done({ user: await context.load(userById, userId) })
  }
}

@Resolver(() => UserType)
export class UserAdministrationResolver {
  @FieldResolver(() => SuspensionType, {
    nullable: true,
    description:
      'Why the person cannot use their account, and until when; null where they can. Needs `users:read`.',
  })
  suspension(@Ctx() context: Context, @Root() { id }: UserRow): Promise<Suspension | null> {
    return context.load(suspensionByUser, id)
  }

  @FieldResolver(() => InvitationType, {
    nullable: true,
    description:
      'The invitation of somebody who has neither chosen a password nor signed in so far; null for everybody else. Needs `users:read`.',
  })
  async invitation(@Ctx() context: Context, @Root() user: UserRow): Promise<Invitation | null> {
    return invitationOf(user, (await context.load(passwordStateByUser, user.id)) !== null)
  }
}

@Resolver(() => SuspensionType)
export class SuspensionResolver {
  @FieldResolver(() => UserType, {
    nullable: true,
    description:
      'Who suspended the person, or last changed the suspension; null where nobody of the staff did.',
  })
  async by(@Ctx() context: Context, @Root() { byId }: Suspension): Promise<UserRow | null> {
    return byId === null ? null : context.load(userById, byId)
  }
}
