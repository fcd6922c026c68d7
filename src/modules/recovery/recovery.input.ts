import { IdOf, Input, Text, type TextRules } from '../../api/input'
import { MailProofInput } from '../authentication/authentication.input'
import { MAX_ADDRESS_LENGTH } from '../email/email-address'

const TOKEN: TextRules = { description: 'The secret in the link of the mail.', min: 1, max: 100 }

@Input('ChangeEmailInput', 'Another e-mail address.')
export class ChangeEmailInput {
  @Text({ description: 'The new address, where a link and a code are sent.', max: MAX_ADDRESS_LENGTH })
  email!: string
}

@Input(
  'ConfirmEmailChangeInput',
  'The proof that the new address is yours: the `token` of the link in the mail, or its `code` with the challenge.',
)
export class ConfirmEmailChangeInput extends MailProofInput {}

@Input('AddEmailInput', 'A further e-mail address.')
export class AddEmailInput {
  @Text({ description: 'The address, where a code is sent.', max: MAX_ADDRESS_LENGTH })
  email!: string
}

@Input('ConfirmEmailInput', 'The proof that a further address is yours.')
export class ConfirmEmailInput {
  @IdOf('challenge', 'The challenge that `addEmail` answered.')
  challengeId!: string

  @Text({ description: 'The code from the mail.', min: 1, max: 32 })
  code!: string
}

@Input('MakeEmailPrimaryInput', 'Which address is to be the primary one.')
export class MakeEmailPrimaryInput {
  @IdOf('email', 'Which of your addresses.')
  emailId!: string
}

@Input('RemoveEmailInput', 'Which address goes.')
export class RemoveEmailInput {
  @IdOf('email', 'Which of your addresses; not the primary one.')
  emailId!: string
}

@Input('UndoEmailChangeInput', 'The proof that the old address is yours.')
export class UndoEmailChangeInput {
  @Text(TOKEN)
  token!: string
}

@Input(
  'DisownSecurityEventInput',
  'What was not you: an event of your security inbox, or the one that a mail has told you of.',
)
export class DisownSecurityEventInput {
  @IdOf('event', 'The event; of your own, so you have to be signed in.', { optional: true })
  eventId?: string

  @Text({ ...TOKEN, optional: true })
  token?: string
}
