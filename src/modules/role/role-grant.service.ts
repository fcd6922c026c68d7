import { authorityOf, type Authority } from '../../core/authority'
import { rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { isPermission, type Permission } from '../../core/permission'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { UserService } from '../user/user.service'
import { assertHeld, AuthorityService } from './authority.service'
import type { BuiltInRoleName } from './built-in-role'
import { PERMISSIONS_CHANGED } from './permissions-changed'
import { RoleGrant } from './role-grant.entity'
import { RoleGrantRepository, type PastGrant, type RoleGrantRow } from './role-grant.repository'
import type { Role } from './role.entity'
import type { GrantRoleInput, RevokeRoleInput } from './role.input'
import { RoleRepository, type RoleRow } from './role.repository'

/** For people who come to be. */
interface NewGrant {
  userId: Id
  role: Pick<RoleRow, 'id' | 'name'>
}

interface Terms {
  groupId: Id | null
  reason: string | null
  expiresAt: Date | null
}

const FOR_GOOD: Terms = { groupId: null, reason: null, expiresAt: null }

/** Who holds which role, over whom and until when. What the viewer may pass on or take is `AuthorityService`'s to say. */
export class RoleGrantService {
  private readonly grants: RoleGrantRepository

  constructor(private readonly db: Database) {
    this.grants = new RoleGrantRepository(db)
  }

  /** What these people hold at this moment. */
  async ofUsers(userIds: readonly Id[]): Promise<RoleGrantRow[]> {
    return this.grants.findByUsers(userIds)
  }

  /** Why roles were granted, decrypted with one look-up of keys; null where nothing was said, or the holder's key is gone. */
  async reasons(grants: readonly RoleGrantRow[]): Promise<(string | null | Error)[]> {
    const places = grants.map(({ id, userId, grantReason }) => ({ id, ownerId: userId, grantReason }))
    return this.db.codec.openEach(RoleGrant, 'grantReason', places, ({ grantReason }) => grantReason)
  }

  /** What a person may do at this moment, saying why or not. */
  async authorityOf(userId: Id, { hasReason }: { hasReason: boolean }): Promise<Authority> {
    return authorityOf(await this.grants.findHeld(userId), { hasReason })
  }

  /** Whatever a person was granted, whoever asks; also what has ended by itself. */
  async historyOf(userId: Id): Promise<PastGrant[]> {
    return this.grants.findHistory(userId)
  }

  /** Which of these people are staff: may do anything to anybody. */
  async staffAmong(userIds: readonly Id[]): Promise<Id[]> {
    return this.grants.findStaff(userIds)
  }

  /** Who may do something to everybody, whoever asks. */
  async holdersOf(permission: Permission): Promise<Id[]> {
    return this.grants.findHoldersOf(permission)
  }

  async isStaff(userId: Id): Promise<boolean> {
    return (await this.staffAmong([userId])).length > 0
  }

  async listByRole(roleId: Id, page: PageRequest): Promise<Page<RoleGrantRow>> {
    return this.grants.listByRole(roleId, page)
  }

  async countByRole(roleId: Id): Promise<number> {
    return this.grants.countByRole(roleId)
  }

  /** Gives somebody a built-in role on Portico's own behalf: at sign-up, from the command line, for demo data. */
  async grantBuiltIn(userId: Id, name: BuiltInRoleName): Promise<void> {
    await this.put(this.db, userId, await new RoleRepository(this.db).builtIn(name), FOR_GOOD)
  }

  /**
   * Gives new people what everybody holds. Nobody is told, as nobody can have found them signed in yet; where the event
   * that made them implies it, `isRecorded` is false.
   */
  async grantUserToNew(userIds: readonly Id[], { isRecorded = true } = {}): Promise<void> {
    const role = await new RoleRepository(this.db).builtIn('user')
    const grants = userIds.map((userId) => ({ userId, role }))
    await this.addToNew(grants)
    if (isRecorded) await this.recordGrants(grants)
  }

  /** Gives new people further roles, for good and on Portico's own behalf. */
  async grantToNew(grants: readonly NewGrant[]): Promise<void> {
    await this.addToNew(grants)
    await this.recordGrants(grants)
  }

  /** Grants a role, or changes the terms of one that is held over the same people. Returns whom it was granted to. */
  async grant({
    userId,
    roleId,
    groupId = null,
    reason = null,
    expiresAt = null,
  }: GrantRoleInput): Promise<Id> {
    if (expiresAt && expiresAt <= this.db.now) {
      throw rejected(
        'expiresAt',
        UserErrorCode.INVALID,
        'This moment has passed. Choose a later one, or none.',
      )
    }
    return this.db.transaction(async (tx) => {
      const role = await lockGrantable(tx, userId, roleId, groupId, expiresAt)
      if (expiresAt && groupId === null) await new AuthorityService(tx).assertAdminStays(role, userId)
      await this.put(tx, userId, role, { groupId, reason, expiresAt })
      return userId
    })
  }

  /** Takes a role from somebody. @throws Rejected LAST_ADMIN where nobody else could administer Portico afterwards. */
  async revoke({ userId, roleId, groupId = null, reason = null }: RevokeRoleInput): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const role = await lockGrantable(tx, userId, roleId, groupId, tx.now)
      if (groupId === null) await new AuthorityService(tx).assertAdminStays(role, userId)
      const revoked = await new RoleGrantRepository(tx).remove(userId, roleId, groupId)
      if (!revoked) throw rejected('roleId', UserErrorCode.NOT_FOUND, 'This person does not hold this role.')
      await new AuditService(tx).record('role.revoked', {
        subjectId: userId,
        target: toGlobalId('role', roleId),
        details: { role: role.name, group: groupOf(groupId), reason },
      })
      await tx.notify(PERMISSIONS_CHANGED, { userId })
      return userId
    })
  }

  private async addToNew(grants: readonly NewGrant[]): Promise<void> {
    const createdAt = this.db.now
    await this.grants.add(
      grants.map(({ userId, role: { id: roleId } }) => {
        const terms = { groupId: null, grantReason: null, expiresAt: null }
        return { id: newId(createdAt), userId, roleId, grantedById: null, createdAt, ...terms }
      }),
    )
  }

  private async recordGrants(grants: readonly NewGrant[]): Promise<void> {
    await new AuditService(this.db).recordAll(
      'role.granted',
      grants.map(({ userId, role }) => ({
        actorId: null,
        subjectId: userId,
        target: toGlobalId('role', role.id),
        details: detailsOf(role, FOR_GOOD),
      })),
    )
  }

  private async put(tx: Database, userId: Id, role: Role, terms: Terms): Promise<void> {
    const { groupId, reason, expiresAt } = terms
    const id = newId(tx.now)
    await new RoleGrantRepository(tx).put({
      id,
      userId,
      roleId: role.id,
      grantedById: viewerId(tx.caller.viewer),
      createdAt: tx.now,
      groupId,
      expiresAt,
      grantReason:
        reason === null
          ? null
          : await tx.codec.seal(RoleGrant, 'grantReason', { id, ownerId: userId }, reason),
    })
    await new AuditService(tx).record('role.granted', {
      subjectId: userId,
      target: toGlobalId('role', role.id),
      details: detailsOf(role, terms),
    })
    await tx.notify(PERMISSIONS_CHANGED, { userId })
  }
}

const groupOf = (groupId: Id | null) => groupId && toGlobalId('group', groupId)

const detailsOf = (role: Pick<RoleRow, 'name'>, { groupId, reason, expiresAt }: Terms) => ({
  role: role.name,
  group: groupOf(groupId),
  reason,
  expiresAt: expiresAt?.toISOString() ?? null,
})

/** The role, locked, once it and the person have been found to be within the viewer's power until the given moment. */
async function lockGrantable(
  tx: Database,
  userId: Id,
  roleId: Id,
  groupId: Id | null,
  until: Date | null,
): Promise<Role> {
  const role = await new RoleRepository(tx).lock(roleId)
  if (!role) throw rejected('roleId', UserErrorCode.NOT_FOUND, 'There is no such role.')
  if (!(await new UserService(tx).isShown(userId))) {
    throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')
  }
  const held = await new AuthorityService(tx).assertMayActOn(userId, 'roles:grant')
  assertHeld(held, ['roles:grant'], {
    until: tx.now,
    groupId,
    field: groupId === null ? 'userId' : 'groupId',
  })
  assertHeld(held, role.permissions.filter(isPermission), { until, groupId, field: 'roleId' })
  return role
}
