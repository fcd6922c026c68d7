import { Field } from 'type-graphql'
import { ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'
import { MAX_ADDRESS_LENGTH } from '../email/email-address'
import { BIO, DISPLAY_NAME, LOCALE, TIME_ZONE, USERNAME } from '../user/user.input'

const NOT_ABOVE = 'The person; not somebody who may do what you may not.'

const REASON: TextRules = {
  description: 'Why, in words for the person, who is told.',
  max: 500,
  multiline: true,
}

const NAME = { ...DISPLAY_NAME, description: 'How the person wants to be called.' } as const

@Input('SuspensionTerms', 'Why to suspend, and until when.')
export abstract class SuspensionTerms {
  @Text(REASON)
  reason!: string

  @Field(() => Date, {
    nullable: true,
    description: 'When it ends by itself; where nothing is said, when somebody reinstates the person.',
  })
  until?: Date | null
}

@Input('SuspendUserInput', 'Whom to suspend, why, and until when.')
export class SuspendUserInput extends SuspensionTerms {
  @IdOf('user', `${NOT_ABOVE} Nor yourself.`)
  userId!: string
}

@Input('ReinstateUserInput', 'Whose suspension to end.')
export class ReinstateUserInput {
  @IdOf('user', NOT_ABOVE)
  userId!: string
}

@Input('CreateUserInput', 'For whom to make an account.')
export class CreateUserInput {
  @Text(USERNAME)
  username!: string

  @Text({ description: 'Where the invitation is sent.', max: MAX_ADDRESS_LENGTH })
  email!: string

  @Text(NAME)
  displayName!: string

  @Text(LOCALE)
  locale!: string

  @IdOf('role', 'Roles besides `user`, of which you hold every permission. Needs `roles:grant`.', {
    optional: true,
    list: { max: 20 },
  })
  roleIds?: string[]
}

@Input('ResendInvitationInput', 'Whom to invite again.')
export class ResendInvitationInput {
  @IdOf('user', 'Somebody who has not taken up their account.')
  userId!: string
}

@Input('UpdateUserInput', "What to change in somebody's profile; what is left out stays.")
export class UpdateUserInput {
  @IdOf('user', NOT_ABOVE)
  userId!: string

  @Text({ ...NAME, optional: 'stays' })
  displayName?: string

  @Text({ ...BIO, description: 'What the person tells about themselves; null or an empty text removes it.' })
  bio?: string | null

  @Text({ ...LOCALE, optional: 'stays' })
  locale?: string

  @Text({ ...TIME_ZONE, optional: 'stays' })
  timeZone?: string

  @Text({ ...USERNAME, optional: 'stays' })
  username?: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('EndingTerms', 'Why to end sessions.')
export abstract class EndingTerms {
  @Text({ ...REASON, optional: true })
  reason?: string
}

@Input('EndUserSessionsInput', 'Whose sessions to end, and why.')
export class EndUserSessionsInput extends EndingTerms {
  @IdOf('user', NOT_ABOVE)
  userId!: string
}

@Input('VerifyEmailInput', 'Which e-mail address to verify.')
export class VerifyEmailInput {
  @IdOf('email', 'An address of somebody who is not above you; not one of your own.')
  emailId!: string
}
