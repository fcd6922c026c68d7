import { NO_AUTHORITY, type Authority } from './authority'
import { ApiError } from './error'
import type { Id } from './id'
import type { Permission } from './permission'

/** Who is asking. Made once per request by the server; everything after it only reads. */
export type Viewer = Anonymous | SignedIn

export interface Anonymous extends Authority {
  readonly kind: 'anonymous'
}

/** Somebody with an account: in person, or a program of theirs. `sessionId` tells them apart. */
export type SignedIn = InSession | WithAccessToken

/** A person who has signed in. */
export interface InSession extends Known {
  readonly sessionId: Id
  /** When this session last proved who holds it; step-up compares it with the clock. */
  readonly authenticatedAt: Date
  /** Who of the staff acts as this person; where nobody does, it is the person themselves. */
  readonly impersonator?: Impersonator
}

/** Somebody who acts as another person. */
export interface Impersonator {
  readonly userId: Id
  readonly username: string
  /** What they may do to the person as themselves, which is what they see of what is personal. */
  readonly permissions: ReadonlySet<Permission>
}

/** A program that a person has given an access token: it has proven nothing, and may what its scopes leave of their permissions. */
export interface WithAccessToken extends Known {
  readonly sessionId: null
  readonly accessTokenId: Id
  readonly impersonator?: undefined
}

/** Somebody known, with what they may do at this moment as far as scopes do not narrow it. */
interface Known extends Authority {
  readonly kind: 'signed-in'
  readonly userId: Id
  readonly username: string
  /** Whether they have yet to agree to something before they can go on. */
  readonly lacksConsent?: boolean
}

/** Whom a token stands for, as the database knew at one moment. */
export interface Recognised<Holder extends SignedIn = SignedIn> {
  readonly viewer: Holder
  /** What they may do where the request says why; null where that is no more. */
  readonly withReason: Authority | null
  /** When the token was last used; null for one that never was. */
  readonly lastSeenAt: Date | null
  /** When time alone changes this: a limit of a session, a grant that ends, a token's last moment. */
  readonly until: Date
}

export const anonymous: Anonymous = Object.freeze({ kind: 'anonymous', ...NO_AUTHORITY })

/** Nobody's id: no row has it. */
const NOBODY: Id = '00000000-0000-0000-0000-000000000000'

/** A member of whom nothing else is known: what they see, every member sees from whom nobody in particular is kept away. */
export const anyMember: WithAccessToken = Object.freeze({
  kind: 'signed-in',
  userId: NOBODY,
  username: '',
  sessionId: null,
  accessTokenId: NOBODY,
  ...NO_AUTHORITY,
})

/**
 * In whose place something can be looked up for the viewer and others at once: a stranger's, or a member's; null where the viewer may
 * more than members may, or somebody acts as them. Whoever has yet to agree to something is shown what strangers are.
 */
export function likeWhom(viewer: Viewer): Viewer | null {
  if (!isSignedIn(viewer)) return anonymous
  if (viewer.impersonator || viewer.permissions.size > 0 || viewer.inGroups.size > 0) return null
  return lacksConsent(viewer) ? anonymous : anyMember
}

/** Whether a person asks, themselves. */
export const isInSession = (viewer: Viewer): viewer is InSession =>
  viewer.kind === 'signed-in' && viewer.sessionId !== null && !viewer.impersonator

/** Who acts as the viewer; null where they act themselves. */
export const impersonatorOf = (viewer: Viewer): Impersonator | null =>
  (viewer.kind === 'signed-in' && viewer.impersonator) || null

/** Who really looks at what the viewer sees; null for a stranger. */
export const readerId = (viewer: Viewer): Id | null => impersonatorOf(viewer)?.userId ?? viewerId(viewer)

/** Whoever has a part in what the viewer does, and so does not decide about themselves: the viewer, and who acts as them. */
export const partiesOf = (viewer: Viewer): Id[] =>
  [viewerId(viewer), readerId(viewer)].filter((id) => id !== null)

/** Whether something about this person is about whoever asks. */
export const isAbout = (viewer: Viewer, userId: Id): boolean => partiesOf(viewer).includes(userId)

/** The viewer's own id where what is theirs may be shown to whoever asks; see `isOwn`. */
export const ownId = (viewer: Viewer, ...permissions: Permission[]): Id | null =>
  isOwn(viewer, viewerId(viewer), ...permissions) ? viewerId(viewer) : null

/** Whether something is the viewer's own to see: what is personal is hidden from whoever acts as them, as far as it was before. */
export const isOwn = (viewer: Viewer, userId: Id | null, ...permissions: Permission[]): boolean => {
  if (userId === null || userId !== viewerId(viewer)) return false
  const impersonator = impersonatorOf(viewer)
  return impersonator === null || permissions.some((permission) => impersonator.permissions.has(permission))
}

/** The id of the access token that asks; null where a session does, or nobody. */
export const accessTokenIdOf = (viewer: Viewer): Id | null =>
  viewer.kind === 'signed-in' && viewer.sessionId === null ? viewer.accessTokenId : null

export const isSignedIn = (viewer: Viewer): viewer is SignedIn => viewer.kind === 'signed-in'

/** The viewer's own user id, or null for a stranger. */
export const viewerId = (viewer: Viewer): Id | null => (viewer.kind === 'signed-in' ? viewer.userId : null)

/** Whether the viewer may do this to everybody. */
export const holds = (viewer: Viewer, permission: Permission): boolean => viewer.permissions.has(permission)

/** Whether the viewer may do this to anybody: everybody, or the members of some group. */
export const holdsSomewhere = (viewer: Viewer, permission: Permission): boolean =>
  viewer.permissions.has(permission) || viewer.inGroups.has(permission)

/** @throws ApiError UNAUTHENTICATED. The policy has asked already; this tells the compiler, and holds where no policy stands before. */
export function requireSignedIn(viewer: Viewer): SignedIn {
  if (viewer.kind === 'signed-in') return viewer
  throw new ApiError('UNAUTHENTICATED', 'Sign in first.')
}

/**
 * The same, of a person in a session of their own.
 * @throws ApiError FORBIDDEN for an access token and for whoever acts as somebody else: what concerns credentials is for nobody but the person.
 */
export function requireSession(viewer: Viewer): InSession {
  const known = requireSignedIn(viewer)
  if (isInSession(known)) return known
  throw new ApiError('FORBIDDEN', 'Only the person themselves may do this, in a session.')
}

/** Whether the viewer has yet to agree to something that is required. */
export const lacksConsent = (viewer: Viewer): boolean =>
  viewer.kind === 'signed-in' && viewer.lacksConsent === true
