import { Ctx, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { anonymous } from '../../core/viewer'
import type { Database } from '../../db/database'
import { userById } from '../user/user.loader'
import { carry } from '../session/carry'
import type { Transport } from '../session/transport'
import { SessionService } from '../session/session.service'
import {
  ChangePasswordInput,
  CompleteSignUpInput,
  ReauthenticateInput,
  RequestPasswordResetInput,
  ResetPasswordInput,
  SignInInput,
  SignUpInput,
} from './authentication.input'
import {
  ChangePasswordPayload,
  CompleteSignUpPayload,
  ReauthenticatePayload,
  RequestPasswordResetPayload,
  ResetPasswordPayload,
  SignInPayload,
  SignUpPayload,
} from './authentication.payload'
import { ChallengeMethod } from './authentication.type'
import { changePassword } from './change-password'
import { requestPasswordReset, resetPassword } from './reset-password'
import { reauthenticate, signIn } from './sign-in'
import { completeSignUp, signUp, type Started } from './sign-up'

@Resolver()
export class AuthenticationResolver {
  @Action(() => SignUpPayload, {
    credential: true,
    description: 'Begins a sign-up: sends a code by mail. The account comes into being at `completeSignUp`.',
  })
  async signUp(@Ctx() context: Context, @InputArgument(() => SignUpInput) input: SignUpInput) {
    const challenge = await signUp(asStranger(context), input)
    return done({ challenge: { ...challenge, methods: [ChallengeMethod.EMAIL_CODE] } })
  }

  @Action(() => CompleteSignUpPayload, {
    credential: true,
    description: 'Finishes a sign-up with the code from the mail, and signs in.',
  })
  async completeSignUp(
    @Ctx() context: Context,
    @InputArgument(() => CompleteSignUpInput) input: CompleteSignUpInput,
  ) {
    return this.signedIn(context, await completeSignUp(asStranger(context), input), input.transport)
  }

  @Action(() => SignInPayload, {
    credential: true,
    description: 'Signs in with a username or e-mail address and the password.',
  })
  async signIn(@Ctx() context: Context, @InputArgument(() => SignInInput) input: SignInInput) {
    return this.signedIn(context, await signIn(asStranger(context), input), input.transport)
  }

  @Action(() => ChangePasswordPayload, {
    credential: true,
    description: 'Changes the password. All other sessions end, and a mail tells you.',
  })
  async changePassword(
    @Ctx() context: Context,
    @InputArgument(() => ChangePasswordInput) input: ChangePasswordInput,
  ) {
    return done({ endedCount: await changePassword(context.db, input) })
  }

  @Action(() => RequestPasswordResetPayload, {
    credential: true,
    description: 'Sends a mail with which a forgotten password can be replaced, if there is such an account.',
  })
  async requestPasswordReset(
    @Ctx() context: Context,
    @InputArgument(() => RequestPasswordResetInput) input: RequestPasswordResetInput,
  ) {
    const challenge = await requestPasswordReset(asStranger(context), input)
    return done({
      challenge: { ...challenge, methods: [ChallengeMethod.EMAIL_LINK, ChallengeMethod.EMAIL_CODE] },
    })
  }

  @Action(() => ResetPasswordPayload, {
    credential: true,
    description: 'Replaces a forgotten password, with the proof from the mail. All sessions end.',
  })
  async resetPassword(
    @Ctx() context: Context,
    @InputArgument(() => ResetPasswordInput) input: ResetPasswordInput,
  ) {
    await resetPassword(asStranger(context), input)
    return done({})
  }

  @Action(() => ReauthenticatePayload, {
    credential: true,
    description: 'Proves again who you are, for what asks for it with REAUTHENTICATION_REQUIRED.',
  })
  async reauthenticate(
    @Ctx() context: Context,
    @InputArgument(() => ReauthenticateInput) input: ReauthenticateInput,
  ) {
    const { session, token } = await reauthenticate(context.db, input)
    return done({ session, token: carry(context, token, session) })
  }

  private async signedIn(context: Context, { userId, session, token }: Started, transport: Transport) {
    const found = await context.use(SessionService).findViewer(token)
    // The rest of the answer is for the person who has just signed in.
    if (found) context.become(found.viewer)
    return done({
      user: await context.load(userById, userId),
      session,
      token: carry(context, token, { ...session, transport }),
    })
  }
}

/**
 * Whoever signs up or in is nobody yet, whatever session the request carries: its holder is not the actor, and must not
 * learn from their own trail to whom a login belongs.
 */
const asStranger = ({ db, caller }: Context): Database => db.as({ ...caller, viewer: anonymous })
