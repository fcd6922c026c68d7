import type { Context } from '../context/context'
import { later, MINUTE } from '../core/clock'
import { ApiError } from '../core/error'
import type { Id } from '../core/id'
import type { Permission } from '../core/permission'
import { holds, viewerId } from '../core/viewer'
import { predicate } from './guard'

/** How long a proof of identity serves for what asks for a fresh one. */
export const FRESHNESS = 10 * MINUTE

/** Somebody is signed in. */
export const isSignedIn = predicate('isSignedIn', ({ viewer }) => viewer.kind === 'signed-in')

/** A rule for each permission, made once: shield takes two rules of one name for a mistake. */
function perPermission(
  name: string,
  question: (context: Context, permission: Permission) => boolean | Error,
) {
  const made = new Map<Permission, ReturnType<typeof predicate>>()
  return (permission: Permission) => {
    const rule =
      made.get(permission) ?? predicate(`${name}(${permission})`, (context) => question(context, permission))
    made.set(permission, rule)
    return rule
  }
}

/** The viewer holds this permission. */
export const can = perPermission('can', ({ viewer }, permission) => holds(viewer, permission))

/**
 * The viewer holds this permission and has proven who they are within the last ten minutes. Whoever does not hold it is
 * not asked to prove anything.
 */
export const canFreshly = perPermission('canFreshly', ({ viewer, clock }, permission) => {
  if (viewer.kind !== 'signed-in' || !holds(viewer, permission)) return false
  if (viewer.authenticatedAt > later(clock.now(), -FRESHNESS)) return true
  return new ApiError('REAUTHENTICATION_REQUIRED', 'Prove again who you are, then repeat this.', {
    methods: ['PASSWORD'],
  })
})

/** The person whose field it is, is the viewer. */
export const isSelf = predicate<{ id: Id }>('isSelf', ({ viewer }, user) => user.id === viewerId(viewer))

/** The viewer did what the event tells. */
export const isActor = predicate<{ actorId: Id | null }>(
  'isActor',
  ({ viewer }, event) => event.actorId !== null && event.actorId === viewerId(viewer),
)
