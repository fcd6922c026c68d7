import { Ctx, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { StartProviderSignInInput } from '../identity/identity.input'
import { StartProviderSignInPayload } from '../identity/identity.payload'
import { AuthenticationMethod } from '../session/authentication-method'
import { userById } from '../user/user.loader'
import { carry } from '../session/carry'
import type { Transport } from '../session/transport'
import { SessionService } from '../session/session.service'
import {
  ChangePasswordInput,
  CheckPasswordInput,
  CompleteSignInInput,
  CompleteSignUpInput,
  ReauthenticateInput,
  RequestPasswordResetInput,
  RequestSignInLinkInput,
  RequirePasswordResetInput,
  ResetPasswordInput,
  SendCodeInput,
  SignInInput,
  SignUpInput,
} from './authentication.input'
import {
  ChangePasswordPayload,
  CheckPasswordPayload,
  CompleteSignInPayload,
  CompleteSignUpPayload,
  ReauthenticatePayload,
  RequestPasswordResetPayload,
  RequestSignInLinkPayload,
  RequirePasswordResetPayload,
  ResetPasswordPayload,
  SendCodePayload,
  SignInPayload,
  SignUpPayload,
  StartPasskeySignInPayload,
  StartReauthenticationPayload,
} from './authentication.payload'
import { changePassword } from './change-password'
import { checkPassword } from './check-password'
import { requirePasswordReset } from './require-password-reset'
import { completeProviderSignIn, startProviderSignIn } from './provider-sign-in'
import { requestPasswordReset, resetPassword } from './reset-password'
import { reauthenticate, startReauthentication } from './reauthenticate'
import { sendCode } from './send-code'
import { completeSignIn, requestSignInLink, signIn, startPasskeySignIn, type SignInStep } from './sign-in'
import { completeSignUp, signUp } from './sign-up'

@Resolver()
export class AuthenticationResolver {
  @Action(() => SignUpPayload, {
    credential: true,
    description: 'Begins a sign-up: sends a code by mail. The account comes into being at `completeSignUp`.',
  })
  async signUp(@Ctx() context: Context, @InputArgument(() => SignUpInput) input: SignUpInput) {
    return done({ challenge: await signUp(context.asStranger(), input) })
  }

  @Action(() => CompleteSignUpPayload, {
    credential: true,
    description: 'Finishes a sign-up with the code from the mail, and signs in.',
  })
  async completeSignUp(
    @Ctx() context: Context,
    @InputArgument(() => CompleteSignUpInput) input: CompleteSignUpInput,
  ) {
    return this.signedIn(context, await completeSignUp(context.asStranger(), input), input.transport)
  }

  @Action(() => SignInPayload, {
    credential: true,
    description:
      'Signs in with a username or e-mail address and the password. Where a second factor is on, the answer is a `challenge` for it.',
  })
  async signIn(@Ctx() context: Context, @InputArgument(() => SignInInput) input: SignInInput) {
    return this.signedIn(context, await signIn(context.asStranger(), input), input.transport)
  }

  @Action(() => CompleteSignInPayload, {
    credential: true,
    description:
      'Gives the proof that a sign-in waits for: a second factor, the mail, a passkey, or the return from an identity provider.',
  })
  async completeSignIn(
    @Ctx() context: Context,
    @InputArgument(() => CompleteSignInInput) input: CompleteSignInInput,
  ) {
    const atProvider = input.method === AuthenticationMethod.IDENTITY_PROVIDER
    const complete = atProvider ? completeProviderSignIn : completeSignIn
    return this.signedIn(context, await complete(context.asStranger(), input), input.transport)
  }

  @Action(() => RequestSignInLinkPayload, {
    credential: true,
    description: 'Sends a mail with a link and a code to sign in with, if there is such an account.',
  })
  async requestSignInLink(
    @Ctx() context: Context,
    @InputArgument(() => RequestSignInLinkInput) input: RequestSignInLinkInput,
  ) {
    return done({ challenge: await requestSignInLink(context.asStranger(), input) })
  }

  @Action(() => StartPasskeySignInPayload, {
    description:
      'Begins a sign-in with a passkey alone; `completeSignIn` takes what the authenticator answers.',
  })
  async startPasskeySignIn(@Ctx() context: Context) {
    return done({ challenge: await startPasskeySignIn(context.asStranger()) })
  }

  @Action(() => StartProviderSignInPayload, {
    description:
      'Begins a sign-in, or a sign-up, at an identity provider: lead the browser to `url`. `completeSignIn` takes what it comes back with.',
  })
  async startProviderSignIn(
    @Ctx() context: Context,
    @InputArgument(() => StartProviderSignInInput) input: StartProviderSignInInput,
  ) {
    return done(await startProviderSignIn(context.asStranger(), input))
  }

  @Action(() => SendCodePayload, {
    credential: true,
    description: 'Sends a code by mail for a challenge that takes one. An earlier code is void.',
  })
  async sendCode(@Ctx() context: Context, @InputArgument(() => SendCodeInput) input: SendCodeInput) {
    return done({ challenge: await sendCode(context.db, input) })
  }

  @Action(() => StartReauthenticationPayload, {
    description:
      'Begins a fresh proof of identity, for the ways that need a challenge: a passkey, or a code by mail.',
  })
  async startReauthentication(@Ctx() context: Context) {
    return done({ challenge: await startReauthentication(context.db) })
  }

  @Action(() => ChangePasswordPayload, {
    credential: true,
    description:
      'Changes the password. All other sessions end, and a mail tells you. Access tokens go on working.',
  })
  async changePassword(
    @Ctx() context: Context,
    @InputArgument(() => ChangePasswordInput) input: ChangePasswordInput,
  ) {
    return done({ endedCount: await changePassword(context.db, input) })
  }

  @Action(() => CheckPasswordPayload, {
    description:
      'Says how strong a password is, and why it would be refused, for a form in which it is typed. Ask when the typing ' +
      'pauses. Nothing is kept.',
  })
  async checkPassword(
    @Ctx() context: Context,
    @InputArgument(() => CheckPasswordInput) input: CheckPasswordInput,
  ) {
    return done({ passwordStrength: await checkPassword(context.db, input) })
  }

  @Action(() => RequirePasswordResetPayload, {
    description:
      "Starts the replacement of somebody's password: their sessions and access tokens end, the password lets nobody in any more, and a mail " +
      'asks them to choose another. Needs `users:reset-password`.',
  })
  async requirePasswordReset(
    @Ctx() context: Context,
    @InputArgument(() => RequirePasswordResetInput) input: RequirePasswordResetInput,
  ) {
    return done({ user: await context.load(userById, await requirePasswordReset(context.db, input)) })
  }

  @Action(() => RequestPasswordResetPayload, {
    credential: true,
    description:
      'Sends a mail with which a forgotten password can be replaced, if there is such an account: to its primary address, whichever names it.',
  })
  async requestPasswordReset(
    @Ctx() context: Context,
    @InputArgument(() => RequestPasswordResetInput) input: RequestPasswordResetInput,
  ) {
    return done({ challenge: await requestPasswordReset(context.asStranger(), input) })
  }

  @Action(() => ResetPasswordPayload, {
    credential: true,
    description:
      'Replaces a forgotten password, with the proof from the mail. All sessions and access tokens end.',
  })
  async resetPassword(
    @Ctx() context: Context,
    @InputArgument(() => ResetPasswordInput) input: ResetPasswordInput,
  ) {
    await resetPassword(context.asStranger(), input)
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

  private async signedIn(context: Context, step: SignInStep, transport: Transport) {
    if ('challenge' in step) return done(step)
    const { userId, session, token } = step
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
