import { isDeepStrictEqual } from 'node:util'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { isPermission } from '../../core/permission'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { assertHeld, AuthorityService } from './authority.service'
import { BUILT_IN_ROLES } from './built-in-role'
import type { Held } from './held'
import { knownPermissions } from './known-permissions'
import { PERMISSIONS_CHANGED } from './permissions-changed'
import { RoleGrantRepository } from './role-grant.repository'
import type { Role } from './role.entity'
import type { CreateRoleInput, UpdateRoleInput } from './role.input'
import { RoleRepository, type RoleRow } from './role.repository'

/** Roles: what each allows. Who holds them is `RoleGrantService`'s. */
export class RoleService {
  private readonly roles: RoleRepository

  constructor(private readonly db: Database) {
    this.roles = new RoleRepository(db)
  }

  async list(): Promise<RoleRow[]> {
    return this.roles.list()
  }

  /** Whether there is such a role, whoever asks. */
  async exists(id: Id): Promise<boolean> {
    return this.roles.exists(id)
  }

  async lookup(ids: readonly Id[]): Promise<RoleRow[]> {
    return this.roles.lookup(ids)
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
        const meaning = {
          name,
          description,
          permissions: [...permissions],
          requiresReason: false,
          isBuiltIn: true,
        }
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

  async create(input: CreateRoleInput): Promise<RoleRow> {
    return this.db.transaction(async (tx) => {
      const permissions = knownPermissions(input.permissions, 'permissions')
      assertHeld(await new AuthorityService(tx).require('roles:write'), permissions, {
        until: tx.now,
        groupId: null,
        field: 'permissions',
      })
      const role: Role = {
        id: newId(tx.now),
        name: input.name,
        description: input.description,
        permissions,
        requiresReason: input.requiresReason,
        isBuiltIn: false,
        version: 1,
        createdAt: tx.now,
      }
      await new RoleRepository(tx).add(role)
      await new AuditService(tx).record('role.created', {
        target: toGlobalId('role', role.id),
        details: { role: role.name, permissions, requiresReason: role.requiresReason },
      })
      return role
    })
  }

  async update({ roleId, expectedVersion, ...changes }: UpdateRoleInput): Promise<RoleRow> {
    return this.db.transaction(async (tx) => {
      const { role, held } = await lockChangeable(tx, roleId)
      const { name, description, permissions, requiresReason } = role
      const current = { name, description, permissions, requiresReason }
      assertVersion(role.version, expectedVersion, current)
      const meaning = {
        name: changes.name ?? name,
        description: changes.description ?? description,
        permissions: changes.permissions ? knownPermissions(changes.permissions, 'permissions') : permissions,
        requiresReason: changes.requiresReason ?? requiresReason,
      }
      const updated: Role = { ...role, ...meaning, version: role.version + 1 }
      if (changes.permissions) {
        const added = updated.permissions.filter((permission) => !permissions.includes(permission))
        // Its holders may keep the role for good, so what is added must be held for good.
        assertHeld(held, added, { until: null, groupId: null, field: 'permissions' })
        await new AuthorityService(tx).assertNotAbove(held, { roleId })
      }
      if (isDeepStrictEqual(meaning, current)) return role
      await new RoleRepository(tx).save(updated)
      await new AuditService(tx).record('role.updated', {
        target: toGlobalId('role', role.id),
        details: {
          role: updated.name,
          before: permissions,
          after: updated.permissions,
          requiresReason: updated.requiresReason,
        },
      })
      await tx.notify(PERMISSIONS_CHANGED, { userId: null })
      return updated
    })
  }

  /** Deletes a role and takes it from everybody who holds it. */
  async delete(roleId: Id): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const { role, held } = await lockChangeable(tx, roleId)
      await new AuthorityService(tx).assertNotAbove(held, { roleId })
      await new RoleGrantRepository(tx).removeOfRole(role.id)
      await new RoleRepository(tx).remove(role.id)
      await new AuditService(tx).record('role.deleted', {
        target: toGlobalId('role', role.id),
        details: { role: role.name, permissions: role.permissions, requiresReason: role.requiresReason },
      })
      await tx.notify(PERMISSIONS_CHANGED, { userId: null })
      return role.id
    })
  }
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
  const held = await new AuthorityService(tx).require('roles:write')
  assertHeld(held, role.permissions.filter(isPermission), { until: tx.now, groupId: null, field: 'roleId' })
  return { role, held }
}
