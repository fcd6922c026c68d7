import type { Id } from '../../core/id'
import { ALL_PERMISSIONS, isPermission, type Permission } from '../../core/permission'

/** A grant as a transaction finds it. */
export interface GrantInForce {
  permissions: readonly string[]
  groupId: Id | null
  expiresAt: Date | null
}

/**
 * What somebody may do by now: each permission over everybody or over the members of a group, with the moment at which they
 * lose it. Over everybody is over each group as well.
 */
export class Held {
  private readonly ends = new Map<string, Date | null>()

  constructor(
    grants: readonly GrantInForce[],
    keeps: (permission: Permission, groupId: Id | null) => boolean = () => true,
  ) {
    for (const { permissions, groupId, expiresAt } of grants) {
      for (const permission of permissions.filter(isPermission)) {
        if (!keeps(permission, groupId)) continue
        const key = keyOf(permission, groupId)
        const known = this.ends.get(key)
        this.ends.set(key, known === undefined ? expiresAt : later(known, expiresAt))
      }
    }
  }

  /** When it is lost; null for never, undefined where it is not held. */
  endOf(permission: Permission, groupId: Id | null): Date | null | undefined {
    const everywhere = this.ends.get(permission)
    const there = groupId === null ? undefined : this.ends.get(keyOf(permission, groupId))
    if (everywhere === undefined) return there
    return there === undefined ? everywhere : later(everywhere, there)
  }

  has(permission: Permission, groupId: Id | null = null): boolean {
    return this.endOf(permission, groupId) !== undefined
  }

  hasSomewhere(permission: Permission): boolean {
    return this.has(permission) || this.groupsOf(permission).length > 0
  }

  /** The groups over whose members alone it is held. */
  groupsOf(permission: Permission): Id[] {
    const prefix = keyOf(permission, '')
    return [...this.ends.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
  }

  /** Whether something is held here that is not held there. */
  exceeds(other: Held): boolean {
    return [...this.ends.keys()].some((key) => {
      const [permission, groupId = null] = key.split(' ') as [Permission, Id?]
      return !other.has(permission, groupId)
    })
  }

  /** What is not held over everybody. */
  get lacking(): Permission[] {
    return ALL_PERMISSIONS.filter((permission) => !this.ends.has(permission))
  }

  /** What is held over groups, in words of which SQL makes the same: the permission, a space and the group. */
  get inGroups(): string[] {
    return [...this.ends.keys()].filter((key) => key.includes(' '))
  }
}

const keyOf = (permission: Permission, groupId: Id | null): string =>
  groupId === null ? permission : `${permission} ${groupId}`

const later = (one: Date | null, other: Date | null): Date | null =>
  one === null || other === null ? null : one > other ? one : other
