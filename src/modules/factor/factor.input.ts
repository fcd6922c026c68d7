import { GraphQLJSONObject } from 'graphql-scalars'
import { Field } from 'type-graphql'
import { IdOf, Input, Text, type TextRules } from '../../api/input'

const REPLACEMENT: TextRules = {
  description:
    'A longer password, at least 15 characters: asked for when the last second factor goes and the password was set under the rule of 8.',
  max: 1_024,
  verbatim: true,
  optional: true,
}

const PASSKEY_NAME: TextRules = { description: 'What to call it, e.g. `Laptop`.', min: 1, max: 100 }

@Input('ConfirmTotpInput', 'The proof that the authenticator app is set up.')
export class ConfirmTotpInput {
  @IdOf('challenge', 'The challenge that `startTotp` answered.')
  challengeId!: string

  @Text({ description: 'The six digits that the app shows now.', min: 1, max: 16 })
  code!: string
}

@Input('RegisterPasskeyInput', 'A new passkey.')
export class RegisterPasskeyInput {
  @IdOf('challenge', 'The challenge that `startPasskeyRegistration` answered.')
  challengeId!: string

  @Field(() => GraphQLJSONObject, {
    description: 'What the authenticator answered, as `PublicKeyCredential.toJSON()` gives it.',
  })
  passkey!: object

  @Text({ ...PASSKEY_NAME, optional: true })
  name?: string
}

@Input('RenamePasskeyInput', 'A new name for a passkey.')
export class RenamePasskeyInput {
  @IdOf('passkey', 'Which passkey.')
  passkeyId!: string

  @Text(PASSKEY_NAME)
  name!: string
}

@Input('RemovePasskeyInput', 'Which passkey goes.')
export class RemovePasskeyInput {
  @IdOf('passkey', 'Which passkey.')
  passkeyId!: string

  @Text(REPLACEMENT)
  newPassword?: string
}

@Input('RemoveTotpInput', 'That the authenticator app goes.')
export class RemoveTotpInput {
  @Text(REPLACEMENT)
  newPassword?: string
}

@Input('RemoveEmailCodeInput', 'That codes by mail are not asked for any more.')
export class RemoveEmailCodeInput {
  @Text(REPLACEMENT)
  newPassword?: string
}
