import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { ChallengeType } from '../challenge/challenge.type'
import { UserType } from '../user/user.type'

@Type('AddPhonePayload', 'The answer of `addPhone`.')
export class AddPhonePayload extends MutationPayload {
  @Shown(() => ChallengeType, 'What waits for the code from the text message.', true)
  challenge?: ChallengeType
}

/** What every change of phone numbers answers. */
@Type('PhonesPayload', 'The answer to a change of phone numbers.')
abstract class PhonesPayload extends MutationPayload {
  @Shown(() => UserType, 'You, whose `phones` shows what is yours now.', true)
  user?: UserType
}

@Type('ConfirmPhonePayload', 'The answer of `confirmPhone`.')
export class ConfirmPhonePayload extends PhonesPayload {}

@Type('MakePhonePrimaryPayload', 'The answer of `makePhonePrimary`.')
export class MakePhonePrimaryPayload extends PhonesPayload {}

@Type('RemovePhonePayload', 'The answer of `removePhone`.')
export class RemovePhonePayload extends PhonesPayload {}
