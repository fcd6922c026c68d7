import { isLeafType, getNamedType, type GraphQLObjectType, type GraphQLSchema } from 'graphql'
import { findNode } from '../../api/node'
import { NOBODY } from '../../api/input'
import { Context } from '../../context/context'
import { NO_AUTHORITY } from '../../core/authority'
import { ApiError, notFound } from '../../core/error'
import { fromGlobalId, type Id } from '../../core/id'
import { ALL_PERMISSIONS } from '../../core/permission'
import { anonymous, type InSession, type Viewer } from '../../core/viewer'
import { AuditService } from '../../modules/audit/audit.service'
import { FactorService } from '../../modules/factor/factor.service'
import type { PastGrant } from '../../modules/role/role-grant.loader'
import { RoleGrantService } from '../../modules/role/role-grant.service'
import { AuthenticationMethod } from '../../modules/session/authentication-method'
import { standingOf } from '../../modules/session/standing'
import { userById, type UserRow } from '../../modules/user/user.loader'
import { UserStatus } from '../../modules/user/user-status'
import { ask, asksOfRow, inWords, ruleOf } from '../guard'
import { FurtherDecision, type AccessExplanation } from './access-explanation.type'
import { findField, nameOf, rootsOf, shortestWays, type Step, type Way } from './ways'

export interface AccessQuestion {
  viewerId: Id
  /** `Type.field`. */
  field: string
  /** The global id of whom or what it is about; null where that makes no difference. */
  subjectId: string | null
}

/** Where the policy is asked: by which fields one gets there, and from what. */
interface Place {
  field: Step
  ways: Way[]
  /** The global id of the thing whose field comes first; null where that is a field of the root. */
  subjectId: string | null
}

/**
 * Whether somebody may see or do something, and why. It asks the rules of the schema that is executed, in the name of whom
 * it is about, and finds out what matters by asking again of somebody who has less, or more: without a role, with one
 * alone, without a reason, without a fresh proof. So there is no second account of what the policy says.
 * @throws ApiError BAD_USER_INPUT where the field or whose it is remains unclear; NOT_FOUND
 */
export async function explainAccess(
  context: Context,
  schema: GraphQLSchema,
  question: AccessQuestion,
): Promise<AccessExplanation> {
  const place = await findPlace(context, schema, question)
  const person = await context.load(userById, question.viewerId)
  if (!person) throw notFound('user')
  const explanation = await explain(context, place, person)
  await new AuditService(context.db).record('access.explained', {
    subjectId: person.id,
    target: question.subjectId,
    details: { field: explanation.field, isAllowed: explanation.isAllowed },
  })
  return explanation
}

async function explain(context: Context, place: Place, person: UserRow): Promise<AccessExplanation> {
  const { now, tools } = context.db
  const isSuspended = person.status !== UserStatus.ACTIVE
  const hasFactor = await new FactorService(context.db).hasAny(person.id)
  const granted = await new RoleGrantService(context.db).historyOf(person.id)
  const hasEnded = ({ expiresAt }: PastGrant) => expiresAt !== null && expiresAt <= now
  const inForce = granted.filter((grant) => !hasEnded(grant))

  /** The person in a session of theirs, with these grants. */
  const holding = (
    grants: readonly PastGrant[],
    { hasReason = true, isFresh = true, hasTwoFactors = hasFactor } = {},
  ): Viewer => {
    if (isSuspended) return anonymous
    const methods = [AuthenticationMethod.PASSWORD, ...(hasTwoFactors ? [AuthenticationMethod.TOTP] : [])]
    const authenticatedAt = isFresh ? now : new Date(0)
    const { viewer, withReason } = standingOf(
      { userId: person.id, username: person.username, sessionId: NOBODY, authenticatedAt, methods },
      grants,
      tools.staffNeedSecondFactor,
    )
    return hasReason && withReason ? { ...viewer, ...withReason } : viewer
  }
  const may = (viewer: Viewer) => isLetThrough(context, place, viewer)
  const somebody = somebodyAt(now)

  const each = async <Item>(items: readonly Item[], viewerWith: (item: Item) => Viewer): Promise<Item[]> => {
    const serving: Item[] = []
    for (const item of items) if (await may(viewerWith(item))) serving.push(item)
    return serving
  }

  const isAllowed = await may(holding(inForce))
  const takesNoRole = await may(somebody)
  const isOwn = !takesNoRole && (await may(holding([])))
  const needsReason = isAllowed && !(await may(holding(inForce, { hasReason: false })))
  const needsStepUp = isAllowed && !(await may(holding(inForce, { isFresh: false })))
  const resting = isAllowed ? [] : await each(inForce, (grant) => holding([grant], { hasTwoFactors: true }))
  const ended = isAllowed ? [] : await each(granted.filter(hasEnded), (grant) => holding([grant]))
  const grants = isAllowed && !takesNoRole && !isOwn ? await each(inForce, (grant) => holding([grant])) : []
  const permissions = takesNoRole
    ? []
    : await each(ALL_PERMISSIONS, (permission) => ({ ...somebody, permissions: new Set([permission]) }))
  const { inGroups } = holding(inForce)
  const holdsElsewhere = permissions.some((permission) => inGroups.has(permission))

  return {
    userId: person.id,
    field: nameOf(place.field),
    isAllowed,
    rule: inWords(ruleOf(place.field.field)),
    through: throughOf(place),
    because: [
      sentence(isSuspended && 'the account is suspended: whoever comes with a token of theirs is a stranger'),
      isAllowed
        ? sentence(
            takesNoRole && 'it takes no role',
            isOwn && 'it is their own',
            grants.length > 0 && `${rolesOf(grants)} allows it`,
            needsReason && 'where the request says why',
            needsStepUp && 'after a fresh proof of identity',
          )
        : sentence(
            takesNoRole && 'it is for whoever is signed in',
            !takesNoRole &&
              (permissions.length > 0 ? `it takes ${permissions.join(' or ')}` : 'no permission opens it'),
            resting.length > 0 &&
              `which ${rolesOf(resting)} gives, but staff have to sign in with a second factor and they have none`,
            ended.length > 0 && `which ${rolesOf(ended)} gave until ${lastEndOf(ended).toISOString()}`,
            holdsElsewhere && 'which they hold over the members of groups, and that does not reach this',
          ),
    ]
      .filter(Boolean)
      .join(' '),
    permissions,
    grants,
    needsStepUp,
    needsReason,
    needsSecondFactor: resting.length > 0,
    isSuspended,
    decidedFurther: isAllowed ? furtherDecisionOn(place) : null,
  }
}

/** Nobody in particular, who has just signed in and was granted nothing. */
const somebodyAt = (now: Date): InSession => ({
  kind: 'signed-in',
  userId: NOBODY,
  username: '',
  sessionId: NOBODY,
  authenticatedAt: now,
  ...NO_AUTHORITY,
})

/** Whether the rules of some way let a viewer pass, from a thing that they can see. */
async function isLetThrough(context: Context, { ways, subjectId }: Place, viewer: Viewer): Promise<boolean> {
  const theirs = new Context(context.db.as({ ...context.caller, viewer }), context.pubSub, {
    idempotencyKey: null,
  })
  const row = subjectId === null ? null : await findNode(theirs, fromGlobalId(subjectId))
  if (subjectId !== null && row === null) return false
  for (const way of ways) if (await isOpen(way, theirs, row)) return true
  return false
}

async function isOpen(way: Way, context: Context, row: object | null): Promise<boolean> {
  for (const [index, { field }] of way.entries())
    if ((await ask(ruleOf(field), context, index === 0 ? row : null)) !== true) return false
  return true
}

async function findPlace(
  context: Context,
  schema: GraphQLSchema,
  { field: name, subjectId }: AccessQuestion,
): Promise<Place> {
  const field = findField(schema, name)
  if (!field) {
    const message =
      'Name a field of the schema with its type, such as User.email, Query.users or Mutation.grantRole.'
    throw new ApiError('BAD_USER_INPUT', message)
  }
  const roots = rootsOf(schema)
  // Nobody learns of things that they could not see themselves.
  const subject = subjectId === null ? null : await findNode(context, fromGlobalId(subjectId))
  if (subjectId !== null && subject === null) throw notFound('thing to ask about')
  const start =
    subject && (schema.getType((subject as { __typename: string }).__typename) as GraphQLObjectType)
  const fromSubject = start && !roots.includes(field.type) ? shortestWays([start], field) : []
  const place =
    fromSubject.length > 0
      ? { field, ways: fromSubject, subjectId }
      : { field, ways: shortestWays(roots, field), subjectId: null }
  const isAboutRow = place.ways.some((way) =>
    way.some((step, index) => asksOfRow(ruleOf(step.field)) && (place.subjectId === null || index > 0)),
  )
  const isOfThing =
    place.subjectId === null && field.type.getInterfaces().some(({ name: word }) => word === 'Node')
  if (isAboutRow || isOfThing) {
    const message = `${name} differs from one ${field.type.name} to the other: give the global id of one, or of the person whose it is, as subjectId.`
    throw new ApiError('BAD_USER_INPUT', message)
  }
  return place
}

function throughOf({ ways: [way = []] }: Place): string[] {
  return way
    .slice(0, -1)
    .filter(({ type }) => !/(Connection|Edge|Payload)$/.test(type.name))
    .map(nameOf)
}

function furtherDecisionOn({ field, ways: [way = []], subjectId }: Place): FurtherDecision | null {
  if (way[0]?.type.name === 'Mutation') return FurtherDecision.SERVICE
  const isOfOneRow = way.length === 1 && subjectId !== null
  return isOfOneRow && isLeafType(getNamedType(field.field.type)) ? null : FurtherDecision.QUERY
}

const rolesOf = (grants: readonly PastGrant[]): string =>
  `the role ${[...new Set(grants.map(({ roleName, groupId }) => `“${roleName}” over ${groupId === null ? 'everybody' : 'a group'}`))].join(' or ')}`

const lastEndOf = (grants: readonly PastGrant[]): Date =>
  new Date(Math.max(...grants.map(({ expiresAt }) => expiresAt!.getTime())))

/** The clauses that hold, as one sentence; nothing where none does. */
function sentence(...clauses: (string | false)[]): string {
  const text = clauses.filter((clause) => clause !== false).join(', ')
  return text && `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
