import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'
import type { AppealFilter } from './appeal.repository'
import { AppealStatus } from './appeal-status'

const REASONS: TextRules = { description: 'Why, in your words.', max: 5_000, multiline: true }

@Input('AppealModerationDecisionInput', 'Which decision is wrong, and why.')
export class AppealModerationDecisionInput {
  @IdOf('moderation_decision', 'A decision against you.')
  decisionId!: string

  @Text(REASONS)
  text!: string
}

@Input('AppealByMailInput', 'Of which mail the decision is wrong, and why.')
export class AppealByMailInput {
  @Text({ description: 'The secret in the link of the mail.', min: 1, max: 100 })
  token!: string

  @Text(REASONS)
  text!: string
}

@Input('DecideAppealInput', 'What comes of an appeal, and why.')
export class DecideAppealInput {
  @IdOf('appeal', 'An appeal against what somebody else has decided.')
  appealId!: string

  @Field(() => Boolean, { description: 'Whether the decision stays; or else it is taken back.' })
  uphold!: boolean

  @Text({ description: 'Why, in words for the person, who is told.', max: 2_000, multiline: true })
  note!: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('AppealFilter', 'Which appeals to list.')
export class AppealFilterInput implements AppealFilter {
  @Field(() => AppealStatus, {
    nullable: true,
    description: 'Only appeals that stand so; open ones where nothing is said.',
  })
  status?: AppealStatus
}

@ArgsType()
export class AppealArguments extends PageArguments {
  @Field(() => AppealFilterInput, { nullable: true, description: 'Which appeals to list.' })
  filter?: AppealFilterInput
}
