import { notFound, Rejected, rejected, UserErrorCode } from '../../core/error'
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
import { RoleRepository, type HeldRole, type RoleRow } from './role.repository'

/**
 * Roles and who holds them. Three rules hold whatever the policy says: you grant only what you hold, you change nobody
 * who holds what you do not, and the last admin stays.
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

  /** Brings the built-in roles into the database as this version of Portico means them. */
  async syncBuiltIn(): Promise<void> {
    await this.db.transaction(async (tx) => {
      const roles = new RoleRepository(tx)
      for (const [name, { description, permissions }] of Object.entries(BUILT_IN_ROLES)) {
        const known = await roles.findByName(name)
        const meaning = { name, description, permissions: [...permissions], isBuiltIn: true }
        if (!known) await roles.add({ id: newId(tx.now), ...meaning, version: 1, createdAt: tx.now })
        else await roles.save({ ...known, ...meaning })
      }
    })
  }

  /** Gives somebody a built-in role on Portico's own behalf: at sign-up, from the command line, for demo data. */
  async grantBuiltIn(userId: Id, name: BuiltInRoleName): Promise<void> {
    const role = await this.roles.findByName(name)
    if (!role) throw new Error(`The built-in role ${name} is missing: run the migrations.`)
    await this.addGrant(this.db, userId, role, null)
  }

  async create(input: CreateRoleInput): Promise<RoleRow> {
    return this.db.transaction(async (tx) => {
      const permissions = grantable(input.permissions, heldByViewer(tx))
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
      const role = await lockChangeable(tx, roleId)
      assertVersion(role.version, expectedVersion)
      const updated: Role = {
        ...role,
        name: changes.name ?? role.name,
        description: changes.description ?? role.description,
        permissions: changes.permissions ? grantable(changes.permissions, heldByViewer(tx)) : role.permissions,
        version: role.version + 1,
      }
      await new RoleRepository(tx).save(updated)
      await new AuditService(tx).record('role.updated', {
        target: toGlobalId('role', role.id),
        details: { role: updated.name, before: role.permissions, after: updated.permissions },
      })
      return updated
    })
  }

  /** Deletes a role and takes it from everybody who holds it. */
  async delete(roleId: Id): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const role = await lockChangeable(tx, roleId)
      await new RoleRepository(tx).remove(role.id)
      await new AuditService(tx).record('role.deleted', {
        target: toGlobalId('role', role.id),
        details: { role: role.name, permissions: role.permissions },
      })
      return role.id
    })
  }

  /** Grants a role, or changes the expiry of one that is held. Returns whom it was granted to. */
  async grant({ userId, roleId, expiresAt }: GrantRoleInput): Promise<Id> {
    if (expiresAt && expiresAt <= this.db.now) {
      throw rejected('expiresAt', UserErrorCode.INVALID, 'This moment has passed. Choose a later one, or none.')
    }
    return this.db.transaction(async (tx) => {
      const { role } = await this.lockGrantable(tx, userId, roleId)
      if (expiresAt) await assertAdminStays(tx, role, userId)
      await this.addGrant(tx, userId, role, expiresAt ?? null)
      return userId
    })
  }

  /** Takes a role from somebody. @throws Rejected LAST_ADMIN where nobody else could administer Portico afterwards. */
  async revoke({ userId, roleId }: RevokeRoleInput): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const { role } = await this.lockGrantable(tx, userId, roleId)
      await assertAdminStays(tx, role, userId)
      const revoked = await new RoleRepository(tx).revoke(userId, roleId)
      if (!revoked) throw rejected('roleId', UserErrorCode.NOT_FOUND, 'This person does not hold this role.')
      await new AuditService(tx).record('role.revoked', {
        subjectId: userId,
        target: toGlobalId('role', roleId),
        details: { role: role.name },
      })
      await tx.notify('permissions-changed', { userId })
      return userId
    })
  }

  /**
   * Nobody acts on somebody above them: on a person with a permission that the viewer lacks.
   * @throws Rejected NOT_PERMITTED
   */
  async assertNotAbove(userId: Id): Promise<void> {
    const own = heldByViewer(this.db)
    const theirs = (await this.roles.permissionsOf([userId])).get(userId)!
    if ([...theirs].some((permission) => !own.has(permission))) {
      throw rejected([], UserErrorCode.NOT_PERMITTED, 'This person may do things that you may not; ask somebody who may.')
    }
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
    await tx.notify('permissions-changed', { userId })
  }

  /** The role and the person, locked, after both have been found to be within the viewer's power. */
  private async lockGrantable(tx: Database, userId: Id, roleId: Id): Promise<{ role: Role }> {
    const role = await new RoleRepository(tx).lock(roleId)
    if (!role) throw rejected('roleId', UserErrorCode.NOT_FOUND, 'There is no such role.')
    if (!(await new UserService(tx).exists(userId))) throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')
    grantable(role.permissions, heldByViewer(tx), 'roleId')
    await new RoleService(tx).assertNotAbove(userId)
    return { role }
  }
}

const heldByViewer = (db: Database): ReadonlySet<Permission> => requireSignedIn(db.caller.viewer).permissions

/** You grant only what you hold. @throws Rejected naming what is unknown or not held. */
function grantable(wanted: readonly string[], held: ReadonlySet<Permission>, field = 'permissions'): Permission[] {
  const unknown = wanted.filter((permission) => !isPermission(permission))
  if (unknown.length > 0) {
    throw rejected(field, UserErrorCode.INVALID, `Portico knows these permissions: ${ALL_PERMISSIONS.join(', ')}.`)
  }
  const missing = (wanted as Permission[]).filter((permission) => !held.has(permission))
  if (missing.length > 0) {
    throw new Rejected({
      code: UserErrorCode.NOT_PERMITTED,
      field: [field],
      message: `You can pass on only what you hold yourself; you lack ${missing.join(', ')}.`,
    })
  }
  return [...new Set(wanted as Permission[])].sort()
}

async function lockChangeable(tx: Database, roleId: Id): Promise<Role> {
  const role = await new RoleRepository(tx).lock(roleId)
  if (!role) throw notFound('role')
  if (role.isBuiltIn) throw rejected('roleId', UserErrorCode.NOT_PERMITTED, 'Built-in roles cannot be changed. Make a role of your own.')
  grantable(role.permissions, heldByViewer(tx), 'roleId')
  return role
}

/** The lock on the role's row makes those who would take the last two admins away at once take turns. */
async function assertAdminStays(tx: Database, role: Role, userId: Id): Promise<void> {
  if (role.name !== ('admin' satisfies BuiltInRoleName)) return
  if ((await new RoleRepository(tx).countHoldersBesides(role.id, userId)) === 0) {
    throw rejected([], UserErrorCode.LAST_ADMIN, 'This is the last admin. Make somebody else admin first.')
  }
}
