import { ArgsType, Field, Int } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'
import { ContentFilterDraftInput } from '../content-filter/content-filter.input'
import { CaseStatus } from '../moderation-case/case-status'
import type { ModerationCaseFilter } from '../moderation-case/moderation-case.service'
import { ReportReason } from '../moderation-case/report-reason'
import { ModerationAction } from '../moderation-decision/moderation-action'

const NOTE: TextRules = {
  description: 'For other moderators; the author does not see it.',
  max: 2_000,
  multiline: true,
  optional: true,
}
const MESSAGE: TextRules = {
  description:
    'The facts, and why they break the rule, in words for the author, who is told. For all but `DISMISS`.',
  max: 2_000,
  multiline: true,
  optional: true,
}
const OTHERS_CASE = 'A case about what somebody else has written.'

@Input('ReportContentInput', 'What is wrong with something that somebody else has written.')
export class ReportContentInput {
  @IdOf(['post', 'comment', 'message'], 'The post, comment or private message.')
  subjectId!: string

  @Field(() => ReportReason, { description: 'What is wrong with it.' })
  reason!: ReportReason

  @Text({ ...NOTE, description: 'More about it, for moderators.', max: 1_000 })
  note?: string
}

@Input('ClaimModerationCaseInput', 'Which case to take.')
export class ClaimModerationCaseInput {
  @IdOf('moderation_case', `${OTHERS_CASE} Leave it out for the most urgent that nobody has.`, {
    optional: true,
  })
  caseId?: string
}

@Input('ReleaseModerationCaseInput', 'Which case to give back.')
export class ReleaseModerationCaseInput {
  @IdOf('moderation_case', OTHERS_CASE)
  caseId!: string
}

@Input('DecisionTerms', 'What is decided, and why.')
export abstract class DecisionTerms {
  @Field(() => ModerationAction, { description: 'What is decided.' })
  action!: ModerationAction

  @Text({
    description: 'The rule, or the law, that is broken, in words for the author. For all but `DISMISS`.',
    max: 200,
    optional: true,
  })
  rule?: string

  @Text(NOTE)
  note?: string

  @Text(MESSAGE)
  messageToAuthor?: string

  @Field(() => Date, {
    nullable: true,
    description:
      'When it ends by itself: needed for `SILENCE`; for `SUSPEND` where nothing is said, when somebody ends it.',
  })
  until?: Date | null
}

@Input('ResolveModerationCaseInput', 'What is decided, and why.')
export class ResolveModerationCaseInput extends DecisionTerms {
  @IdOf('moderation_case', OTHERS_CASE)
  caseId!: string

  @ExpectedVersion('leave it out to decide regardless, but where what waits goes to its readers')
  expectedVersion?: number
}

@Input('ModerateContentInput', 'What is decided about something that nobody need have reported, and why.')
export class ModerateContentInput extends DecisionTerms {
  @IdOf(['post', 'comment'], 'The post or comment of somebody else.')
  subjectId!: string
}

@Input('ReverseModerationActionInput', 'Which decision to take back.')
export class ReverseModerationActionInput {
  @IdOf('moderation_decision', 'A decision against somebody else.')
  decisionId!: string

  @Text({ ...MESSAGE, description: 'Why, in words for the author, who is told.' })
  note?: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('TriedContentFilterInput', 'A filter to try: one that is kept, or a draft of one; not both.')
export class TriedContentFilterInput {
  @IdOf('content_filter', 'The filter, be it switched on or off.', { optional: true })
  contentFilterId?: string

  @Field(() => ContentFilterDraftInput, { nullable: true, description: 'What it would look for.' })
  draft?: ContentFilterDraftInput | null
}

@Input('TestContentFilterInput', 'Which filter to try, on how much.')
export class TestContentFilterInput {
  @Field(() => TriedContentFilterInput, { description: 'Which filter.' })
  filter!: TriedContentFilterInput

  @Field(() => Int, {
    defaultValue: 1_000,
    description: 'On how many posts and comments, the newest of each: 1 to 10000.',
  })
  newest!: number
}

@Input('ModerationCaseFilter', 'Which cases to list; conditions add up.')
export class ModerationCaseFilterInput implements ModerationCaseFilter {
  @Field(() => CaseStatus, {
    nullable: true,
    description: 'Only cases that stand so; open ones where nothing is said.',
  })
  status?: CaseStatus

  @Field(() => ReportReason, {
    nullable: true,
    description: 'Only those that somebody has reported for this.',
  })
  reason?: ReportReason

  @Field(() => Boolean, {
    nullable: true,
    description: 'Only those that you have claimed; or, if false, only the others.',
  })
  claimedByMe?: boolean

  @Field(() => Boolean, {
    nullable: true,
    description: 'Only those in which a filter has found something; or, if false, only the others.',
  })
  foundByFilter?: boolean
}

@ArgsType()
export class ModerationCaseArguments extends PageArguments {
  @Field(() => ModerationCaseFilterInput, { nullable: true, description: 'Which cases to list.' })
  filter?: ModerationCaseFilterInput
}
