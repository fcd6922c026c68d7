import { IdOf, Input, Text } from '../../api/input'
import { MAX_NUMBER_LENGTH } from './phone-number'

@Input('AddPhoneInput', 'A phone number to add.')
export class AddPhoneInput {
  @Text({
    description:
      'The number, where a code is sent: with the code of its country, like `+43 660 1234567`, or as people in `country` dial it.',
    max: MAX_NUMBER_LENGTH,
  })
  number!: string

  @Text({
    description:
      'The country of a number that is written without its code, as two letters (ISO 3166-1), like `AT`. It is of no matter for one that begins with `+`.',
    max: 2,
    optional: true,
    pattern: { matches: /^[a-z]{2}$/i, says: 'Write its two letters (ISO 3166-1), like AT.' },
  })
  country?: string
}

@Input('ConfirmPhoneInput', 'The proof that a phone number is yours.')
export class ConfirmPhoneInput {
  @IdOf('challenge', 'The challenge that `addPhone` answered.')
  challengeId!: string

  @Text({ description: 'The code from the text message.', min: 1, max: 32 })
  code!: string
}

@Input('MakePhonePrimaryInput', 'Which phone number is to be the primary one.')
export class MakePhonePrimaryInput {
  @IdOf('phone', 'Which number.')
  phoneId!: string
}

@Input('RemovePhoneInput', 'Which phone number goes.')
export class RemovePhoneInput {
  @IdOf('phone', 'Which number.')
  phoneId!: string
}
