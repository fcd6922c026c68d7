import type { ObjectLiteral } from 'typeorm'
import type { Permission } from '../core/permission'
import { ownId, type Viewer } from '../core/viewer'

/** A condition of a query, and the values of its parameters: what `andWhere` takes. */
export type Condition = [sql: string, parameters: ObjectLiteral]

/** Somebody is a member of one of these groups. No query that asks it may call anything `within_reach`: it would mean that. */
export const isMemberOf = (userId: string, groupIds: string): string =>
  `EXISTS (SELECT FROM group_members within_reach WHERE within_reach.user_id = ${userId} AND within_reach.group_id = ANY(${groupIds}))`

/**
 * Which rows the viewer may see: those about the people to whom one of these permissions reaches, be it everybody or the
 * members of some groups. `person` is the column that says whom a row is about.
 */
export function withinReach(viewer: Viewer, person: string, ...permissions: Permission[]): Condition {
  if (permissions.some((permission) => viewer.permissions.has(permission))) return ['true', {}]
  const groups = permissions.flatMap((permission) => [...(viewer.inGroups.get(permission) ?? [])])
  if (groups.length === 0) return ['false', {}]
  const name = `groups_${permissions.join('_').replaceAll(/\W/g, '_')}`
  return [isMemberOf(person, `:${name}`), { [name]: [...new Set(groups)] }]
}

/** The same, and those about the viewer; whoever acts as the viewer sees those only by a permission of their own. */
export function ownOrWithinReach(viewer: Viewer, person: string, ...permissions: Permission[]): Condition {
  const [sql, parameters] = withinReach(viewer, person, ...permissions)
  return [`(${person} = :viewer OR ${sql})`, { ...parameters, viewer: ownId(viewer, ...permissions) }]
}
