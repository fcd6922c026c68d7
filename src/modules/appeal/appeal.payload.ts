import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { AppealType } from './appeal.type'

@Type('AppealModerationDecisionPayload', 'The answer of `appealModerationDecision`.')
export class AppealModerationDecisionPayload extends MutationPayload {
  @Shown(() => AppealType, 'Your appeal, which waits for an answer.', true)
  appeal?: AppealType
}

@Type('AppealByMailPayload', 'The answer of `appealByMail`.')
export class AppealByMailPayload extends MutationPayload {}

@Type('DecideAppealPayload', 'The answer of `decideAppeal`.')
export class DecideAppealPayload extends MutationPayload {
  @Shown(() => AppealType, 'The appeal, decided.', true)
  appeal?: AppealType
}
