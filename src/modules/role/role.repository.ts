import type { Id } from '../../core/id'
import { isPermission, type Permission } from '../../core/permission'
import { UserErrorCode } from '../../core/error'
import { holds, viewerId } from '../../core/viewer'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { selectRows } from '../../db/page'
import { isActive } from '../user/user-status'
import { Role, RoleGrant } from './role.entity'

constraintMeans('roles_name_key', 'name', UserErrorCode.TAKEN, 'There is a role of this name already.')

const COLUMNS = ['id', 'name', 'description', 'permissions', 'isBuiltIn', 'version'] as const
export type RoleRow = Pick<Role, (typeof COLUMNS)[number]>

/** A role as somebody holds it. */
export interface HeldRole extends RoleRow {
  userId: Id
}

/** What somebody may do, each permission with the moment at which they lose it; null for never. */
export type Held = ReadonlyMap<Permission, Date | null>

/** Every question about roles and grants. People see the roles that they hold; `roles:read` sees all. */
export class RoleRepository {
  constructor(private readonly db: Database) {}

  async list(): Promise<RoleRow[]> {
    return selectRows(this.db, Role, 'role', COLUMNS)
      .orderBy('role.createdAt')
      .addOrderBy('role.id')
      .getRawMany<RoleRow>()
  }

  async lookup(ids: readonly Id[]): Promise<RoleRow[]> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, Role, 'role', COLUMNS).where('role.id = ANY(:ids)', { ids })
    if (!holds(viewer, 'roles:read')) {
      query.andWhere(
        `EXISTS (SELECT FROM role_grants held WHERE held.role_id = role.id AND held.user_id = :viewer
                 AND (held.expires_at IS NULL OR held.expires_at > :now))`,
        { viewer: viewerId(viewer), now: this.db.now },
      )
    }
    return query.getRawMany<RoleRow>()
  }

  async findByName(name: string): Promise<Role | null> {
    return this.db.repo(Role).findOneBy({ name })
  }

  /** The roles that these people hold at this moment. */
  async findByUsers(userIds: readonly Id[]): Promise<HeldRole[]> {
    return selectRows(this.db, Role, 'role', COLUMNS)
      .innerJoin(RoleGrant, 'held', 'held.roleId = role.id')
      .addSelect('held.userId', 'userId')
      .where('held.userId = ANY(:userIds)', { userIds })
      .andWhere('(held.expiresAt IS NULL OR held.expiresAt > :now)', { now: this.db.now })
      .orderBy('held.createdAt')
      .getRawMany<HeldRole>()
  }

  /** What an active person may do at this moment, locked: who takes any of it away waits for this transaction. */
  async lockHeld(userId: Id): Promise<Held> {
    const roles = await this.db.query<{ permissions: string[]; expires_at: Date | null }>(
      `SELECT role.permissions, held.expires_at
       FROM role_grants held JOIN roles role ON role.id = held.role_id JOIN users person ON person.id = held.user_id
       WHERE held.user_id = $1 AND (held.expires_at IS NULL OR held.expires_at > $2) AND ${isActive('person', '$2')}
       FOR SHARE`,
      [userId, this.db.now],
    )
    const held = new Map<Permission, Date | null>()
    for (const { permissions, expires_at: end } of roles) {
      for (const permission of permissions.filter(isPermission)) {
        const known = held.get(permission)
        if (known === undefined || (known && (!end || end > known))) held.set(permission, end)
      }
    }
    return held
  }

  /** Whether a person, or anybody who holds a role, holds one of these permissions at this moment. */
  async isHeldBy(
    people: { userId: Id } | { roleId: Id },
    permissions: readonly Permission[],
  ): Promise<boolean> {
    const [id, users] =
      'userId' in people
        ? [people.userId, '$1']
        : [people.roleId, 'SELECT user_id FROM role_grants WHERE role_id = $1']
    const [row] = await this.db.query<{ held: boolean }>(
      `SELECT EXISTS (
         SELECT FROM role_grants held JOIN roles role ON role.id = held.role_id
         WHERE held.user_id IN (${users}) AND (held.expires_at IS NULL OR held.expires_at > $2) AND role.permissions && $3
       ) AS held`,
      [id, this.db.now, permissions],
    )
    return row!.held
  }

  /** The whole row, locked until the transaction ends. */
  async lock(id: Id): Promise<Role | null> {
    return this.db.repo(Role).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  async add(role: Role): Promise<void> {
    await this.db.repo(Role).insert(role)
  }

  /**
   * Adds a built-in role, or gives the one of this name its present meaning; processes that start together may both do it.
   * False where a role of somebody's own making has the name.
   */
  async sync(role: Role): Promise<boolean> {
    const synced = await this.db.query(
      `INSERT INTO roles (id, name, description, permissions, is_built_in, version, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (lower(name)) DO UPDATE SET description = excluded.description, permissions = excluded.permissions
       WHERE roles.is_built_in
       RETURNING id`,
      [role.id, role.name, role.description, role.permissions, role.isBuiltIn, role.version, role.createdAt],
    )
    return synced.length > 0
  }

  async save({ id, ...columns }: Role): Promise<void> {
    await this.db.repo(Role).update({ id }, columns)
  }

  /** Removes a role and with it every grant of it. */
  async remove(id: Id): Promise<void> {
    await this.db.repo(RoleGrant).delete({ roleId: id })
    await this.db.repo(Role).delete({ id })
  }

  /** Grants a role; one that is held already is granted anew, with the new expiry. */
  async grant(grant: RoleGrant): Promise<void> {
    await this.db
      .repo(RoleGrant)
      .upsert(grant, { conflictPaths: ['userId', 'roleId'], skipUpdateIfNoValuesChanged: false })
  }

  /** For people who hold none of these roles yet. */
  async addGrants(grants: readonly RoleGrant[]): Promise<void> {
    await insertRows(this.db, RoleGrant, grants)
  }

  async revoke(userId: Id, roleId: Id): Promise<boolean> {
    const result = await this.db.repo(RoleGrant).delete({ userId, roleId })
    return (result.affected ?? 0) > 0
  }

  /** How many people who may sign in hold a role for good, besides one of them. */
  async countHoldersBesides(roleId: Id, userId: Id): Promise<number> {
    const [row] = await this.db.query<{ count: string }>(
      `SELECT count(*) FROM role_grants held JOIN users person ON person.id = held.user_id
       WHERE held.role_id = $1 AND held.user_id <> $2 AND held.expires_at IS NULL AND ${isActive('person', '$3')}`,
      [roleId, userId, this.db.now],
    )
    return Number(row!.count)
  }
}
