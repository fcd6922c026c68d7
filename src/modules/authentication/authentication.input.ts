import { GraphQLJSONObject } from 'graphql-scalars'
import { Field } from 'type-graphql'
import { IdOf, Input, InputList, Text, type TextRules } from '../../api/input'
import { GivenConsentInput } from '../consent/consent.input'
import { MAX_ADDRESS_LENGTH } from '../email/email-address'
import { AuthenticationMethod } from '../session/authentication-method'
import { Transport } from '../session/transport'
import { USERNAME } from '../user/user.input'

const DEVICE_NAME: TextRules = {
  description: 'What to call this device among your sessions.',
  max: 100,
  optional: true,
}

/** Longer than any password that can be set, so that the password rules and not this bound explain what is wrong. */
const PASSWORD: TextRules = { description: 'The password, exactly as typed.', max: 1_024, verbatim: true }

const NEW_PASSWORD =
  'At least 15 characters, whichever you like; not a common password, and nothing about yourself.'

const TRANSPORT =
  'How the token is carried from now on. With `COOKIE` the answer sets it and `token` is null.'

/** A proof of identity: the method, and the field that it needs. */
@Input('ProofInput', 'A proof of identity.')
export abstract class ProofInput {
  @Field(() => AuthenticationMethod, { description: 'How you prove it.' })
  method!: AuthenticationMethod

  @Text({ ...PASSWORD, description: 'For `PASSWORD`: exactly as typed.', optional: true })
  password?: string

  @Text({
    description:
      'For `TOTP`, `EMAIL_CODE`, `RECOVERY_CODE`: the code; case, spaces and dashes do not matter.',
    min: 1,
    max: 64,
    optional: true,
  })
  code?: string

  @Field(() => GraphQLJSONObject, {
    description:
      'For `PASSKEY`: what the authenticator answered, as `PublicKeyCredential.toJSON()` gives it.',
    nullable: true,
  })
  passkey?: object
}

/** The proof that a mail was read: the `token` of its link, or its `code` with the challenge. */
@Input('MailProofInput', 'The proof that a mail was read.')
export abstract class MailProofInput {
  @Text({ description: 'The secret in the link of the mail.', min: 1, max: 100, optional: true })
  token?: string

  @IdOf('challenge', 'The challenge that was answered when the mail was sent.', { optional: true })
  challengeId?: string

  @Text({
    description: 'The code from the mail; case and dashes do not matter.',
    min: 1,
    max: 32,
    optional: true,
  })
  code?: string
}

@Input('SignUpInput', 'Who wants an account.')
export class SignUpInput {
  @Text(USERNAME)
  username!: string

  @Text({ description: 'Where the code is sent.', max: MAX_ADDRESS_LENGTH })
  email!: string

  @Text({
    ...PASSWORD,
    description: NEW_PASSWORD,
  })
  password!: string

  @Text({
    description: 'How you want to be called; the username where nothing is said.',
    max: 80,
    min: 1,
    optional: true,
  })
  displayName?: string

  @Text({
    description: 'The language to speak, a BCP 47 tag; `en` where nothing is said.',
    max: 35,
    min: 2,
    optional: true,
  })
  locale?: string
}

@Input('CompleteSignUpInput', 'The proof that an e-mail address is yours.')
export class CompleteSignUpInput {
  @InputList(() => GivenConsentInput, {
    description: 'What was agreed to in the form; the account begins with it.',
    max: 50,
    optional: true,
  })
  consents?: GivenConsentInput[]

  @IdOf('challenge', 'The challenge that `signUp` answered.')
  challengeId!: string

  @Text({ description: 'The code from the mail; case and dashes do not matter.', max: 32 })
  code!: string

  @Field(() => Transport, { description: TRANSPORT, defaultValue: Transport.BEARER })
  transport!: Transport

  @Text(DEVICE_NAME)
  deviceName?: string
}

@Input('SignInInput', 'Who wants to sign in.')
export class SignInInput {
  @Text({ description: 'The username or an e-mail address.', max: MAX_ADDRESS_LENGTH })
  login!: string

  @Text(PASSWORD)
  password!: string

  @Field(() => Transport, { description: TRANSPORT, defaultValue: Transport.BEARER })
  transport!: Transport

  @Text(DEVICE_NAME)
  deviceName?: string
}

@Input('ChangePasswordInput', 'A new password, and the proof that you know the old one.')
export class ChangePasswordInput {
  @Text({ ...PASSWORD, description: 'The password until now.' })
  currentPassword!: string

  @Text({ ...PASSWORD, description: NEW_PASSWORD })
  newPassword!: string
}

@Input('CheckPasswordInput', 'A password that somebody thinks of, and whose it would be.')
export class CheckPasswordInput {
  @Text(PASSWORD)
  password!: string

  @Text({ description: 'The username beside it in the form.', max: MAX_ADDRESS_LENGTH, optional: true })
  username?: string

  @Text({ description: 'The e-mail address beside it in the form.', max: MAX_ADDRESS_LENGTH, optional: true })
  email?: string

  @Text({ description: 'The name beside it in the form.', max: MAX_ADDRESS_LENGTH, optional: true })
  displayName?: string
}

@Input('PasswordResetTerms', 'Why a password has to be replaced.')
export abstract class PasswordResetTerms {
  @Text({ description: 'Why, for the trail, where the person can read it.', max: 500, multiline: true })
  reason!: string
}

@Input('RequirePasswordResetInput', 'Whose password has to be replaced, and why.')
export class RequirePasswordResetInput extends PasswordResetTerms {
  @IdOf('user', 'The person; not somebody who may do what you may not.')
  userId!: string
}

@Input('RequestPasswordResetInput', 'Whose password was forgotten.')
export class RequestPasswordResetInput {
  @Text({ description: 'The username or an e-mail address.', max: MAX_ADDRESS_LENGTH })
  login!: string
}

@Input(
  'ResetPasswordInput',
  'A new password, and the proof from the mail: the `token` of its link, or its `code` with the challenge.',
)
export class ResetPasswordInput extends MailProofInput {
  @Text({ ...PASSWORD, description: NEW_PASSWORD })
  newPassword!: string
}

@Input('ReauthenticateInput', 'The proof that you are still who you were.')
export class ReauthenticateInput extends ProofInput {
  @Field(() => AuthenticationMethod, {
    description: 'How you prove it.',
    defaultValue: AuthenticationMethod.PASSWORD,
  })
  declare method: AuthenticationMethod

  @IdOf('challenge', 'For `PASSKEY` and `EMAIL_CODE`: the challenge that `startReauthentication` answered.', {
    optional: true,
  })
  challengeId?: string
}

@Input('CompleteSignInInput', 'The proof that a sign-in waits for.')
export class CompleteSignInInput extends ProofInput {
  @IdOf('challenge', 'The challenge of the sign-in; with `EMAIL_LINK` it can be left out.', {
    optional: true,
  })
  challengeId?: string

  @Text({
    description: 'For `EMAIL_LINK`: the secret in the link of the mail.',
    min: 1,
    max: 100,
    optional: true,
  })
  token?: string

  @Text({
    description:
      'For `IDENTITY_PROVIDER`: the one that `startProviderSignIn` answered, besides the `code` of the fragment.',
    min: 1,
    max: 100,
    optional: true,
  })
  verifier?: string

  @Field(() => Transport, { description: TRANSPORT, defaultValue: Transport.BEARER })
  transport!: Transport

  @Text(DEVICE_NAME)
  deviceName?: string
}

@Input('RequestSignInLinkInput', 'Who wants to sign in by mail.')
export class RequestSignInLinkInput {
  @Text({ description: 'The username or an e-mail address.', max: MAX_ADDRESS_LENGTH })
  login!: string
}

@Input('SendCodeInput', 'For which challenge a code is wanted.')
export class SendCodeInput {
  @IdOf('challenge', 'A challenge whose `methods` hold `EMAIL_CODE`.')
  challengeId!: string
}
