import type { Context } from '../context/context'
import { later, MINUTE } from '../core/clock'
import { ApiError } from '../core/error'
import type { Id } from '../core/id'
import type { Permission } from '../core/permission'
import { holds, isInSession as isSession, viewerId, isSignedIn as hasSignedIn } from '../core/viewer'
import { stepUpMethods } from '../modules/authentication/step-up'
import { grantsAtOnce, predicate, type ShieldRule } from './guard'

/** How long a proof of identity serves for what asks for a fresh one. */
export const FRESHNESS = 10 * MINUTE

/** Somebody is signed in, or a program of theirs asks with an access token. */
export const isSignedIn = predicate('isSignedIn', ({ viewer }) => hasSignedIn(viewer))

/** Somebody is signed in and asks in person: what concerns credentials and sessions is not for access tokens. */
export const isInSession = predicate('isInSession', ({ viewer }) => isSession(viewer))

// Made once: shield takes two rules of one name for a mistake.
const permissionRules = new Map<Permission, ReturnType<typeof predicate>>()

/** The viewer holds this permission. */
export function can(permission: Permission) {
  const rule =
    permissionRules.get(permission) ??
    predicate(`can(${permission})`, ({ viewer }) => holds(viewer, permission))
  permissionRules.set(permission, rule)
  return rule
}

/**
 * Whoever filters a list by one of these fields holds its permission: what somebody may not read, they may not find out by
 * searching for it either, nor by counting what is found.
 */
export const filtersOnlyBy = (permissions: Readonly<Record<string, Permission>>) =>
  predicate(`filtersOnlyBy(${Object.keys(permissions).join()})`, ({ viewer }, _parent, { filter }) =>
    Object.entries(filter ?? {}).every(([field, value]) => {
      const needed = permissions[field]
      return value == null || needed === undefined || holds(viewer, needed)
    }),
  )

const isFresh = ({ viewer, clock }: Context): boolean =>
  isSession(viewer) && viewer.authenticatedAt > later(clock.now(), -FRESHNESS)

const freshRules = new Map<ShieldRule, ShieldRule>()

/**
 * Besides this rule, a proof of identity within the last ten minutes. Whoever the rule itself refuses is not asked to prove
 * anything, nor is an access token, which cannot. The schema says so by the directive `@stepUp`.
 */
export function freshly(rule: ShieldRule): ShieldRule {
  const grants = grantsAtOnce(rule)
  const fresh =
    freshRules.get(rule) ??
    predicate(
      `freshly(${(rule as { name: string }).name})`,
      (context, parent, args) => grants(context, parent, args) && isFresh(context),
      async (context, parent, args) =>
        isSession(context.viewer) &&
        grants(context, parent, args) &&
        new ApiError('REAUTHENTICATION_REQUIRED', 'Prove again who you are, then repeat this.', {
          methods: await stepUpMethods(context.db),
        }),
    )
  freshRules.set(rule, fresh)
  return fresh
}

/** Whether this rule demands a fresh proof. */
export const demandsStepUp = (rule: ShieldRule): boolean => [...freshRules.values()].includes(rule)

/** The person whose field it is, is the viewer. */
export const isSelf = predicate<{ id: Id }>('isSelf', ({ viewer }, user) => user.id === viewerId(viewer))

/** The viewer did what the event tells. */
export const isActor = predicate<{ actorId: Id | null }>(
  'isActor',
  ({ viewer }, event) => event.actorId !== null && event.actorId === viewerId(viewer),
)
