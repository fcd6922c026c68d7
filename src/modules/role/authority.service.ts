import { ApiError, rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Permission } from '../../core/permission'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import type { BuiltInRoleName } from './built-in-role'
import { Held } from './held'
import { RoleGrantRepository, type Holders } from './role-grant.repository'
import { RoleRepository, type RoleRow } from './role.repository'

/**
 * Whether a change is within the viewer's power, asked inside the transaction that makes it: the request may have found
 * what they hold before somebody took it away. Three rules hold whatever the policy says: you pass on only what you hold,
 * no longer than you hold it and over nobody else; you act on nobody who may do what you may not; and the last admin stays.
 */
export class AuthorityService {
  private readonly grants: RoleGrantRepository

  constructor(private readonly db: Database) {
    this.grants = new RoleGrantRepository(db)
  }

  /**
   * What the viewer may do still of what they might when the request began, which scopes and a second factor that is missing
   * make less than they hold. Inside a transaction it stays so to the end.
   */
  async ofViewer(): Promise<Held> {
    const viewer = requireSignedIn(this.db.caller.viewer)
    return new Held(await this.grants.lockHeld(viewer.userId), (permission, groupId) =>
      groupId === null
        ? viewer.permissions.has(permission)
        : viewer.inGroups.get(permission)?.has(groupId) === true,
    )
  }

  /** What the viewer may do by now. @throws ApiError FORBIDDEN when this, over everybody, is no longer part of it. */
  async require(permission: Permission): Promise<Held> {
    const held = await this.ofViewer()
    if (!held.has(permission))
      throw new ApiError('FORBIDDEN', 'Your roles have changed; you may not do this any more.')
    return held
  }

  /** Whether the viewer may by now do this to this person, who stays within reach until the transaction ends. */
  async reaches(userId: Id, permission: Permission): Promise<boolean> {
    return this.isWithin(await this.ofViewer(), userId, permission)
  }

  /** Whether somebody, who need not be the viewer, may by now do this to everybody. */
  async holds(userId: Id, permission: Permission): Promise<boolean> {
    return new Held(await this.grants.lockHeld(userId)).has(permission)
  }

  /** Whether somebody, who need not be the viewer, may by now do this to this person. */
  async mayDo(holderId: Id, userId: Id, permission: Permission): Promise<boolean> {
    return this.isWithin(new Held(await this.grants.lockHeld(holderId)), userId, permission)
  }

  /**
   * The viewer may by now do this to this person: nobody acts on somebody above them, a person with a permission that
   * they lack themselves.
   * @throws ApiError FORBIDDEN; Rejected NOT_PERMITTED
   */
  async assertMayActOn(userId: Id, permission: Permission): Promise<Held> {
    const held = await this.heldOver(userId, permission)
    if (held) return held
    throw new ApiError('FORBIDDEN', 'You may not do this to this person, or not any more.')
  }

  /**
   * The same, where whoever is out of reach is not there for the viewer: false for them.
   * @throws Rejected NOT_PERMITTED on somebody above the viewer
   */
  async mayActOn(userId: Id, permission: Permission): Promise<boolean> {
    return (await this.heldOver(userId, permission)) !== null
  }

  /** Nobody acts on somebody above them. @throws Rejected NOT_PERMITTED */
  async assertNotAbove(held: Held, holders: Holders): Promise<void> {
    if (!(await this.grants.mayMoreThan(held, holders))) return
    const who = 'userId' in holders ? 'This person' : 'Somebody whom it concerns'
    throw rejected(
      [],
      UserErrorCode.NOT_PERMITTED,
      `${who} may do things that you may not; ask somebody who may.`,
    )
  }

  /**
   * The same as `assertMayActOn` for what takes all from this person that they may do; the last admin stays. Call it first in a
   * transaction: those who would take the last two away at once take turns.
   * @throws ApiError FORBIDDEN; Rejected NOT_PERMITTED, LAST_ADMIN
   */
  async assertMayExclude(userId: Id, permission: Permission): Promise<void> {
    await this.lockAdmin()
    await this.assertMayActOn(userId, permission)
    await this.assertNotLastAdmin(userId)
  }

  /**
   * Somebody else can administer Portico when this person is gone. Call it first in a transaction, as `assertMayExclude`.
   * @throws Rejected LAST_ADMIN
   */
  async assertNotLastAdmin(userId: Id): Promise<void> {
    if (await this.isLastAdmin(userId)) throw lastAdmin()
  }

  /** Whether nobody else could administer Portico without this person; asked as `assertNotLastAdmin` is. */
  async isLastAdmin(userId: Id): Promise<boolean> {
    const admin = await this.lockAdmin()
    return (
      (await this.grants.isHeldForGood(admin.id, userId)) &&
      (await this.grants.countHoldersBesides(admin.id, userId)) === 0
    )
  }

  /** The viewer may do something that this person may not. @throws Rejected NOT_PERMITTED on an equal. */
  async assertBelow(held: Held, userId: Id): Promise<void> {
    if (held.exceeds(new Held(await this.grants.lockHeld(userId)))) return
    throw rejected(
      [],
      UserErrorCode.NOT_PERMITTED,
      'This person may do all that you may; ask somebody who may do more.',
    )
  }

  /**
   * Somebody else goes on to be admin, over everybody and for good. The lock on the role's row makes those who would take
   * the last two away at once take turns.
   * @throws Rejected LAST_ADMIN
   */
  async assertAdminStays(role: Pick<RoleRow, 'id' | 'name'>, userId: Id): Promise<void> {
    if (role.name !== ('admin' satisfies BuiltInRoleName)) return
    if ((await this.grants.countHoldersBesides(role.id, userId)) === 0) throw lastAdmin()
  }

  private async lockAdmin(): Promise<RoleRow> {
    const roles = new RoleRepository(this.db)
    return (await roles.lock((await roles.builtIn('admin')).id))!
  }

  /** What the viewer may do, where this is a part of it that reaches this person. @throws Rejected NOT_PERMITTED on somebody above */
  private async heldOver(userId: Id, permission: Permission): Promise<Held | null> {
    const held = await this.ofViewer()
    if (!(await this.isWithin(held, userId, permission))) return null
    await this.assertNotAbove(held, { userId })
    return held
  }

  private async isWithin(held: Held, userId: Id, permission: Permission): Promise<boolean> {
    if (held.has(permission)) return true
    const groups = held.groupsOf(permission)
    return groups.length > 0 && (await this.grants.lockMembership(userId, groups))
  }
}

/**
 * You pass on only what you hold, no longer than you hold it, and over nobody else.
 * @throws Rejected NOT_PERMITTED naming what is missing.
 */
export function assertHeld(
  held: Held,
  permissions: readonly Permission[],
  { until, groupId, field }: { until: Date | null; groupId: Id | null; field: string },
): void {
  const isMissing = (permission: Permission) => {
    const end = held.endOf(permission, groupId)
    return end === undefined || (end !== null && (until === null || end < until))
  }
  const missing = permissions.filter(isMissing)
  if (missing.length === 0) return
  const message = `You can pass on only what you hold yourself, and no longer; you lack ${missing.join(', ')}.`
  throw rejected(field, UserErrorCode.NOT_PERMITTED, message)
}

const lastAdmin = () =>
  rejected([], UserErrorCode.LAST_ADMIN, 'This is the last admin. Make somebody else admin first.')
