import type { ObjectLiteral } from 'typeorm'
import type { Permission } from '../core/permission'
import { Audience } from '../core/audience'
import type { Id } from '../core/id'
import { holds, isSignedIn, lacksConsent, ownId, type Viewer } from '../core/viewer'
import type { Queryable } from './queryable'

/** A condition of a query, and the values of its parameters: what `andWhere` takes. */
export type Condition = [sql: string, parameters: ObjectLiteral]

/** Somebody is a member of one of these groups. No query that asks it may call anything `within_reach`: it would mean that. */
export const isMemberOf = (userId: string, groupIds: string): string =>
  `EXISTS (SELECT FROM group_members within_reach WHERE within_reach.user_id = ${userId} AND within_reach.group_id = ANY(${groupIds}))`

/**
 * Somebody is shown to nobody else, as SQL has it: their data is kept and no more (GDPR art. 18), or they have deactivated their
 * account. `users_hidden_index` holds them.
 */
export const isHidden = (person: string): string =>
  `(${person}.restricted_at IS NOT NULL OR ${person}.deactivated_at IS NOT NULL)`

/** Why somebody is shown to nobody else, and the permissions that show them all the same. */
interface Hiding {
  column: 'restricted_at' | 'deactivated_at'
  isShownBy: readonly Permission[]
}

const RESTRICTED: Hiding = { column: 'restricted_at', isShownBy: ['privacy:manage'] }
const DEACTIVATED: Hiding = {
  column: 'deactivated_at',
  isShownBy: ['users:read', 'posts:moderate', 'audit:read', 'privacy:manage'],
}

/**
 * Which people are shown to the viewer at all: not those whose data is kept and no more (GDPR art. 18), but the viewer themselves,
 * and whom `privacy:manage` reaches; nor those who have deactivated their account, but to staff who look after people. No query that
 * asks it may call anything `restricted`: it would mean that.
 */
export const isShown = (viewer: Viewer, person: string): Condition =>
  isNotHidden(viewer, person, [RESTRICTED, DEACTIVATED])

function isNotHidden(viewer: Viewer, person: string, hidings: readonly Hiding[]): Condition {
  const parameters: ObjectLiteral = {}
  const reasons = hidings
    .filter(({ isShownBy }) => !isShownBy.some((permission) => holds(viewer, permission)))
    .map(({ column, isShownBy }) => {
      const [isReached, groups] = reachOf(viewer, 'restricted.id', ...isShownBy)
      const own = ownId(viewer, ...isShownBy)
      Object.assign(parameters, groups, own !== null && { shown_to: own })
      return [
        `restricted.${column} IS NOT NULL`,
        ...(own === null ? [] : ['restricted.id <> :shown_to']),
        ...(isReached === 'false' ? [] : [`NOT ${isReached}`]),
      ].join(' AND ')
    })
  if (reasons.length === 0) return ['true', {}]
  return [
    `NOT EXISTS (SELECT FROM users restricted WHERE restricted.id = ${person} AND ((${reasons.join(') OR (')})))`,
    parameters,
  ]
}

/**
 * Which rows the viewer may see: those about the people to whom one of these permissions reaches, be it everybody or the
 * members of some groups, and whose data is more than kept. `person` is the column that says whom a row is about.
 */
export function withinReach(viewer: Viewer, person: string, ...permissions: Permission[]): Condition {
  const [isReached, parameters] = reachOf(viewer, person, ...permissions)
  const [isSeen, others] = isReached === 'false' ? ['true', {}] : isNotHidden(viewer, person, [RESTRICTED])
  if (isReached === 'true' || isSeen === 'true')
    return [isReached === 'true' ? isSeen : isReached, { ...parameters, ...others }]
  return [`(${isReached} AND ${isSeen})`, { ...parameters, ...others }]
}

/** The same, be they shown or not: for what has to be seen all the same, and for tables that hold nobody who is not shown. */
export function reachOf(viewer: Viewer, person: string, ...permissions: Permission[]): Condition {
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

/** Which rows the viewer may see that are about a group, by a permission over everybody or over its members. */
export function groupWithinReach(viewer: Viewer, group: string, permission: Permission): Condition {
  if (holds(viewer, permission)) return ['true', {}]
  return [`${group} = ANY(:reached_groups)`, { reached_groups: [...(viewer.inGroups.get(permission) ?? [])] }]
}

/**
 * Which of these pairs of people are such that the first has blocked or muted the second, be it over by now.
 * @visibility what blocks keep away follows from them; no row is shown
 */
export async function keptAway(
  db: Queryable,
  pairs: readonly (readonly [personId: Id, blockedId: Id])[],
): Promise<{ personId: Id; blockedId: Id }[]> {
  return db.query(
    `SELECT DISTINCT block.person_id AS "personId", block.blocked_id AS "blockedId"
     FROM unnest($1::uuid[], $2::uuid[]) AS pair (person_id, blocked_id)
     JOIN blocks block ON block.person_id = pair.person_id AND block.blocked_id = pair.blocked_id`,
    [pairs.map(([personId]) => personId), pairs.map(([, blockedId]) => blockedId)],
  )
}

/**
 * What SQL says for: the viewer is in the audience to which something of a person is shown. `audience` is SQL for one, `person` the
 * column that says whose it is. No query that asks it may call anything `keeping_away`: it would mean that.
 */
export function isInAudience(viewer: Viewer, audience: string, person: string): Condition {
  const [isTheirs, parameters] = ownOrWithinReach(viewer, person, 'users:read')
  if (!isSignedIn(viewer) || lacksConsent(viewer))
    return [`(${audience} = '${Audience.PUBLIC}' OR ${isTheirs})`, parameters]
  const isBlocked = `EXISTS (SELECT FROM blocks keeping_away WHERE keeping_away.person_id = ${person} AND keeping_away.kind = 'BLOCKED' AND keeping_away.blocked_id = :member)`
  return [
    `(${audience} = '${Audience.PUBLIC}' OR ${isTheirs} OR ${audience} = '${Audience.MEMBERS}' AND NOT ${isBlocked})`,
    { ...parameters, member: viewer.userId },
  ]
}
