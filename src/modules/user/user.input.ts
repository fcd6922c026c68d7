import { ExpectedVersion, Input, Text, type TextRules } from '../../api/input'

export const DISPLAY_NAME = {
  description: 'How you want to be called.',
  max: 80,
} as const satisfies TextRules

@Input('UpdateProfileInput', "What to change in one's own profile; what is left out stays.")
export class UpdateProfileInput {
  @Text({ ...DISPLAY_NAME, optional: 'stays' })
  displayName?: string

  @Text({
    description: 'What you tell about yourself; null or an empty text removes it.',
    max: 500,
    multiline: true,
    optional: 'removable',
  })
  bio?: string | null

  @Text({
    description: 'The language to speak, a BCP 47 tag such as `en` or `pt-BR`.',
    max: 35,
    min: 2,
    optional: 'stays',
  })
  locale?: string

  @Text({ description: 'An IANA time zone such as `Europe/Berlin`.', max: 64, optional: 'stays' })
  timeZone?: string

  @ExpectedVersion()
  expectedVersion?: number
}
