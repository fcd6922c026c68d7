import type { Id } from '../../core/id'
import { UserErrorCode } from '../../core/error'
import { holdsSomewhere, ownId } from '../../core/viewer'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { selectRows } from '../../db/page'
import type { BuiltInRoleName } from './built-in-role'
import { isInForce } from './held-sql'
import { Role } from './role.entity'

constraintMeans('roles_name_key', 'name', UserErrorCode.TAKEN, 'There is a role of this name already.')

const COLUMNS = [
  'id',
  'name',
  'description',
  'permissions',
  'requiresReason',
  'isBuiltIn',
  'version',
] as const
export type RoleRow = Pick<Role, (typeof COLUMNS)[number]>

/** Every question about roles. People see the roles that they hold; `roles:read` sees all. */
export class RoleRepository {
  constructor(private readonly db: Database) {}

  /** @visibility guarded as `Query.roles` */
  async list(): Promise<RoleRow[]> {
    return selectRows(this.db, Role, 'role', COLUMNS)
      .orderBy('role.createdAt')
      .addOrderBy('role.id')
      .getRawMany<RoleRow>()
  }

  async lookup(ids: readonly Id[]): Promise<RoleRow[]> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, Role, 'role', COLUMNS).where('role.id = ANY(:ids)', { ids })
    if (!holdsSomewhere(viewer, 'roles:read')) {
      query.andWhere(
        `EXISTS (SELECT FROM role_grants held
                 WHERE held.role_id = role.id AND held.user_id = :viewer AND ${isInForce('held', ':now')})`,
        { viewer: ownId(viewer, 'roles:read'), now: this.db.now },
      )
    }
    return query.getRawMany<RoleRow>()
  }

  /** @visibility Portico itself looks for the built-in ones */
  async findByName(name: string): Promise<Role | null> {
    return this.db.repo(Role).findOneBy({ name })
  }

  /**
   * A role that every installation has. @throws Error where it is missing.
   * @visibility Portico itself looks for the built-in ones
   */
  async builtIn(name: BuiltInRoleName): Promise<Role> {
    const role = await this.findByName(name)
    if (!role) throw new Error(`The built-in role ${name} is missing: run the migrations.`)
    return role
  }

  /** @visibility whoever names one to put into a change is told that there is none */
  async exists(id: Id): Promise<boolean> {
    return this.db.repo(Role).existsBy({ id })
  }

  /**
   * The whole row, locked until the transaction ends.
   * @visibility whoever may write or grant roles changes them
   */
  async lock(id: Id): Promise<Role | null> {
    return this.db.repo(Role).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  async add(role: Role): Promise<void> {
    await this.db.repo(Role).insert(role)
  }

  /**
   * Adds a built-in role, or gives the one of this name its present meaning; processes that start together may both do it.
   * False where a role of somebody's own making has the name.
   * @visibility Portico itself brings the built-in ones up to date
   */
  async sync(role: Role): Promise<boolean> {
    const synced = await this.db.query(
      `INSERT INTO roles (id, name, description, permissions, requires_reason, is_built_in, version, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (lower(name)) DO UPDATE SET description = excluded.description, permissions = excluded.permissions
       WHERE roles.is_built_in
       RETURNING id`,
      [
        role.id,
        role.name,
        role.description,
        role.permissions,
        role.requiresReason,
        role.isBuiltIn,
        role.version,
        role.createdAt,
      ],
    )
    return synced.length > 0
  }

  async save({ id, ...columns }: Role): Promise<void> {
    await this.db.repo(Role).update({ id }, columns)
  }

  async remove(id: Id): Promise<void> {
    await this.db.repo(Role).delete({ id })
  }
}
