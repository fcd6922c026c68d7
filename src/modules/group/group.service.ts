import { isDeepStrictEqual } from 'node:util'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import { PERMISSIONS_CHANGED } from '../role/permissions-changed'
import { UserService } from '../user/user.service'
import { groupChanged, membershipsChanged } from './group-changed'
import { GroupMemberRepository, type GroupMemberRow } from './group-member.repository'
import type { Group } from './group.entity'
import type {
  AddGroupMemberInput,
  CreateGroupInput,
  RemoveGroupMemberInput,
  UpdateGroupInput,
} from './group.input'
import { GroupRepository, type GroupRow } from './group.repository'

/**
 * Groups, and who is in them. Whoever decides that decides over whom the holders of grants in the group have power, so
 * `groups:write` is asked for over everybody, and nobody is put into a group, or out of it, by somebody below them.
 */
export class GroupService {
  private readonly groups: GroupRepository
  private readonly members: GroupMemberRepository

  constructor(private readonly db: Database) {
    this.groups = new GroupRepository(db)
    this.members = new GroupMemberRepository(db)
  }

  /** Locks a group, whoever asks, so that nothing else changes what it means until the transaction ends. @throws ApiError NOT_FOUND */
  async hold(id: Id): Promise<GroupRow> {
    return lock(this.db, id)
  }

  /** Whether there is such a group, whoever asks. */
  async exists(id: Id): Promise<boolean> {
    return this.groups.exists(id)
  }

  async lookup(ids: readonly Id[]): Promise<GroupRow[]> {
    return this.groups.lookup(ids)
  }

  async list(page: PageRequest): Promise<Page<GroupRow>> {
    return this.groups.list(page)
  }

  async count(): Promise<number> {
    return this.groups.count()
  }

  /** The memberships of these people. */
  async membershipsOf(userIds: readonly Id[]): Promise<GroupMemberRow[]> {
    return this.members.findByUsers(userIds)
  }

  async listMembers(groupId: Id, page: PageRequest): Promise<Page<GroupMemberRow>> {
    return this.members.listByGroup(groupId, page)
  }

  async countMembers(groupId: Id): Promise<number> {
    return this.members.countByGroup(groupId)
  }

  async create({ name, description }: CreateGroupInput): Promise<GroupRow> {
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).require('groups:write')
      const group: Group = { id: newId(tx.now), name, description, version: 1, createdAt: tx.now }
      await new GroupRepository(tx).add(group)
      await new AuditService(tx).record('group.created', { target: targetOf(group), details: { name } })
      return group
    })
  }

  /** @throws ApiError NOT_FOUND; CONFLICT when `expectedVersion` is not the current one. */
  async update({ groupId, expectedVersion, ...changes }: UpdateGroupInput): Promise<GroupRow> {
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).require('groups:write')
      const group = await lock(tx, groupId)
      const current = { name: group.name, description: group.description }
      assertVersion(group.version, expectedVersion, current)
      const meaning = {
        name: changes.name ?? current.name,
        description: changes.description ?? current.description,
      }
      if (isDeepStrictEqual(meaning, current)) return group
      const updated: Group = { ...group, ...meaning, version: group.version + 1 }
      await new GroupRepository(tx).save(updated)
      await new AuditService(tx).record('group.updated', {
        target: targetOf(group),
        details: { before: current.name, after: updated.name },
      })
      return updated
    })
  }

  /**
   * Deletes a group, and with it what was granted over its members.
   * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED where somebody would lose a grant who is above the viewer.
   */
  async delete(groupId: Id): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const authority = new AuthorityService(tx)
      const held = await authority.require('groups:write')
      const group = await lock(tx, groupId)
      await authority.assertNotAbove(held, { groupId })
      // While its members are known: something may follow for them.
      await new AuditService(tx).record('group.deleted', {
        target: targetOf(group),
        details: { name: group.name },
      })
      await new GroupRepository(tx).remove(groupId)
      await tx.notify(PERMISSIONS_CHANGED, { userId: null })
      await tx.notify(groupChanged(groupId), {})
      return groupId
    })
  }

  /** Puts somebody into a group; one who is in it stays. */
  async addMember({ groupId, userId }: AddGroupMemberInput): Promise<GroupRow> {
    return this.change({ groupId, userId }, async (tx, group) => {
      const added = await new GroupMemberRepository(tx).add({
        id: newId(tx.now),
        groupId,
        userId,
        addedById: viewerId(tx.caller.viewer),
        createdAt: tx.now,
      })
      if (added) await record(tx, 'group.member-added', group, userId)
    })
  }

  /** Takes somebody out of a group; one who is not in it stays out. */
  async removeMember({ groupId, userId }: RemoveGroupMemberInput): Promise<GroupRow> {
    return this.change({ groupId, userId }, async (tx, group) => {
      const removed = await new GroupMemberRepository(tx).remove(groupId, userId)
      if (removed) await record(tx, 'group.member-removed', group, userId)
    })
  }

  /** @throws Rejected NOT_FOUND for a person or a group; NOT_PERMITTED on somebody above the viewer. */
  private async change(
    { groupId, userId }: Pick<GroupMemberRow, 'groupId' | 'userId'>,
    work: (tx: Database, group: Group) => Promise<void>,
  ): Promise<GroupRow> {
    return this.db.transaction(async (tx) => {
      const authority = new AuthorityService(tx)
      const held = await authority.require('groups:write')
      const group = await new GroupRepository(tx).lock(groupId)
      if (!group) throw rejected('groupId', UserErrorCode.NOT_FOUND, 'There is no such group.')
      if (!(await new UserService(tx).isShown(userId)))
        throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')
      await authority.assertNotAbove(held, { userId })
      await work(tx, group)
      return group
    })
  }
}

const targetOf = ({ id }: Pick<Group, 'id'>): string => toGlobalId('group', id)

async function lock(tx: Database, id: Id): Promise<Group> {
  const group = await new GroupRepository(tx).lock(id)
  if (!group) throw notFound('group')
  return group
}

/** Says in the trail, and to whoever follows it, that somebody has come into a group or left it. */
async function record(
  tx: Database,
  action: 'group.member-added' | 'group.member-removed',
  group: Group,
  subjectId: Id,
): Promise<void> {
  await new AuditService(tx).record(action, {
    subjectId,
    target: targetOf(group),
    details: { group: group.name },
  })
  await tx.notify(membershipsChanged(subjectId), {})
}
