import { ID } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { GroupType } from './group.type'

@Type('CreateGroupPayload', 'The answer of `createGroup`.')
export class CreateGroupPayload extends MutationPayload {
  @Shown(() => GroupType, 'The new group.', true)
  group?: GroupType
}

@Type('UpdateGroupPayload', 'The answer of `updateGroup`.')
export class UpdateGroupPayload extends MutationPayload {
  @Shown(() => GroupType, 'The group as it is now.', true)
  group?: GroupType
}

@Type('DeleteGroupPayload', 'The answer of `deleteGroup`.')
export class DeleteGroupPayload extends MutationPayload {
  @Shown(() => ID, 'The id of the group that is gone.', true)
  deletedGroupId?: string
}

@Type('AddGroupMemberPayload', 'The answer of `addGroupMember`.')
export class AddGroupMemberPayload extends MutationPayload {
  @Shown(() => GroupType, 'The group.', true)
  group?: GroupType
}

@Type('RemoveGroupMemberPayload', 'The answer of `removeGroupMember`.')
export class RemoveGroupMemberPayload extends MutationPayload {
  @Shown(() => GroupType, 'The group.', true)
  group?: GroupType
}
