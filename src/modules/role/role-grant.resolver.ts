import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import type { Id } from '../../core/id'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { grantReason, grantsByUser, type RoleGrantRow } from './role-grant.loader'
import { RoleGrantService } from './role-grant.service'
import { RoleGrantConnection, RoleGrantType } from './role-grant.type'
import { GrantRoleInput, RevokeRoleInput } from './role.input'
import { roleById, type RoleRow } from './role.loader'
import { GrantRolePayload, RevokeRolePayload } from './role.payload'
import { RoleType } from './role.type'

@Resolver(() => RoleGrantType)
export class RoleGrantResolver {
  @Action(() => GrantRolePayload, {
    description:
      "Grants a role of which you hold every permission, over everybody or over the members of a group; it works from the person's next request on. Needs `roles:grant`.",
  })
  async grantRole(@Ctx() context: Context, @InputArgument(() => GrantRoleInput) input: GrantRoleInput) {
    return done({ user: await this.person(context, await context.use(RoleGrantService).grant(input)) })
  }

  @Action(() => RevokeRolePayload, {
    description: "Takes a role from somebody; it is gone at the person's next request. Needs `roles:grant`.",
  })
  async revokeRole(@Ctx() context: Context, @InputArgument(() => RevokeRoleInput) input: RevokeRoleInput) {
    return done({ user: await this.person(context, await context.use(RoleGrantService).revoke(input)) })
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who holds it.' })
  user(@Ctx() context: Context, @Root() grant: RoleGrantRow): Promise<UserRow | null> {
    return context.load(userById, grant.userId)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why it was granted, where whoever did said so.',
  })
  reason(@Ctx() context: Context, @Root() grant: RoleGrantRow): Promise<string | null> {
    return context.load(grantReason, grant)
  }

  @FieldResolver(() => RoleType, { nullable: true, description: 'The role.' })
  role(@Ctx() context: Context, @Root() grant: RoleGrantRow): Promise<RoleRow | null> {
    return context.load(roleById, grant.roleId)
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who granted it; null for Portico itself.',
  })
  async grantedBy(@Ctx() context: Context, @Root() { grantedById }: RoleGrantRow): Promise<UserRow | null> {
    return grantedById === null ? null : context.load(userById, grantedById)
  }

  private person(context: Context, userId: Id): Promise<UserRow | null> {
    context.forget(grantsByUser, userId)
    return context.load(userById, userId)
  }
}

@Resolver(() => RoleType)
export class RoleMembersResolver {
  @FieldResolver(() => RoleGrantConnection, {
    nullable: true,
    description: 'Who holds the role at this moment, the oldest grant first. Needs `roles:read`.',
  })
  async members(
    @Ctx() context: Context,
    @Root() { id }: RoleRow,
    @Args() page: PageArguments,
  ): Promise<Connection<RoleGrantRow>> {
    const grants = context.use(RoleGrantService)
    return toConnection(await grants.listByRole(id, page), () => grants.countByRole(id))
  }
}

@Resolver(() => UserType)
export class UserGrantsResolver {
  @FieldResolver(() => [RoleGrantType], {
    nullable: true,
    description: 'Which roles are held at this moment, over whom and until when. Self, or `roles:read`.',
  })
  roleGrants(@Ctx() context: Context, @Root() user: UserRow): Promise<RoleGrantRow[]> {
    return context.load(grantsByUser, user.id)
  }

  @FieldResolver(() => [RoleType], {
    nullable: true,
    description:
      'The roles held at this moment, over everybody or over a group; `roleGrants` says which. Self, or `roles:read`.',
  })
  roles(@Ctx() context: Context, @Root() user: UserRow): Promise<RoleRow[]> {
    return rolesOf(context, user, () => true)
  }

  @FieldResolver(() => [String], {
    nullable: true,
    description:
      'All that the roles held at this moment allow over everybody, in alphabetical order. Self, or `roles:read`.',
  })
  async permissions(@Ctx() context: Context, @Root() user: UserRow): Promise<string[]> {
    const roles = await rolesOf(context, user, ({ groupId }) => groupId === null)
    return [...new Set(roles.flatMap((role) => role.permissions))].sort()
  }
}

async function rolesOf(
  context: Context,
  user: UserRow,
  counts: (grant: RoleGrantRow) => boolean,
): Promise<RoleRow[]> {
  const grants = (await context.load(grantsByUser, user.id)).filter(counts)
  const ids = [...new Set(grants.map(({ roleId }) => roleId))]
  const roles = await Promise.all(ids.map((id) => context.load(roleById, id)))
  return roles.filter((role) => role !== null)
}
