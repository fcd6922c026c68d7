import type { Id } from './id'
import { isPermission, type Permission } from './permission'

/** What somebody may do at one moment, and to whom: all permissions of all roles held. */
export interface Authority {
  /** What may be done to everybody. */
  readonly permissions: ReadonlySet<Permission>
  /** What may be done to the members of some groups, besides. */
  readonly inGroups: ReadonlyMap<Permission, ReadonlySet<Id>>
  /** What might be done besides if the request said why: roles that require a reason give nothing without one. */
  readonly withheld: ReadonlySet<Permission>
}

export const NO_AUTHORITY: Authority = Object.freeze({
  permissions: new Set<Permission>(),
  inGroups: new Map<Permission, ReadonlySet<Id>>(),
  withheld: new Set<Permission>(),
})

/** What one grant of a role gives: to do this to everybody, or to the members of a group. */
export interface GrantedRole {
  permissions: readonly string[]
  groupId: Id | null
  requiresReason: boolean
}

/** Whether saying why makes a difference. */
export const reasonsCount = (grants: readonly GrantedRole[]): boolean =>
  grants.some(({ requiresReason }) => requiresReason)

/** Adds up what grants give, as far as `keeps` leaves it; words that this version of Portico does not know give nothing. */
export function authorityOf(
  grants: readonly GrantedRole[],
  {
    keeps = () => true,
    hasReason = false,
  }: { keeps?: (permission: Permission) => boolean; hasReason?: boolean } = {},
): Authority {
  const permissions = new Set<Permission>()
  const inGroups = new Map<Permission, Set<Id>>()
  const withheld = new Set<Permission>()
  for (const { permissions: granted, groupId, requiresReason } of grants) {
    for (const permission of granted.filter(isPermission).filter(keeps)) {
      if (requiresReason && !hasReason) withheld.add(permission)
      else if (groupId === null) permissions.add(permission)
      else inGroups.set(permission, (inGroups.get(permission) ?? new Set()).add(groupId))
    }
  }
  return { permissions, inGroups, withheld }
}
