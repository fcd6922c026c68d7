import { ExpectedVersion, Input, Text, type TextRules } from '../../api/input'
import { MAX_USERNAME_LENGTH, USERNAME_PATTERN } from './username'

export const USERNAME = {
  description: 'The unique public name; stored in lower case.',
  min: 3,
  max: MAX_USERNAME_LENGTH,
  pattern: USERNAME_PATTERN,
} as const satisfies TextRules

export const DISPLAY_NAME = {
  description: 'How you want to be called.',
  max: 80,
} as const satisfies TextRules

export const BIO = {
  description: 'What you tell about yourself; null or an empty text removes it.',
  max: 500,
  multiline: true,
  optional: 'removable',
} as const satisfies TextRules

export const LOCALE = {
  description: 'The language to speak, a BCP 47 tag such as `en` or `pt-BR`.',
  max: 35,
  min: 2,
} as const satisfies TextRules

export const TIME_ZONE = {
  description: 'An IANA time zone such as `Europe/Berlin`.',
  max: 64,
} as const satisfies TextRules

@Input('UpdateProfileInput', "What to change in one's own profile; what is left out stays.")
export class UpdateProfileInput {
  @Text({ ...DISPLAY_NAME, optional: 'stays' })
  displayName?: string

  @Text(BIO)
  bio?: string | null

  @Text({ ...LOCALE, optional: 'stays' })
  locale?: string

  @Text({ ...TIME_ZONE, optional: 'stays' })
  timeZone?: string

  @ExpectedVersion()
  expectedVersion?: number
}
