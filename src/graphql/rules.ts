import type { Context } from '../context/context'
import { MINUTE } from '../core/clock'
import type { Id } from '../core/id'
import type { Permission } from '../core/permission'
import {
  holds,
  holdsSomewhere,
  impersonatorOf,
  isInSession as isSession,
  isOwn,
  readerId,
  isSignedIn as hasSignedIn,
  viewerId,
  type Viewer,
} from '../core/viewer'
import { FRESHNESS, hasFreshProof, proofWanted } from '../modules/authentication/step-up'
import type { AuditEventRow } from '../modules/audit/audit-event.loader'
import { doerOf, isDoneBy } from '../modules/audit/doer'
import { membershipsByUser } from '../modules/group/group.loader'
import { always, asksOfRow, grantsAtOnce, inWords, needsOf, predicate, type ShieldRule } from './guard'

/** Somebody is signed in, or a program of theirs asks with an access token; not whoever acts as somebody else. */
export const isThemselves = predicate(
  'whoever is signed in themselves, and their access tokens',
  ({ viewer }) => hasSignedIn(viewer) && impersonatorOf(viewer) === null,
)

/** The same, or somebody acts as them. */
export const isSignedIn = predicate('whoever is signed in, and their access tokens', ({ viewer }) =>
  hasSignedIn(viewer),
)

/** Somebody acts as the viewer. */
export const isImpersonated = predicate(
  'whoever acts as somebody else',
  ({ viewer }) => impersonatorOf(viewer) !== null,
  {
    isForImpersonators: true,
  },
)

/** Somebody is signed in and asks in person: what concerns credentials and sessions is not for access tokens. */
export const isInSession = predicate('whoever is signed in, in person', ({ viewer }) => isSession(viewer))

/** Makes a rule of a permission once: shield takes two rules of one name for a mistake. */
function once(make: (permission: Permission) => ShieldRule): (permission: Permission) => ShieldRule {
  const made = new Map<Permission, ShieldRule>()
  return (permission) => {
    const rule = made.get(permission) ?? make(permission)
    made.set(permission, rule)
    return rule
  }
}

/** The viewer holds this permission over everybody. */
export const can = once((permission) =>
  predicate(`${permission} over everybody`, ({ viewer }) => holds(viewer, permission), {
    needs: [permission],
  }),
)

/**
 * The viewer holds this permission over everybody or over the members of some group. Over whom they may do it, the WHERE of
 * what is listed says, or the service that changes it.
 */
export const canSomewhere = once((permission) =>
  predicate(
    `${permission} over anybody, be it everybody or the members of some group`,
    ({ viewer }) => holdsSomewhere(viewer, permission),
    { needs: [permission] },
  ),
)

/** The viewer holds this permission over the person whose field it is; that they look is noted. */
export const canOver = once((permission) =>
  predicate<{ id: Id }>(
    `${permission} over them`,
    ({ viewer }, user) => holdsOver(viewer, user.id, permission),
    {
      otherwise: (context, user) => reaches(context, permission, user.id),
      mayDiffer: ({ inGroups }) => inGroups.has(permission),
      needs: [permission],
      subjectOf: (user) => user.id,
      asksOfRow: true,
    },
  ),
)

/** Whether it is about whoever asks, be it as somebody else. */
const isThemself = (viewer: Viewer, id: Id): boolean => [viewerId(viewer), readerId(viewer)].includes(id)

const overOthers = <Row>(words: string, permission: Permission, personOf: (row: Row) => Id) =>
  predicate<Row>(
    words,
    ({ viewer }, row) => !isThemself(viewer, personOf(row)) && holds(viewer, permission),
    {
      otherwise: async (context, row) =>
        !isThemself(context.viewer, personOf(row)) && reaches(context, permission, personOf(row)),
      mayDiffer: ({ inGroups }) => inGroups.has(permission),
      needs: [permission],
      subjectOf: personOf,
      asksOfRow: true,
    },
  )

/** The same, over anybody but the viewer: what is kept about people and not for them. */
export const canOverOthers = once((permission) =>
  overOthers<{ id: Id }>(
    `${permission} over them, and not the person themselves`,
    permission,
    ({ id }) => id,
  ),
)

/** The same for something that is theirs, of which they see a part. */
export const canHandle = once((permission) =>
  overOthers<{ userId: Id }>(
    `${permission} over whose it is, and not the person themselves`,
    permission,
    ({ userId }) => userId,
  ),
)

/** The person whose field it is, is the viewer, or the viewer holds this permission over them and is noted. */
export const selfOr = once((permission) =>
  predicate<{ id: Id }>(
    `the person themselves, or ${permission} over them`,
    ({ viewer }, user) => isOwn(viewer, user.id, permission) || holdsOver(viewer, user.id, permission),
    {
      otherwise: (context, user) => reaches(context, permission, user.id),
      mayDiffer: ({ inGroups }) => inGroups.has(permission),
      needs: [permission],
      subjectOf: (user) => user.id,
      asksOfRow: true,
    },
  ),
)

/** The person whose field it is asks, in a session: what no permission opens, nor is for a program or whoever acts as the person. */
export const isInPerson = predicate<{ id: Id }>(
  'the person themselves, in person',
  ({ viewer }, { id }) => isSession(viewer) && viewer.userId === id,
  { asksOfRow: true },
)

/** Rows that the WHERE shows to those who take part, in person: no permission opens them, so there is no reading to be noted. */
export const takesPart = predicate('whoever takes part', always)

/** Rows that the WHERE has let through, whose reading by somebody else is noted: under the name of their type where no other is given. */
export const seenAs = <Row>(
  name: string,
  permission: Permission,
  subjectOf: (row: Row) => Id | null,
  notedAs?: string,
) => predicate<Row>(`whoever is shown the ${name}`, always, { needs: [permission], subjectOf, notedAs })

/** Whether the viewer may do this to everybody, and so to this person; as somebody else, nobody looks at that person by their rights. */
const holdsOver = (viewer: Viewer, userId: Id, permission: Permission): boolean =>
  holds(viewer, permission) && !(impersonatorOf(viewer) && userId === viewerId(viewer))

/** Whether a permission that the viewer holds over the members of groups reaches this person. */
async function reaches(context: Context, permission: Permission, userId: Id): Promise<boolean> {
  const groups = context.viewer.inGroups.get(permission)
  if (groups === undefined || (impersonatorOf(context.viewer) && userId === viewerId(context.viewer)))
    return false
  return (await context.load(membershipsByUser, userId)).some(({ groupId }) => groups.has(groupId))
}

/**
 * Whoever filters a list by one of these fields holds its permission: what somebody may not read, they may not find out by
 * searching for it either, nor by counting what is found. Over whom it is held, the WHERE says.
 */
export const filtersOnlyBy = (permissions: Readonly<Record<string, Permission>>) =>
  predicate(
    `filters by ${Object.entries(permissions)
      .map(([field, needed]) => `${field} only with ${needed}`)
      .join(', ')}`,
    ({ viewer }, _parent, { filter }) =>
      Object.entries(filter ?? {}).every(([field, value]) => {
        const needed = permissions[field]
        return value == null || needed === undefined || holdsSomewhere(viewer, needed)
      }),
    { needs: Object.values(permissions) },
  )

const isFresh = ({ viewer, clock }: Context): boolean => hasFreshProof(viewer, clock.now())

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
      `${inWords(rule)}, with a proof of identity from the last ${FRESHNESS / MINUTE} minutes`,
      (context, parent, args) => grants(context, parent, args) && isFresh(context),
      {
        otherwise: async (context, parent, args) =>
          isSession(context.viewer) && grants(context, parent, args) && (await proofWanted(context.db)),
        needs: needsOf(rule),
        asksOfRow: asksOfRow(rule),
      },
    )
  freshRules.set(rule, fresh)
  return fresh
}

/** Whether this rule demands a fresh proof. */
export const demandsStepUp = (rule: ShieldRule): boolean => [...freshRules.values()].includes(rule)

/** The viewer did what the event tells, themselves or as somebody else; whoever else sees what it tells of them is noted. */
export const isActor = predicate<AuditEventRow>(
  'whoever did it',
  ({ viewer }, event) => isDoneBy(viewer, event),
  { subjectOf: doerOf, asksOfRow: true },
)
