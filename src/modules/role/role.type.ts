import { Int } from 'type-graphql'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import type { Permission as PermissionName } from '../../core/permission'
import type { RoleRow } from './role.repository'

@Type('Role', 'A named set of permissions. Visible to its holders and to holders of `roles:read`.', {
  implements: Node,
})
export class RoleType implements RoleRow {
  @GlobalId('role')
  id!: string

  @Shown(() => String, 'The short name, unique without regard to case.')
  name!: string

  @Shown(() => String, 'What the role is for.')
  description!: string

  @Shown(() => [String], 'What its holders may do; `permissions` explains the words.')
  permissions!: PermissionName[]

  @Shown(
    () => Boolean,
    'Whether it gives its permissions to those requests alone that say why, in the header `Access-Reason`.',
  )
  requiresReason!: boolean

  @Shown(() => Boolean, 'Whether every installation has it; such a role cannot be changed.')
  isBuiltIn!: boolean

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

@Type('Permission', 'Something that a role can allow.')
export class PermissionType {
  @Shown(() => String, 'The word for it, such as `posts:moderate`.')
  name!: PermissionName

  @Shown(() => String, 'What it allows.')
  description!: string
}
