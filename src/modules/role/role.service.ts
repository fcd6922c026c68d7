import { isDeepStrictEqual } from 'node:util'
import { ApiError, notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { ALL_PERMISSIONS, isPermission, type Permission } from '../../core/permission'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { UserService } from '../user/user.service'
import { BUILT_IN_ROLES, type BuiltInRoleName } from './built-in-role'
import type { Role } from './role.entity'
import type { CreateRoleInput, GrantRoleInput, RevokeRoleInput, UpdateRoleInput } from './role.input'
import { knownPermissions } from './known-permissions'
import { RoleRepository, type Held, type HeldRole, type RoleRow } from './role.repository'

/** Tells every process whose permissions have changed; a null `userId` means anybody's. */
export const PERMISSIONS_CHANGED = 'permissions-changed'

interface NewGrant {
  userId: Id
  role: Pick<RoleRow, 'id' | 'name'>
}

/**
 * Roles and who holds them. Three rules hold whatever the policy says: you pass on only what you hold, and no longer than
 * you hold it; you change nobody who holds what you do not; and the last admin stays. What the viewer holds is read
 * anew inside the transaction, for the request may have found it before somebody took it away.
 */
export class RoleService {
  private readonly roles: RoleRepository

  constructor(private readonly db: Database) {
    this.roles = new RoleRepository(db)
  }

  async list(): Promise<RoleRow[]> {
    return this.roles.list()
  }

  async lookup(ids: readonly Id[]): Promise<RoleRow[]> {
    return this.roles.lookup(ids)
  }

  /** The roles that these people hold at this moment. */
  async heldBy(userIds: readonly Id[]): Promise<HeldRole[]> {
    return this.roles.findByUsers(userIds)
  }

  /** Whether somebody holds any permission. */
  async isStaff(userId: Id): Promise<boolean> {
    return (await this.heldBy([userId])).some(({ permissions }) => permissions.length > 0)
  }

  /**
   * Brings the built-in roles into the database as this version of Portico means them.
   * @throws Error in a sentence for whoever starts it, when a role of somebody's own making has the name of one: its
   * holders would be given what they were never granted.
   */
  async syncBuiltIn(): Promise<void> {
    await this.db.transaction(async (tx) => {
      const roles = new RoleRepository(tx)
      for (const [name, { description, permissions }] of Object.entries(BUILT_IN_ROLES)) {
        const meaning = { name, description, permissions: [...permissions], isBuiltIn: true }
        const role: Role = { id: newId(tx.now), ...meaning, version: 1, createdAt: tx.now }
        if (await roles.sync(role)) continue
        throw new Error(
          `A role that is not built in bears the name of one, ${name}. Rename it in the table roles, then start again.`,
        )
      }
      // Another version of Portico may be running beside this one.
      await tx.notify(PERMISSIONS_CHANGED, { userId: null })
    })
  }

  /** Gives somebody a built-in role on Portico's own behalf: at sign-up, from the command line, for demo data. */
  async grantBuiltIn(userId: Id, name: BuiltInRoleName): Promise<void> {
    await this.addGrant(this.db, userId, await this.builtIn(name), null)
  }

  /**
   * Gives new people what everybody holds. Nobody is told, as nobody can have found them signed in yet; where the event
   * that made them implies it, `isRecorded` is false.
   */
  async grantUserToNew(userIds: readonly Id[], { isRecorded = true } = {}): Promise<void> {
    const role = await this.builtIn('user')
    const grants = userIds.map((userId) => ({ userId, role }))
    await this.addToNew(grants)
    if (isRecorded) await this.recordGrants(grants)
  }

  /** Gives new people further roles, for good and on Portico's own behalf. */
  async grantToNew(grants: readonly NewGrant[]): Promise<void> {
    await this.addToNew(grants)
    await this.recordGrants(grants)
  }

  private async addToNew(grants: readonly NewGrant[]): Promise<void> {
    const createdAt = this.db.now
    await this.roles.addGrants(
      grants.map(({ userId, role: { id: roleId } }) => {
        return { id: newId(createdAt), userId, roleId, grantedById: null, expiresAt: null, createdAt }
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
        details: { role: role.name, expiresAt: null },
      })),
    )
  }

  async create(input: CreateRoleInput): Promise<RoleRow> {
    return this.db.transaction(async (tx) => {
      const permissions = knownPermissions(input.permissions, 'permissions')
      assertHeld(await new RoleService(tx).require('roles:write'), permissions, tx.now, 'permissions')
      const role: Role = {
        id: newId(tx.now),
        name: input.name,
        description: input.description,
        permissions,
        isBuiltIn: false,
        version: 1,
        createdAt: tx.now,
      }
      await new RoleRepository(tx).add(role)
      await new AuditService(tx).record('role.created', {
        target: toGlobalId('role', role.id),
        details: { role: role.name, permissions },
      })
      return role
    })
  }

  async update({ roleId, expectedVersion, ...changes }: UpdateRoleInput): Promise<RoleRow> {
    return this.db.transaction(async (tx) => {
      const { role, held } = await lockChangeable(tx, roleId)
      const { name, description, permissions } = role
      assertVersion(role.version, expectedVersion, { name, description, permissions })
      const meaning = {
        name: changes.name ?? name,
        description: changes.description ?? description,
        permissions: changes.permissions ? knownPermissions(changes.permissions, 'permissions') : permissions,
      }
      const updated: Role = { ...role, ...meaning, version: role.version + 1 }
      if (changes.permissions) {
        // Its holders may keep the role for good, so what is added must be held for good.
        assertHeld(
          held,
          updated.permissions.filter((added) => !permissions.includes(added)),
          null,
          'permissions',
        )
        await assertNotAbove(tx, held, { roleId })
      }
      if (isDeepStrictEqual(meaning, { name, description, permissions })) return role
      await new RoleRepository(tx).save(updated)
      await new AuditService(tx).record('role.updated', {
        target: toGlobalId('role', role.id),
        details: { role: updated.name, before: permissions, after: updated.permissions },
      })
      await tx.notify(PERMISSIONS_CHANGED, { userId: null })
      return updated
    })
  }

  /** Deletes a role and takes it from everybody who holds it. */
  async delete(roleId: Id): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const { role, held } = await lockChangeable(tx, roleId)
      await assertNotAbove(tx, held, { roleId })
      await new RoleRepository(tx).remove(role.id)
      await new AuditService(tx).record('role.deleted', {
        target: toGlobalId('role', role.id),
        details: { role: role.name, permissions: role.permissions },
      })
      await tx.notify(PERMISSIONS_CHANGED, { userId: null })
      return role.id
    })
  }

  /** Grants a role, or changes the expiry of one that is held. Returns whom it was granted to. */
  async grant({ userId, roleId, expiresAt }: GrantRoleInput): Promise<Id> {
    const until = expiresAt ?? null
    if (until && until <= this.db.now) {
      throw rejected(
        'expiresAt',
        UserErrorCode.INVALID,
        'This moment has passed. Choose a later one, or none.',
      )
    }
    return this.db.transaction(async (tx) => {
      const role = await lockGrantable(tx, userId, roleId, until)
      if (until) await assertAdminStays(tx, role, userId)
      await this.addGrant(tx, userId, role, until)
      return userId
    })
  }

  /** Takes a role from somebody. @throws Rejected LAST_ADMIN where nobody else could administer Portico afterwards. */
  async revoke({ userId, roleId }: RevokeRoleInput): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const role = await lockGrantable(tx, userId, roleId, tx.now)
      await assertAdminStays(tx, role, userId)
      const revoked = await new RoleRepository(tx).revoke(userId, roleId)
      if (!revoked) throw rejected('roleId', UserErrorCode.NOT_FOUND, 'This person does not hold this role.')
      await new AuditService(tx).record('role.revoked', {
        subjectId: userId,
        target: toGlobalId('role', roleId),
        details: { role: role.name },
      })
      await tx.notify(PERMISSIONS_CHANGED, { userId })
      return userId
    })
  }

  /**
   * What the viewer may do still of what they might when the request began, which scopes and a second factor that is missing
   * make less than they hold. Inside a transaction it stays so to the end.
   */
  async heldByViewer(): Promise<Held> {
    const viewer = requireSignedIn(this.db.caller.viewer)
    const held = await this.roles.lockHeld(viewer.userId)
    return new Map([...held].filter(([permission]) => viewer.permissions.has(permission)))
  }

  /** What the viewer may do by now. @throws ApiError FORBIDDEN when this permission is no longer part of it. */
  async require(permission: Permission): Promise<Held> {
    const held = await this.heldByViewer()
    if (!held.has(permission))
      throw new ApiError('FORBIDDEN', 'Your roles have changed; you may not do this any more.')
    return held
  }

  /**
   * The viewer may by now do this to this person: nobody acts on somebody above them, a person with a permission that
   * they lack themselves.
   * @throws ApiError FORBIDDEN; Rejected NOT_PERMITTED
   */
  async assertMayActOn(userId: Id, permission: Permission): Promise<void> {
    await assertNotAbove(this.db, await this.require(permission), { userId })
  }

  /**
   * The same for what takes all from this person that they may do; the last admin stays. Those who would take the last two away at
   * once take turns, so call it first in a transaction.
   * @throws ApiError FORBIDDEN; Rejected NOT_PERMITTED, LAST_ADMIN
   */
  async assertMayExclude(userId: Id, permission: Permission): Promise<void> {
    const admin = await this.roles.lock((await this.builtIn('admin')).id)
    await this.assertMayActOn(userId, permission)
    const held = await this.heldBy([userId])
    if (held.some(({ id }) => id === admin!.id)) await assertAdminStays(this.db, admin!, userId)
  }

  private async builtIn(name: BuiltInRoleName): Promise<Role> {
    const role = await this.roles.findByName(name)
    if (!role) throw new Error(`The built-in role ${name} is missing: run the migrations.`)
    return role
  }

  private async addGrant(tx: Database, userId: Id, role: Role, expiresAt: Date | null): Promise<void> {
    const { viewer } = tx.caller
    await new RoleRepository(tx).grant({
      id: newId(tx.now),
      userId,
      roleId: role.id,
      grantedById: viewer.kind === 'signed-in' ? viewer.userId : null,
      expiresAt,
      createdAt: tx.now,
    })
    await new AuditService(tx).record('role.granted', {
      subjectId: userId,
      target: toGlobalId('role', role.id),
      details: { role: role.name, expiresAt: expiresAt?.toISOString() ?? null },
    })
    await tx.notify(PERMISSIONS_CHANGED, { userId })
  }
}

/** You pass on only what you hold, and no longer than you hold it. @throws Rejected NOT_PERMITTED naming what is missing. */
function assertHeld(held: Held, permissions: readonly Permission[], until: Date | null, field: string): void {
  const isMissing = (permission: Permission) => {
    const end = held.get(permission)
    return end === undefined || (end !== null && (until === null || end < until))
  }
  const missing = permissions.filter(isMissing)
  if (missing.length === 0) return
  const message = `You can pass on only what you hold yourself, and no longer; you lack ${missing.join(', ')}.`
  throw rejected(field, UserErrorCode.NOT_PERMITTED, message)
}

/** Nobody acts on somebody above them. @throws Rejected NOT_PERMITTED */
async function assertNotAbove(
  db: Database,
  held: Held,
  people: { userId: Id } | { roleId: Id },
): Promise<void> {
  const lacking = ALL_PERMISSIONS.filter((permission) => !held.has(permission))
  if (!(await new RoleRepository(db).isHeldBy(people, lacking))) return
  const who = 'userId' in people ? 'This person' : 'Somebody who holds this role'
  throw rejected(
    [],
    UserErrorCode.NOT_PERMITTED,
    `${who} may do things that you may not; ask somebody who may.`,
  )
}

/** A role of one's own making, locked, and what the viewer holds by then. @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED */
async function lockChangeable(tx: Database, roleId: Id): Promise<{ role: Role; held: Held }> {
  const role = await new RoleRepository(tx).lock(roleId)
  if (!role) throw notFound('role')
  if (role.isBuiltIn) {
    throw rejected(
      'roleId',
      UserErrorCode.NOT_PERMITTED,
      'Built-in roles cannot be changed. Make a role of your own.',
    )
  }
  const held = await new RoleService(tx).require('roles:write')
  assertHeld(held, role.permissions.filter(isPermission), tx.now, 'roleId')
  return { role, held }
}

/** The role, locked, once it and the person have been found to be within the viewer's power until the given moment. */
async function lockGrantable(tx: Database, userId: Id, roleId: Id, until: Date | null): Promise<Role> {
  const role = await new RoleRepository(tx).lock(roleId)
  if (!role) throw rejected('roleId', UserErrorCode.NOT_FOUND, 'There is no such role.')
  if (!(await new UserService(tx).exists(userId))) {
    throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')
  }
  const held = await new RoleService(tx).require('roles:grant')
  assertHeld(held, role.permissions.filter(isPermission), until, 'roleId')
  await assertNotAbove(tx, held, { userId })
  return role
}

/** The lock on the role's row makes those who would take the last two admins away at once take turns. */
async function assertAdminStays(tx: Database, role: Role, userId: Id): Promise<void> {
  if (role.name !== ('admin' satisfies BuiltInRoleName)) return
  if ((await new RoleRepository(tx).countHoldersBesides(role.id, userId)) === 0) {
    throw rejected([], UserErrorCode.LAST_ADMIN, 'This is the last admin. Make somebody else admin first.')
  }
}
