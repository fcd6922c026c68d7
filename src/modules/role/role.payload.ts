import { ID } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { UserType } from '../user/user.type'
import { RoleType } from './role.type'

@Type('CreateRolePayload', 'The answer of `createRole`.')
export class CreateRolePayload extends MutationPayload {
  @Shown(() => RoleType, 'The new role.', true)
  role?: RoleType
}

@Type('UpdateRolePayload', 'The answer of `updateRole`.')
export class UpdateRolePayload extends MutationPayload {
  @Shown(() => RoleType, 'The role as it is now.', true)
  role?: RoleType
}

@Type('DeleteRolePayload', 'The answer of `deleteRole`.')
export class DeleteRolePayload extends MutationPayload {
  @Shown(() => ID, 'The id of the role that is gone.', true)
  deletedRoleId?: string
}

@Type('GrantRolePayload', 'The answer of `grantRole`.')
export class GrantRolePayload extends MutationPayload {
  @Shown(() => UserType, 'Who got the role.', true)
  user?: UserType
}

@Type('RevokeRolePayload', 'The answer of `revokeRole`.')
export class RevokeRolePayload extends MutationPayload {
  @Shown(() => UserType, 'Who lost the role.', true)
  user?: UserType
}
