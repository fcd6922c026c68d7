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
      (context, parent) => grants(context, parent) && isFresh(context),
      async (context, parent) =>
        isSession(context.viewer) &&
        grants(context, parent) &&
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

/** The person whose field it is, is not the viewer. */
export const isSomebodyElse = predicate<{ id: Id }>(
  'isSomebodyElse',
  ({ viewer }, user) => user.id !== viewerId(viewer),
)

/** The viewer did what the event tells. */
export const isActor = predicate<{ actorId: Id | null }>(
  'isActor',
  ({ viewer }, event) => event.actorId !== null && event.actorId === viewerId(viewer),
)
