import { ApiError } from './error'
import type { Id } from './id'
import type { Permission } from './permission'

/** Who is asking. Made once per request by the server; everything after it only reads. */
export type Viewer = Anonymous | SignedIn

export interface Anonymous {
  readonly kind: 'anonymous'
  readonly permissions: ReadonlySet<Permission>
}

export interface SignedIn {
  readonly kind: 'signed-in'
  readonly userId: Id
  readonly sessionId: Id
  readonly username: string
  /** When this session last proved who holds it; step-up compares it with the clock. */
  readonly authenticatedAt: Date
  /** All permissions of all roles held at this moment. */
  readonly permissions: ReadonlySet<Permission>
}

export const anonymous: Anonymous = Object.freeze({ kind: 'anonymous', permissions: new Set<Permission>() })

export const isSignedIn = (viewer: Viewer): viewer is SignedIn => viewer.kind === 'signed-in'

/** The viewer's own user id, or null for a stranger. */
export const viewerId = (viewer: Viewer): Id | null => (viewer.kind === 'signed-in' ? viewer.userId : null)

export const holds = (viewer: Viewer, permission: Permission): boolean => viewer.permissions.has(permission)

/** @throws ApiError UNAUTHENTICATED. The policy has asked already; this tells the compiler, and holds where no policy stands before. */
export function requireSignedIn(viewer: Viewer): SignedIn {
  if (viewer.kind === 'signed-in') return viewer
  throw new ApiError('UNAUTHENTICATED', 'Sign in first.')
}
