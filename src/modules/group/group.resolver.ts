import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { toGlobalId } from '../../core/id'
import { RoleGrantType } from '../role/role-grant.type'
import type { RoleGrantRow } from '../role/role-grant.loader'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  AddGroupMemberInput,
  CreateGroupInput,
  DeleteGroupInput,
  RemoveGroupMemberInput,
  UpdateGroupInput,
} from './group.input'
import { groupById, membershipsByUser, type GroupMemberRow, type GroupRow } from './group.loader'
import {
  AddGroupMemberPayload,
  CreateGroupPayload,
  DeleteGroupPayload,
  RemoveGroupMemberPayload,
  UpdateGroupPayload,
} from './group.payload'
import { GroupService } from './group.service'
import { GroupConnection, GroupMemberConnection, GroupMemberType, GroupType } from './group.type'

defineNode('group', 'Group', (context, id) => context.load(groupById, id))

@Resolver(() => GroupType)
export class GroupResolver {
  @Query(() => GroupConnection, {
    nullable: true,
    description: 'The groups that `groups:read` lets you see, the oldest first.',
  })
  async groups(@Ctx() context: Context, @Args() page: PageArguments): Promise<Connection<GroupRow>> {
    const groups = context.use(GroupService)
    return toConnection(await groups.list(page), () => groups.count())
  }

  @Action(() => CreateGroupPayload, { description: 'Makes a group. Needs `groups:write`.' })
  async createGroup(@Ctx() context: Context, @InputArgument(() => CreateGroupInput) input: CreateGroupInput) {
    return done({ group: await context.use(GroupService).create(input) })
  }

  @Action(() => UpdateGroupPayload, {
    description: 'Changes the name or the description of a group. Needs `groups:write`.',
  })
  async updateGroup(@Ctx() context: Context, @InputArgument(() => UpdateGroupInput) input: UpdateGroupInput) {
    return done({ group: await context.use(GroupService).update(input) })
  }

  @Action(() => DeleteGroupPayload, {
    description: 'Deletes a group, and what was granted over its members. Needs `groups:write`.',
  })
  async deleteGroup(@Ctx() context: Context, @InputArgument(() => DeleteGroupInput) input: DeleteGroupInput) {
    return done({
      deletedGroupId: toGlobalId('group', await context.use(GroupService).delete(input.groupId)),
    })
  }

  @Action(() => AddGroupMemberPayload, {
    description:
      'Puts somebody into a group: whoever holds a role over its members holds it over them from now on. Needs `groups:write`.',
  })
  async addGroupMember(
    @Ctx() context: Context,
    @InputArgument(() => AddGroupMemberInput) input: AddGroupMemberInput,
  ) {
    return done({ group: await context.use(GroupService).addMember(input) })
  }

  @Action(() => RemoveGroupMemberPayload, {
    description: 'Takes somebody out of a group. Needs `groups:write`.',
  })
  async removeGroupMember(
    @Ctx() context: Context,
    @InputArgument(() => RemoveGroupMemberInput) input: RemoveGroupMemberInput,
  ) {
    return done({ group: await context.use(GroupService).removeMember(input) })
  }

  @FieldResolver(() => GroupMemberConnection, {
    nullable: true,
    description: 'Who is in it, as far as `groups:read` lets you see it, the longest first.',
  })
  async members(
    @Ctx() context: Context,
    @Root() { id }: GroupRow,
    @Args() page: PageArguments,
  ): Promise<Connection<GroupMemberRow>> {
    const groups = context.use(GroupService)
    return toConnection(await groups.listMembers(id, page), () => groups.countMembers(id))
  }
}

@Resolver(() => GroupMemberType)
export class GroupMemberResolver {
  @FieldResolver(() => UserType, { nullable: true, description: 'Who is in the group.' })
  user(@Ctx() context: Context, @Root() { userId }: GroupMemberRow): Promise<UserRow | null> {
    return context.load(userById, userId)
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who put them there; null for Portico itself.',
  })
  async addedBy(@Ctx() context: Context, @Root() { addedById }: GroupMemberRow): Promise<UserRow | null> {
    return addedById === null ? null : context.load(userById, addedById)
  }
}

@Resolver(() => UserType)
export class UserGroupsResolver {
  @FieldResolver(() => [GroupType], {
    nullable: true,
    description: 'The groups that the person is in, the longest first. Self, or `groups:read`.',
  })
  async groups(@Ctx() context: Context, @Root() { id }: UserRow): Promise<GroupRow[]> {
    const memberships = await context.load(membershipsByUser, id)
    const groups = await Promise.all(memberships.map(({ groupId }) => context.load(groupById, groupId)))
    return groups.filter((group) => group !== null)
  }
}

@Resolver(() => RoleGrantType)
export class RoleGrantGroupResolver {
  @FieldResolver(() => GroupType, {
    nullable: true,
    description: 'The group to whose members it is limited; null for everybody.',
  })
  async group(@Ctx() context: Context, @Root() { groupId }: RoleGrantRow): Promise<GroupRow | null> {
    return groupId === null ? null : context.load(groupById, groupId)
  }
}
