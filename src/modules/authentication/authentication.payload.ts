import { Int } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { PasswordStrengthType } from '../password/password.type'
import { SessionType } from '../session/session.type'
import { UserType } from '../user/user.type'
import { ChallengeType } from '../challenge/challenge.type'

/** What every mutation that takes a new password answers besides its result. */
@Type('NewPasswordPayload', 'The answer of a mutation that takes a new password.')
abstract class NewPasswordPayload extends MutationPayload {
  @Shown(
    () => PasswordStrengthType,
    'How hard the password is to guess, where it was refused and that was found out in time; for advice, it decides nothing.',
    true,
  )
  passwordStrength?: PasswordStrengthType | null
}

@Type('SignUpPayload', 'The answer of `signUp`: the same whether or not the address has an account already.')
export class SignUpPayload extends NewPasswordPayload {
  @Shown(() => ChallengeType, 'What waits for the code from the mail.', true)
  challenge?: ChallengeType
}

@Type('CompleteSignUpPayload', 'The answer of `completeSignUp`.')
export class CompleteSignUpPayload extends MutationPayload {
  @Shown(() => UserType, 'The new account.', true)
  user?: UserType

  @Shown(() => SessionType, 'Its first session.', true)
  session?: SessionType

  @Shown(
    () => String,
    'The token to send from now on; null where a cookie carries it. It is shown only here.',
    true,
  )
  token?: string | null
}

/** What a step of a sign-in leads to: the session, or a challenge for one more proof. */
@Type('SignInStepPayload', 'A step of a sign-in.')
abstract class SignInStepPayload extends MutationPayload {
  @Shown(() => UserType, 'Who has signed in.', true)
  user?: UserType

  @Shown(() => SessionType, 'The new session; null while a proof is missing.', true)
  session?: SessionType

  @Shown(
    () => String,
    'The token to send from now on; null where a cookie carries it. It is shown only here.',
    true,
  )
  token?: string | null

  @Shown(
    () => ChallengeType,
    'What still has to be proven; `completeSignIn` takes it. Null when the sign-in is done.',
    true,
  )
  challenge?: ChallengeType
}

@Type('SignInPayload', 'The answer of `signIn`.')
export class SignInPayload extends SignInStepPayload {}

@Type('CompleteSignInPayload', 'The answer of `completeSignIn`.')
export class CompleteSignInPayload extends SignInStepPayload {}

@Type(
  'RequestSignInLinkPayload',
  'The answer of `requestSignInLink`: the same whether or not there is such an account.',
)
export class RequestSignInLinkPayload extends MutationPayload {
  @Shown(() => ChallengeType, 'What waits for the proof from the mail.', true)
  challenge?: ChallengeType
}

@Type('StartPasskeySignInPayload', 'The answer of `startPasskeySignIn`.')
export class StartPasskeySignInPayload extends MutationPayload {
  @Shown(() => ChallengeType, 'What waits for the passkey.', true)
  challenge?: ChallengeType
}

@Type('StartReauthenticationPayload', 'The answer of `startReauthentication`.')
export class StartReauthenticationPayload extends MutationPayload {
  @Shown(() => ChallengeType, 'What waits for the proof; `reauthenticate` takes it.', true)
  challenge?: ChallengeType
}

@Type('SendCodePayload', 'The answer of `sendCode`.')
export class SendCodePayload extends MutationPayload {
  @Shown(() => ChallengeType, 'What waits for the code.', true)
  challenge?: ChallengeType
}

@Type('ChangePasswordPayload', 'The answer of `changePassword`.')
export class ChangePasswordPayload extends NewPasswordPayload {
  @Shown(() => Int, 'How many other sessions were ended.', true)
  endedCount?: number
}

@Type(
  'RequestPasswordResetPayload',
  'The answer of `requestPasswordReset`: the same whether or not there is such an account.',
)
export class RequestPasswordResetPayload extends MutationPayload {
  @Shown(() => ChallengeType, 'What waits for the proof from the mail.', true)
  challenge?: ChallengeType
}

@Type('ResetPasswordPayload', 'The answer of `resetPassword`. Sign in with the new password.')
export class ResetPasswordPayload extends NewPasswordPayload {}

@Type('CheckPasswordPayload', 'The answer of `checkPassword`: in `userErrors`, why it would be refused.')
export class CheckPasswordPayload extends MutationPayload {
  @Shown(
    () => PasswordStrengthType,
    'How hard it is to guess; null where that was not found out in time.',
    true,
  )
  passwordStrength?: PasswordStrengthType | null
}

@Type('RequirePasswordResetPayload', 'The answer of `requirePasswordReset`.')
export class RequirePasswordResetPayload extends MutationPayload {
  @Shown(() => UserType, 'Whose password has to be replaced.', true)
  user?: UserType
}

@Type('ReauthenticatePayload', 'The answer of `reauthenticate`.')
export class ReauthenticatePayload extends MutationPayload {
  @Shown(() => SessionType, 'The session, fresh again.', true)
  session?: SessionType

  @Shown(
    () => String,
    'The new token of the session, the old one is dead; null where a cookie carries it.',
    true,
  )
  token?: string | null
}
