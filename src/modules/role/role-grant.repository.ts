import { IsNull } from 'typeorm'
import type { GrantedRole } from '../../core/authority'
import { UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Permission } from '../../core/permission'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { constraintMeans } from '../../db/database-error'
import { insertRows } from '../../db/insert'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { isActive } from '../user/user-status'
import { heldSql, isInForce, isStaffSql } from './held-sql'
import type { GrantInForce, Held } from './held'
import { Role } from './role.entity'
import { RoleGrant } from './role-grant.entity'

constraintMeans('role_grants_group_id_fkey', 'groupId', UserErrorCode.NOT_FOUND, 'There is no such group.')

const COLUMNS = [
  'id',
  'userId',
  'roleId',
  'groupId',
  'grantedById',
  'grantReason',
  'expiresAt',
  'createdAt',
] as const
export type RoleGrantRow = Pick<RoleGrant, (typeof COLUMNS)[number]>

/** What somebody was granted, in force or not any more, with what its role gives. */
export type PastGrant = RoleGrantRow & GrantedRole & { roleName: string }

/** Whose holdings are compared: one person's, or those of everybody who holds a role, or holds anything over a group. */
export type Holders = { userId: Id } | { roleId: Id } | { groupId: Id }

const OLDEST_FIRST: ListOrder<RoleGrantRow> = { columns: ['createdAt', 'id'], descending: false }

/** Every question about who holds which role. People see what they hold; `roles:read` sees what those hold whom it reaches. */
export class RoleGrantRepository {
  constructor(private readonly db: Database) {}

  /**
   * What these people hold at this moment, the oldest first.
   * @visibility guarded as `User.roleGrants`
   */
  async findByUsers(userIds: readonly Id[]): Promise<RoleGrantRow[]> {
    return this.inForce()
      .andWhere('held.userId = ANY(:userIds)', { userIds })
      .orderBy('held.createdAt')
      .addOrderBy('held.id')
      .getRawMany<RoleGrantRow>()
  }

  /**
   * Whatever a person was granted and was not taken back, with what it gives, the oldest first; also what has ended by itself.
   * @visibility guarded as `Query.explainAccess`
   */
  async findHistory(userId: Id): Promise<PastGrant[]> {
    return selectRows(this.db, RoleGrant, 'held', COLUMNS)
      .innerJoin(Role, 'role', 'role.id = held.roleId')
      .addSelect('role.name', 'roleName')
      .addSelect('role.permissions', 'permissions')
      .addSelect('role.requiresReason', 'requiresReason')
      .where('held.userId = :userId', { userId })
      .orderBy('held.createdAt')
      .addOrderBy('held.id')
      .getRawMany<PastGrant>()
  }

  /**
   * What a person was granted and holds at this moment.
   * @visibility what is done on their behalf is measured by it; nobody is shown it
   */
  async findHeld(userId: Id): Promise<GrantedRole[]> {
    const [held] = await this.db.query<{ grants: GrantedRole[] }>(heldSql('$1', '$2'), [userId, this.db.now])
    return held!.grants
  }

  /**
   * Which of these people may do anything to anybody at this moment.
   * @visibility a rule of the use cases; nobody is told more than whether a second factor is required of them
   */
  async findStaff(userIds: readonly Id[]): Promise<Id[]> {
    const staff = await this.db.query<{ id: Id }>(
      `SELECT person.id FROM unnest($1::uuid[]) AS person (id) WHERE ${isStaffSql('person.id', '$2')}`,
      [userIds, this.db.now],
    )
    return staff.map(({ id }) => id)
  }

  /** Who holds a role at this moment, as far as the viewer may see it. */
  async listByRole(roleId: Id, page: PageRequest): Promise<Page<RoleGrantRow>> {
    return readPage(this.ofRole(roleId), OLDEST_FIRST, page)
  }

  async countByRole(roleId: Id): Promise<number> {
    return this.ofRole(roleId).getCount()
  }

  /**
   * What an active person holds at this moment, locked: who takes any of it away waits for this transaction.
   * @visibility what the viewer, or whom they act on, may do is compared; nobody is shown it
   */
  async lockHeld(userId: Id): Promise<GrantInForce[]> {
    const grants = await this.db.query<{
      permissions: string[]
      group_id: Id | null
      expires_at: Date | null
    }>(
      `SELECT role.permissions, held.group_id, held.expires_at
       FROM role_grants held JOIN roles role ON role.id = held.role_id JOIN users person ON person.id = held.user_id
       WHERE held.user_id = $1 AND ${isInForce('held', '$2')} AND ${isActive('person', '$2')}
       FOR SHARE`,
      [userId, this.db.now],
    )
    return grants.map(({ permissions, group_id: groupId, expires_at: expiresAt }) => {
      return { permissions, groupId, expiresAt }
    })
  }

  /**
   * Whether a person is a member of one of these groups, and stays so until the transaction ends.
   * @visibility whom a permission reaches is found here
   */
  async lockMembership(userId: Id, groupIds: readonly Id[]): Promise<boolean> {
    const rows = await this.db.query(
      `SELECT FROM group_members WHERE user_id = $1 AND group_id = ANY($2) FOR SHARE`,
      [userId, groupIds],
    )
    return rows.length > 0
  }

  /**
   * Whether any of these people may, at this moment, do something to somebody that is not held here.
   * @visibility that somebody may do more is told to whoever would act on them, and nothing else
   */
  async mayMoreThan(held: Held, holders: Holders): Promise<boolean> {
    const [condition, id] =
      'userId' in holders
        ? ['user_id = $1', holders.userId]
        : 'roleId' in holders
          ? ['user_id IN (SELECT user_id FROM role_grants WHERE role_id = $1)', holders.roleId]
          : ['user_id IN (SELECT user_id FROM role_grants WHERE group_id = $1)', holders.groupId]
    const [row] = await this.db.query<{ more: boolean }>(
      `SELECT EXISTS (
         SELECT FROM role_grants held
         JOIN roles role ON role.id = held.role_id
         CROSS JOIN unnest(role.permissions) AS permission
         WHERE held.${condition} AND ${isInForce('held', '$2')} AND permission = ANY($3)
           AND (held.group_id IS NULL OR permission || ' ' || held.group_id <> ALL($4))
       ) AS more`,
      [id, this.db.now, held.lacking, held.inGroups],
    )
    return row!.more
  }

  /** Grants a role; one that is held over the same people already is granted anew. */
  async put(grant: RoleGrant): Promise<void> {
    await this.db
      .repo(RoleGrant)
      .upsert(grant, { conflictPaths: ['userId', 'roleId', 'groupId'], skipUpdateIfNoValuesChanged: false })
  }

  /** For people who hold none of these roles yet. */
  async add(grants: readonly RoleGrant[]): Promise<void> {
    await insertRows(this.db, RoleGrant, grants)
  }

  /**
   * False when it was not held.
   * @visibility whoever may grant revokes
   */
  async remove(userId: Id, roleId: Id, groupId: Id | null): Promise<boolean> {
    const result = await this.db
      .repo(RoleGrant)
      .createQueryBuilder()
      .delete()
      .where('user_id = :userId AND role_id = :roleId AND group_id IS NOT DISTINCT FROM :groupId', {
        userId,
        roleId,
        groupId,
      })
      .execute()
    return (result.affected ?? 0) > 0
  }

  async removeOfRole(roleId: Id): Promise<void> {
    await this.db.repo(RoleGrant).delete({ roleId })
  }

  /**
   * Whether somebody holds a role over everybody and for good.
   * @visibility whether another admin stays is told, and nothing else
   */
  async isHeldForGood(roleId: Id, userId: Id): Promise<boolean> {
    return this.db.repo(RoleGrant).existsBy({ roleId, userId, groupId: IsNull(), expiresAt: IsNull() })
  }

  /**
   * How many people who may sign in hold a role over everybody and for good, besides one of them.
   * @visibility whether another admin stays is told, and nothing else
   */
  async countHoldersBesides(roleId: Id, userId: Id): Promise<number> {
    const [row] = await this.db.query<{ count: string }>(
      `SELECT count(*) FROM role_grants held JOIN users person ON person.id = held.user_id
       WHERE held.role_id = $1 AND held.user_id <> $2 AND held.group_id IS NULL AND held.expires_at IS NULL
         AND ${isActive('person', '$3')} AND person.deactivated_at IS NULL`,
      [roleId, userId, this.db.now],
    )
    return Number(row!.count)
  }

  /**
   * Who may do something to everybody at this moment, as far as they may sign in.
   * @visibility for what has to be told to them; nobody else is told who they are
   */
  async findHoldersOf(permission: Permission): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      `SELECT DISTINCT person.id FROM role_grants held JOIN roles role ON role.id = held.role_id
         JOIN users person ON person.id = held.user_id
       WHERE $2 = ANY(role.permissions) AND held.group_id IS NULL AND ${isInForce('held', '$1')}
         AND ${isActive('person', '$1')} AND person.deactivated_at IS NULL
       ORDER BY person.id`,
      [this.db.now, permission],
    )
    return rows.map(({ id }) => id)
  }

  private ofRole(roleId: Id) {
    return this.inForce()
      .andWhere('held.roleId = :roleId', { roleId })
      .andWhere(...ownOrWithinReach(this.db.caller.viewer, 'held.userId', 'roles:read'))
  }

  private inForce() {
    return selectRows(this.db, RoleGrant, 'held', COLUMNS).where(
      '(held.expiresAt IS NULL OR held.expiresAt > :now)',
      { now: this.db.now },
    )
  }
}
