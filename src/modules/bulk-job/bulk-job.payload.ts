import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { BulkJobType } from './bulk-job.type'

/** What the bulk forms answer. */
@Type('BulkJobPayload', 'The answer of a bulk form.')
abstract class BulkJobPayload extends MutationPayload {
  @Shown(() => BulkJobType, 'The job; follow it with `bulkJobChanged`.', true)
  bulkJob?: BulkJobType
}

@Type('SuspendUsersPayload', 'The answer of `suspendUsers`.')
export class SuspendUsersPayload extends BulkJobPayload {}

@Type('ReinstateUsersPayload', 'The answer of `reinstateUsers`.')
export class ReinstateUsersPayload extends BulkJobPayload {}

@Type('RequirePasswordResetsPayload', 'The answer of `requirePasswordResets`.')
export class RequirePasswordResetsPayload extends BulkJobPayload {}

@Type('EndSessionsOfUsersPayload', 'The answer of `endSessionsOfUsers`.')
export class EndSessionsOfUsersPayload extends BulkJobPayload {}

@Type('ResendInvitationsPayload', 'The answer of `resendInvitations`.')
export class ResendInvitationsPayload extends BulkJobPayload {}

@Type('GrantRoleToUsersPayload', 'The answer of `grantRoleToUsers`.')
export class GrantRoleToUsersPayload extends BulkJobPayload {}

@Type('RevokeRoleFromUsersPayload', 'The answer of `revokeRoleFromUsers`.')
export class RevokeRoleFromUsersPayload extends BulkJobPayload {}

@Type('AddGroupMembersPayload', 'The answer of `addGroupMembers`.')
export class AddGroupMembersPayload extends BulkJobPayload {}

@Type('RemoveGroupMembersPayload', 'The answer of `removeGroupMembers`.')
export class RemoveGroupMembersPayload extends BulkJobPayload {}

@Type('CancelBulkJobPayload', 'The answer of `cancelBulkJob`.')
export class CancelBulkJobPayload extends MutationPayload {
  @Shown(() => BulkJobType, 'The job as it is now.', true)
  bulkJob?: BulkJobType
}
