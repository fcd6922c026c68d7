import type { Id } from '../../core/id'
import { isPermission, type Permission } from '../../core/permission'
import { UserErrorCode } from '../../core/error'
import { holds, viewerId } from '../../core/viewer'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { selectRows } from '../../db/page'
import { Role, RoleGrant } from './role.entity'

constraintMeans('roles_name_key', 'name', UserErrorCode.TAKEN, 'There is a role of this name already.')

const COLUMNS = ['id', 'name', 'description', 'permissions', 'isBuiltIn', 'version'] as const
export type RoleRow = Pick<Role, (typeof COLUMNS)[number]>

/** A role as somebody holds it. */
export interface HeldRole extends RoleRow {
  userId: Id
}

/** Every question about roles and grants. People see the roles that they hold; `roles:read` sees all. */
export class RoleRepository {
  constructor(private readonly db: Database) {}

  async list(): Promise<RoleRow[]> {
    return selectRows(this.db, Role, 'role', COLUMNS).orderBy('role.createdAt').addOrderBy('role.id').getRawMany<RoleRow>()
  }

  async lookup(ids: readonly Id[]): Promise<RoleRow[]> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, Role, 'role', COLUMNS).where('role.id = ANY(:ids)', { ids })
    if (!holds(viewer, 'roles:read')) {
      query.andWhere('EXISTS (SELECT FROM role_grants held WHERE held.role_id = role.id AND held.user_id = :viewer)', {
        viewer: viewerId(viewer),
      })
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

  /** The permissions that these people hold at this moment; nobody is left out. */
  async permissionsOf(userIds: readonly Id[]): Promise<Map<Id, Set<Permission>>> {
    const permissions = new Map(userIds.map((userId) => [userId, new Set<Permission>()]))
    for (const role of await this.findByUsers(userIds)) {
      for (const permission of role.permissions.filter(isPermission)) permissions.get(role.userId)!.add(permission)
    }
    return permissions
  }

  /** The whole row, locked until the transaction ends. */
  async lock(id: Id): Promise<Role | null> {
    return this.db.repo(Role).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  async add(role: Role): Promise<void> {
    await this.db.repo(Role).insert(role)
  }

  async save({ id, ...columns }: Role): Promise<void> {
    await this.db.repo(Role).update({ id }, columns)
  }

  /** Removes a role and with it every grant of it. */
  async remove(id: Id): Promise<void> {
    await this.db.repo(RoleGrant).delete({ roleId: id })
    await this.db.repo(Role).delete({ id })
  }

  async findGrant(userId: Id, roleId: Id): Promise<RoleGrant | null> {
    return this.db.repo(RoleGrant).findOneBy({ userId, roleId })
  }

  /** Grants a role; one that is held already is granted anew, with the new expiry. */
  async grant(grant: RoleGrant): Promise<void> {
    await this.db.repo(RoleGrant).upsert(grant, { conflictPaths: ['userId', 'roleId'], skipUpdateIfNoValuesChanged: false })
  }

  async revoke(userId: Id, roleId: Id): Promise<boolean> {
    const result = await this.db.repo(RoleGrant).delete({ userId, roleId })
    return (result.affected ?? 0) > 0
  }

  /** How many people who may sign in hold a role for good, besides one of them. */
  async countHoldersBesides(roleId: Id, userId: Id): Promise<number> {
    const [row] = await this.db.query<{ count: string }>(
      `SELECT count(*) FROM role_grants held JOIN users person ON person.id = held.user_id
       WHERE held.role_id = $1 AND held.user_id <> $2 AND held.expires_at IS NULL AND person.status = 'active'`,
      [roleId, userId],
    )
    return Number(row!.count)
  }
}
