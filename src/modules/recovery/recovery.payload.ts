import { Int } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { ChallengeType } from '../challenge/challenge.type'
import { UserType } from '../user/user.type'

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

@Type('AddEmailPayload', 'The answer of `addEmail`: the same whether or not somebody else has the address.')
export class AddEmailPayload extends MutationPayload {
  @Shown(() => ChallengeType, 'What waits for the code from the mail.', true)
  challenge?: ChallengeType
}

/** What every change of one's addresses answers. */
@Type('EmailsPayload', 'The answer to a change of e-mail addresses.')
abstract class EmailsPayload extends MutationPayload {
  @Shown(() => UserType, 'You, whose `emails` shows what is yours now.', true)
  user?: UserType
}

@Type('ConfirmEmailPayload', 'The answer of `confirmEmail`.')
export class ConfirmEmailPayload extends EmailsPayload {}

@Type('MakeEmailPrimaryPayload', 'The answer of `makeEmailPrimary`.')
export class MakeEmailPrimaryPayload extends EmailsPayload {
  @Shown(() => Int, 'How many other sessions were ended.', true)
  endedCount?: number
}

@Type('RemoveEmailPayload', 'The answer of `removeEmail`.')
export class RemoveEmailPayload extends EmailsPayload {}

@Type('UndoEmailChangePayload', 'The answer of `undoEmailChange`.')
export class UndoEmailChangePayload extends MutationPayload {}

@Type('DisownSecurityEventPayload', 'The answer of `disownSecurityEvent`.')
export class DisownSecurityEventPayload extends MutationPayload {}
