import { Int } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { ModerationDecisionType } from '../moderation-decision/moderation-decision.type'
import { ContentFilterSampleType, ModerationCaseType, ReportType } from './moderation.type'

@Type('ReportContentPayload', 'The answer of `reportContent`.')
export class ReportContentPayload extends MutationPayload {
  @Shown(() => ReportType, 'Your report; the first, where you had reported it before.', true)
  report?: ReportType
}

@Type('ClaimModerationCasePayload', 'The answer of `claimModerationCase`.')
export class ClaimModerationCasePayload extends MutationPayload {
  @Shown(() => ModerationCaseType, 'The case, which is yours for half an hour; null where none waits.', true)
  moderationCase?: ModerationCaseType
}

@Type('ReleaseModerationCasePayload', 'The answer of `releaseModerationCase`.')
export class ReleaseModerationCasePayload extends MutationPayload {
  @Shown(() => ModerationCaseType, 'The case, which others can take.', true)
  moderationCase?: ModerationCaseType
}

@Type('ResolveModerationCasePayload', 'The answer of `resolveModerationCase`.')
export class ResolveModerationCasePayload extends MutationPayload {
  @Shown(() => ModerationCaseType, 'The case, decided.', true)
  moderationCase?: ModerationCaseType
}

@Type('ModerateContentPayload', 'The answer of `moderateContent`.')
export class ModerateContentPayload extends MutationPayload {
  @Shown(() => ModerationCaseType, 'The case, decided.', true)
  moderationCase?: ModerationCaseType
}

@Type('ReverseModerationActionPayload', 'The answer of `reverseModerationAction`.')
export class ReverseModerationActionPayload extends MutationPayload {
  @Shown(() => ModerationDecisionType, 'The decision, which does not hold any more.', true)
  decision?: ModerationDecisionType
}

@Type('TestContentFilterPayload', 'The answer of `testContentFilter`.')
export class TestContentFilterPayload extends MutationPayload {
  @Shown(() => Int, 'How many posts and comments were looked at.', true)
  checkedCount?: number

  @Shown(() => Int, 'In how many of them the filter finds something.', true)
  matchedCount?: number

  @Shown(() => Boolean, 'Whether all was looked at that was asked for; a test ends after five seconds.', true)
  isComplete?: boolean

  @Shown(() => [ContentFilterSampleType], 'Some of what it finds, 20 at most.', true)
  samples?: ContentFilterSampleType[]
}
