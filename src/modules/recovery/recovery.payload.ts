import { Int } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { ChallengeType } from '../challenge/challenge.type'

@Type(
  'ChangeEmailPayload',
  'The answer of `changeEmail`: the same whether or not somebody else has the address.',
)
export class ChangeEmailPayload extends MutationPayload {
  @Shown(() => ChallengeType, 'What waits for the proof from the mail.', true)
  challenge?: ChallengeType
}

@Type('ConfirmEmailChangePayload', 'The answer of `confirmEmailChange`.')
export class ConfirmEmailChangePayload extends MutationPayload {
  @Shown(() => Int, 'How many other sessions were ended.', true)
  endedCount?: number
}

@Type('UndoEmailChangePayload', 'The answer of `undoEmailChange`.')
export class UndoEmailChangePayload extends MutationPayload {}

@Type('DisownSecurityEventPayload', 'The answer of `disownSecurityEvent`.')
export class DisownSecurityEventPayload extends MutationPayload {}
