import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { toGlobalId, type Id } from '../../core/id'
import { PERMISSIONS } from '../../core/permission'
import { userById } from '../user/user.loader'
import type { UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  CreateRoleInput,
  DeleteRoleInput,
  GrantRoleInput,
  RevokeRoleInput,
  UpdateRoleInput,
} from './role.input'
import { roleById, rolesByUser } from './role.loader'
import {
  CreateRolePayload,
  DeleteRolePayload,
  GrantRolePayload,
  RevokeRolePayload,
  UpdateRolePayload,
} from './role.payload'
import type { HeldRole, RoleRow } from './role.repository'
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

  @Action(() => GrantRolePayload, {
    description:
      "Grants a role of which you hold every permission; it works from the person's next request on. Needs `roles:grant`.",
  })
  async grantRole(@Ctx() context: Context, @InputArgument(() => GrantRoleInput) input: GrantRoleInput) {
    return done({ user: await this.person(context, await context.use(RoleService).grant(input)) })
  }

  @Action(() => RevokeRolePayload, {
    description: "Takes a role from somebody; it is gone at the person's next request. Needs `roles:grant`.",
  })
  async revokeRole(@Ctx() context: Context, @InputArgument(() => RevokeRoleInput) input: RevokeRoleInput) {
    return done({ user: await this.person(context, await context.use(RoleService).revoke(input)) })
  }

  private person(context: Context, userId: Id): Promise<UserRow | null> {
    context.forget(rolesByUser, userId)
    return context.load(userById, userId)
  }
}

@Resolver(() => UserType)
export class UserRolesResolver {
  @FieldResolver(() => [RoleType], {
    nullable: true,
    description: 'The roles held at this moment. Self, or `roles:read`.',
  })
  roles(@Ctx() context: Context, @Root() user: UserRow): Promise<HeldRole[]> {
    return context.load(rolesByUser, user.id)
  }

  @FieldResolver(() => [String], {
    nullable: true,
    description:
      'All that the roles held at this moment allow, in alphabetical order. Self, or `roles:read`.',
  })
  async permissions(@Ctx() context: Context, @Root() user: UserRow): Promise<string[]> {
    const roles = await context.load(rolesByUser, user.id)
    return [...new Set(roles.flatMap((role) => role.permissions))].sort()
  }
}
