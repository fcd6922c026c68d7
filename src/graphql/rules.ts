import { rule } from 'graphql-shield'
import type { Context } from '../context/context'
import { later, MINUTE } from '../core/clock'
import { ApiError } from '../core/error'
import type { Id } from '../core/id'
import type { Permission } from '../core/permission'
import { holds, viewerId } from '../core/viewer'

/** How long a proof of identity serves for what asks for a fresh one. */
export const FRESHNESS = 10 * MINUTE

type Question<Parent> = (context: Context, parent: Parent) => boolean | Error

/**
 * A rule that answers at once from what the request already knows. Shield's caches stay off: they are keyed by the rule's
 * name and not by the field, and hashing the arguments costs more than asking again.
 */
const ask = <Parent = unknown>(name: string, question: Question<Parent>) =>
  rule(name, { cache: 'no_cache' })((parent: Parent, _args: unknown, context: Context) => question(context, parent))

/** Somebody is signed in. */
export const isSignedIn = ask('isSignedIn', ({ viewer }) => viewer.kind === 'signed-in')

const permissionRules = new Map<Permission, ReturnType<typeof ask>>()

/** The viewer holds this permission. */
export function can(permission: Permission) {
  const made = permissionRules.get(permission) ?? ask(`can(${permission})`, ({ viewer }) => holds(viewer, permission))
  permissionRules.set(permission, made)
  return made
}

/** The person whose field it is, is the viewer. */
export const isSelf = ask<{ id: Id }>('isSelf', ({ viewer }, user) => user.id === viewerId(viewer))

/** The viewer did what the event tells. */
export const isActor = ask<{ actorId: Id | null }>(
  'isActor',
  ({ viewer }, event) => event.actorId !== null && event.actorId === viewerId(viewer),
)

/** The viewer has proven who they are within the last ten minutes. */
export const isFresh = ask('isFresh', ({ viewer, clock }) => {
  if (viewer.kind !== 'signed-in') return false
  if (viewer.authenticatedAt > later(clock.now(), -FRESHNESS)) return true
  return new ApiError('REAUTHENTICATION_REQUIRED', 'Prove again who you are, then repeat this.', { methods: ['PASSWORD'] })
})
