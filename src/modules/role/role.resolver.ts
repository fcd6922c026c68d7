import { Ctx, Query, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { toGlobalId } from '../../core/id'
import { PERMISSIONS } from '../../core/permission'
import { CreateRoleInput, DeleteRoleInput, UpdateRoleInput } from './role.input'
import { roleById, type RoleRow } from './role.loader'
import { CreateRolePayload, DeleteRolePayload, UpdateRolePayload } from './role.payload'
import { RoleService } from './role.service'
import { PermissionType, RoleType } from './role.type'

defineNode('role', 'Role', (context, id) => context.load(roleById, id))

@Resolver(() => RoleType)
export class RoleResolver {
  @Query(() => [RoleType], {
    nullable: true,
    description: 'All roles, the oldest first. Needs `roles:read`.',
  })
  roles(@Ctx() context: Context): Promise<RoleRow[]> {
    return context.use(RoleService).list()
  }

  @Query(() => [PermissionType], {
    nullable: true,
    description: 'Everything that a role can allow. Needs `roles:read`.',
  })
  permissions(): PermissionType[] {
    return Object.entries(PERMISSIONS).map(([name, description]) => ({
      name: name as PermissionType['name'],
      description,
    }))
  }

  @Action(() => CreateRolePayload, {
    description: 'Makes a role of permissions that you hold. Needs `roles:write`.',
  })
  async createRole(@Ctx() context: Context, @InputArgument(() => CreateRoleInput) input: CreateRoleInput) {
    return done({ role: await context.use(RoleService).create(input) })
  }

  @Action(() => UpdateRolePayload, {
    description: 'Changes a role; its holders have the new permissions at once. Needs `roles:write`.',
  })
  async updateRole(@Ctx() context: Context, @InputArgument(() => UpdateRoleInput) input: UpdateRoleInput) {
    return done({ role: await context.use(RoleService).update(input) })
  }

  @Action(() => DeleteRolePayload, {
    description: 'Deletes a role and takes it from everybody. Needs `roles:write`.',
  })
  async deleteRole(@Ctx() context: Context, @InputArgument(() => DeleteRoleInput) input: DeleteRoleInput) {
    return done({ deletedRoleId: toGlobalId('role', await context.use(RoleService).delete(input.roleId)) })
  }
}
