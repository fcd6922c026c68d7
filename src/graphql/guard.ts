import {
  defaultFieldResolver,
  GraphQLError,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql'
import type { IMiddlewareGenerator } from 'graphql-middleware'
import { allow, and, deny, or, rule, shield } from 'graphql-shield'
import type { Context } from '../context/context'
import { ApiError, type ErrorCode } from '../core/error'
import type { Id } from '../core/id'
import type { Permission } from '../core/permission'
import { holdsSomewhere, impersonatorOf, readerId, type Viewer, lacksConsent } from '../core/viewer'

export type ShieldRule = Parameters<typeof and>[number]

/** What each field of each type demands: one rule for all fields of a type, or a rule per field. `*Suffix` covers wrappers. */
export type Policy = Record<string, ShieldRule | Record<string, ShieldRule>>

type Resolver = GraphQLFieldResolver<unknown, Context>
type Middleware = (next: Resolver, ...parameters: Parameters<Resolver>) => unknown

/** What shield generates for a field: a middleware, or for combined rules an object that holds one. */
type Generated = Middleware | { resolve: Middleware }

const middlewareOf = (generated: Generated): Middleware =>
  typeof generated === 'function' ? generated : generated.resolve

/** A rule for every single field. */
type Tree = Record<string, Record<string, ShieldRule>>

/** What the client has given a field, as graphql-js has read it. */
export type Arguments = Readonly<Record<string, unknown>>

type Question<Parent> = (context: Context, parent: Parent, args: Arguments) => boolean | Error

interface PredicateOptions<Parent> {
  /** Where the answer at once is no: what has to be looked up before it stands. */
  otherwise?: (context: Context, parent: Parent, args: Arguments) => Promise<boolean | Error>
  /** Whether looking that up can make a difference to this viewer; to everybody where nothing is said. */
  mayDiffer?: (viewer: Viewer) => boolean
  /** The permissions any of which would help somebody whom it refuses. */
  needs?: readonly Permission[]
  /** Whether it is for those who act as somebody else, also where they may change nothing. */
  isForImpersonators?: boolean
  /** Whose personal data the field shows, where that is told to them; null for nobody's. */
  subjectOf?: (parent: Parent) => Id | null
  /** What they are told was shown; the field of a person, or the type of something that is theirs, where nothing is said. */
  notedAs?: string | undefined
  /** Whether the answer depends on the row, so that there is none without one. */
  asksOfRow?: boolean
}

/** What is known of a rule beyond what shield knows. */
interface Predicate {
  question: Question<never>
  isSettled: (viewer: Viewer) => boolean
  needs: readonly Permission[]
  isForImpersonators: boolean
  subjectOf: ((parent: never) => Id | null) | undefined
  notedAs: string | undefined
  asksOfRow: boolean
}

/** Those rules that can answer without a promise. */
const predicates = new WeakMap<object, Predicate>()

/**
 * A rule that answers at once from what the request already knows, as far as it can. `words` say whom it lets through, and
 * are the name by which shield tells rules apart.
 * Shield's caches stay off: they are keyed by the rule's name and not by the field, and hashing the arguments costs more
 * than asking again.
 */
export function predicate<Parent = unknown>(
  words: string,
  question: Question<Parent>,
  {
    otherwise,
    mayDiffer = () => true,
    needs = [],
    isForImpersonators = false,
    subjectOf,
    notedAs,
    asksOfRow = false,
  }: PredicateOptions<Parent> = {},
) {
  const made = rule(words, { cache: 'no_cache' })(
    (parent: Parent, args: Arguments, context: Context) =>
      question(context, parent, args) ||
      (otherwise && mayDiffer(context.viewer) ? otherwise(context, parent, args) : false),
  )
  const isSettled = (viewer: Viewer) => otherwise === undefined || !mayDiffer(viewer)
  predicates.set(made, { question, isSettled, needs, isForImpersonators, subjectOf, notedAs, asksOfRow })
  return made
}

/** The permissions any of which would satisfy a rule for somebody whom it refuses. */
export const needsOf = (rule: ShieldRule): Permission[] => [
  ...new Set([...(predicates.get(rule)?.needs ?? []), ...partsOf(rule).flatMap(needsOf)]),
]

/** Somebody who acts as another person changes nothing for them without a permission of their own. */
const isChangeAllowed = predicate(
  'whoever acts for themselves, or may change things as somebody else',
  ({ viewer }) => mayChangeThings(viewer),
)

function withChangesGuarded({ Mutation = {}, ...tree }: Tree): Tree {
  if (Object.keys(Mutation).length === 0) return tree
  const guarded = Object.entries(Mutation).map(([field, rule]) => {
    return [
      field,
      rule === allow || predicates.get(rule)?.isForImpersonators ? rule : and(rule, isChangeAllowed),
    ]
  })
  return { ...tree, Mutation: Object.fromEntries(guarded) as Record<string, ShieldRule> }
}

/** Fields, by their types. */
export type FieldsOf = Readonly<Record<string, readonly string[]>>

/** Somebody who has yet to agree to something gets no further; strangers have nothing to agree to. */
const hasConsented = predicate('whoever has agreed to what is required', ({ viewer }) =>
  lacksConsent(viewer)
    ? new ApiError('CONSENT_REQUIRED', 'Agree first to what `viewer.missingConsents` names.')
    : true,
)

/** What leads to anything that is somebody's own. */
const ENTRANCES = ['Query', 'Mutation', 'Subscription', 'User']

/**
 * Asks for what is required where one comes in. What is for everybody stays so: it is not refused to somebody who could ask without
 * their token, nor where a refusal would cost the whole answer.
 */
function withConsentAsked(schema: GraphQLSchema, tree: Tree, open: FieldsOf): Tree {
  const asked = (type: string, [name, rule]: [string, ShieldRule]): [string, ShieldRule] => {
    const field = (schema.getType(type) as GraphQLObjectType).getFields()[name]!
    const isForEverybody = rule === allow && type !== 'Query'
    if (open[type]?.includes(name) || isForEverybody || isNonNullType(field.type)) return [name, rule]
    return [name, rule === allow ? hasConsented : and(hasConsented, rule)]
  }
  return Object.fromEntries(
    Object.entries(tree).map(([type, fields]) => [
      type,
      ENTRANCES.includes(type)
        ? Object.fromEntries(Object.entries(fields).map((field) => asked(type, field)))
        : fields,
    ]),
  )
}

/** Whom a rule lets through, in words for people. */
export function inWords(rule: ShieldRule): string {
  if (rule === allow) return 'everybody'
  if (rule === deny) return 'nobody'
  const parts = partsOf(rule).map(inWords)
  return parts.length > 0
    ? parts.join(isMadeBy(and, rule) ? ', and ' : ', or ')
    : (rule as { name: string }).name
}

/** Whether a rule has no answer without the row whose field it guards. */
export const asksOfRow = (rule: ShieldRule): boolean =>
  predicates.get(rule)?.asksOfRow === true || partsOf(rule).some(asksOfRow)

/**
 * What a rule says to the viewer of a context, by shield itself as when a field is executed: true, or a no that can be an
 * error with its reason.
 */
export const ask = async (rule: ShieldRule, context: Context, parent: unknown): Promise<unknown> =>
  rule.resolve(parent as object, {}, context as never, {} as GraphQLResolveInfo, {} as never)

/** The rule that guards a field of a schema that is executed. */
export const ruleOf = (field: GraphQLField<unknown, unknown>): ShieldRule => field.extensions.rule ?? deny

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    /** What the policy demands of whoever touches this field. */
    rule?: ShieldRule
  }
}

export interface GuardOptions {
  /** Whether a refusal says which permission is missing: for developers, not for strangers. */
  explainsRefusals?: boolean
  /** What somebody may ask for who has yet to agree to something. */
  openWithoutConsent?: FieldsOf
}

/**
 * Puts graphql-shield between the schema and its resolvers, as the policy says, and returns the same schema. A field that
 * everybody may see is left as it is. A rule that says yes without a promise costs no promise; every refusal, and every
 * rule that has to wait, goes through shield.
 * @throws Error naming every field that the policy forgets, and every entry that names no field.
 */
export function guard(
  schema: GraphQLSchema,
  policy: Policy,
  { explainsRefusals = false, openWithoutConsent = {} }: GuardOptions = {},
): GraphQLSchema {
  const policies = expand(schema, policy)
  const tree = withConsentAsked(schema, withChangesGuarded(policies), openWithoutConsent)
  const shielded = shield(tree as never, {
    fallbackRule: deny,
    fallbackError: (_error, _parent, _args, context, info) =>
      refusal(
        context as unknown as Context,
        nameOf(info),
        needsOf(tree[info.parentType.name]![info.fieldName]!),
        explainsRefusals,
      ),
    // Without this shield takes the errors of resolvers for refusals.
    allowExternalErrors: true,
  }) as unknown as IMiddlewareGenerator<unknown, Context, unknown>
  const generated = shielded.generate(schema) as Record<string, Record<string, Generated>>

  for (const type of objectTypes(schema)) {
    for (const field of Object.values(type.getFields())) {
      const rule = tree[type.name]![field.name]!
      field.extensions = { ...field.extensions, rule: policies[type.name]![field.name]! }
      if (rule === allow) continue
      const wrap = (next: Resolver) => guarded(next, rule, middlewareOf(generated[type.name]![field.name]!))
      field.resolve = wrap(field.resolve ?? defaultFieldResolver)
      if (field.subscribe) field.subscribe = wrap(field.subscribe)
    }
  }
  return schema
}

function guarded(resolve: Resolver, rule: ShieldRule, middleware: Middleware): Resolver {
  const grants = grantsAtOnce(rule)
  const isSettled = answersAtOnce(rule)
  const next = noting(resolve, rule)
  return (parent, args, context, info) => {
    if (grants(context, parent, args)) return next(parent, args, context, info)
    if (isSettled(context.viewer) && ++context.refusalCount > MAX_REFUSALS)
      return furtherRefusal(context, nameOf(info))
    return middleware(next, parent, args, context, info)
  }
}

/** Whether the viewer may change what is theirs: they themselves, or whoever acts as them with the permission to. */
export const mayChangeThings = (viewer: Viewer): boolean =>
  impersonatorOf(viewer)?.permissions.has('users:impersonate-write') ?? true

/** A field of somebody's personal data, which is noted when another person reads it. */
function noting(resolve: Resolver, rule: ShieldRule): Resolver {
  const { subjectOf, notedAs } = notingPartOf(rule) ?? {}
  if (!subjectOf) return resolve
  const needs = needsOf(rule)
  return (parent, args, context, info) => {
    const subjectId = subjectOf(parent as never)
    if (subjectId !== null && subjectId !== readerId(context.viewer))
      context.reads.note(
        subjectId,
        notedAs ?? (info.parentType.name === 'User' ? info.fieldName : info.parentType.name),
        needs,
      )
    return resolve(parent, args, context, info)
  }
}

/** What of a rule says whose data it guards. */
function notingPartOf(rule: ShieldRule): Predicate | undefined {
  const known = predicates.get(rule)
  return known?.subjectOf ? known : partsOf(rule).map(notingPartOf).find(Boolean)
}

/** Whether it is noted when somebody reads what this rule guards and it is another person's. */
export const isNoted = (rule: ShieldRule): boolean => notingPartOf(rule) !== undefined

const nameOf = (info: GraphQLResolveInfo): string => `${info.parentType.name}.${info.fieldName}`

/** Whether a rule says yes without having to wait. A no, an error, and rules that are no predicates are shield's to deal with. */
export function grantsAtOnce(
  rule: ShieldRule,
): (context: Context, parent: unknown, args: Arguments) => boolean {
  const question = predicates.get(rule)?.question
  if (question) return (context, parent, args) => question(context, parent as never, args) === true
  const parts = partsOf(rule).map(grantsAtOnce)
  if (isMadeBy(and, rule))
    return (context, parent, args) => parts.every((part) => part(context, parent, args))
  if (isMadeBy(or, rule)) return (context, parent, args) => parts.some((part) => part(context, parent, args))
  return () => false
}

/** Whether the no of `grantsAtOnce` to this viewer is a no, and not a matter for shield. */
function answersAtOnce(rule: ShieldRule): (viewer: Viewer) => boolean {
  const known = predicates.get(rule)
  if (known) return known.isSettled
  if (!isMadeBy(and, rule) && !isMadeBy(or, rule)) return () => false
  const parts = partsOf(rule).map(answersAtOnce)
  return (viewer) => parts.every((part) => part(viewer))
}

/** Whether a rule says no to anybody. */
export const canRefuse = (rule: ShieldRule): boolean =>
  rule !== allow && predicates.get(rule)?.question !== always

/** For predicates that only note who reads. */
export const always = () => true

const partsOf = (rule: ShieldRule): ShieldRule[] => (rule as { rules?: ShieldRule[] }).rules ?? []

const isMadeBy = (combine: typeof and, rule: object): boolean =>
  rule.constructor === combine(allow).constructor

/** The policy with a rule for every single field. */
export function expand(schema: GraphQLSchema, policy: Policy): Tree {
  const forgotten: string[] = []
  const unknown = Object.keys(policy).filter(
    (name) => !name.startsWith('*') && !isObjectType(schema.getType(name)),
  )
  const tree: Tree = {}
  for (const type of objectTypes(schema)) {
    const own = policy[type.name]
    const entry = own ?? wrapperRule(policy, type)
    const fields = Object.keys(type.getFields())
    const rules = isPerField(entry) ? entry : Object.fromEntries(fields.map((field) => [field, entry]))
    forgotten.push(...fields.filter((field) => !rules[field]).map((field) => `${type.name}.${field}`))
    unknown.push(
      ...Object.keys(rules)
        .filter((field) => !fields.includes(field))
        .map((field) => `${type.name}.${field}`),
    )
    tree[type.name] = rules as Record<string, ShieldRule>
  }
  if (forgotten.length > 0) {
    throw new Error(
      `The policy does not say who may see ${forgotten.join(', ')}. Add a rule for each in src/graphql/permissions.ts, ` +
        'and the expectation that proves it in test/policy/expectations.ts.',
    )
  }
  if (unknown.length > 0) {
    throw new Error(
      `The policy in src/graphql/permissions.ts has rules for ${unknown.join(', ')}, which the schema does not have.`,
    )
  }
  return tree
}

function wrapperRule(policy: Policy, type: GraphQLObjectType): Policy[string] | undefined {
  const pattern = Object.keys(policy).find(
    (name) => name.startsWith('*') && type.name.endsWith(name.slice(1)),
  )
  return pattern === undefined ? undefined : policy[pattern]
}

const isPerField = (entry: Policy[string] | undefined): entry is Record<string, ShieldRule> =>
  entry !== undefined && Object.getPrototypeOf(entry) === Object.prototype

const objectTypes = (schema: GraphQLSchema): GraphQLObjectType[] =>
  Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .filter((type) => !type.name.startsWith('__'))

/** Refusals that one request is told of one by one: every error costs some 50 µs, and a request can hold thousands. */
const MAX_REFUSALS = 100

const SAID = {
  UNAUTHENTICATED: 'Sign in to see this.',
  FORBIDDEN: 'You may not see or do this.',
} satisfies Partial<Record<ErrorCode, string>>

function refusal(
  context: Context,
  field: string,
  needs: readonly Permission[],
  explainsRefusals: boolean,
): ApiError {
  context.refusals.add(field)
  const code = refusalCode(context)
  if (needs.some((permission) => context.viewer.withheld.has(permission)))
    return new ApiError('REASON_REQUIRED', 'Say why you need this, in the header Access-Reason.')
  const needed = needs.filter((permission) => !holdsSomewhere(context.viewer, permission)).join(' or ')
  const why = explainsRefusals && needed && code === 'FORBIDDEN' ? ` It needs ${needed}.` : ''
  return new ApiError(code, SAID[code] + why)
}

const refusalCode = ({ viewer }: Context) => (viewer.kind === 'anonymous' ? 'UNAUTHENTICATED' : 'FORBIDDEN')

/** graphql-js passes an error that knows its place on as it is, so that one serves for any number of fields. */
const further = (code: keyof typeof SAID) =>
  new GraphQLError(`${SAID[code]} So it is with more fields than are named here.`, {
    path: [],
    extensions: { code },
  })
const FURTHER = { UNAUTHENTICATED: further('UNAUTHENTICATED'), FORBIDDEN: further('FORBIDDEN') }

function furtherRefusal(context: Context, field: string): GraphQLError {
  context.refusals.add(field)
  return FURTHER[refusalCode(context)]
}
