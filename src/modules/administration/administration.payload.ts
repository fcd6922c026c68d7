import { Int } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { UserType } from '../user/user.type'

/** What the actions on a person answer. */
@Type('PersonPayload', 'The answer of an action on a person.')
abstract class PersonPayload extends MutationPayload {
  @Shown(() => UserType, 'The person as they are now.', true)
  user?: UserType
}

@Type('SuspendUserPayload', 'The answer of `suspendUser`.')
export class SuspendUserPayload extends PersonPayload {}

@Type('ReinstateUserPayload', 'The answer of `reinstateUser`.')
export class ReinstateUserPayload extends PersonPayload {}

@Type('CreateUserPayload', 'The answer of `createUser`.')
export class CreateUserPayload extends PersonPayload {}

@Type('ResendInvitationPayload', 'The answer of `resendInvitation`.')
export class ResendInvitationPayload extends PersonPayload {}

@Type('UpdateUserPayload', 'The answer of `updateUser`.')
export class UpdateUserPayload extends PersonPayload {}

@Type('EndUserSessionsPayload', 'The answer of `endUserSessions`.')
export class EndUserSessionsPayload extends PersonPayload {
  @Shown(() => Int, 'How many sessions were ended.', true)
  endedCount?: number
}

@Type('VerifyEmailPayload', 'The answer of `verifyEmail`.')
export class VerifyEmailPayload extends PersonPayload {}
