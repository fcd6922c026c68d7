import {
  defaultFieldResolver,
  GraphQLError,
  isObjectType,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql'
import type { IMiddlewareGenerator } from 'graphql-middleware'
import { allow, and, deny, or, rule, shield } from 'graphql-shield'
import type { Context } from '../context/context'
import { ApiError, type ErrorCode } from '../core/error'

export type ShieldRule = Parameters<typeof and>[number]

/** What each field of each type demands: one rule for all fields of a type, or a rule per field. `*Suffix` covers wrappers. */
export type Policy = Record<string, ShieldRule | Record<string, ShieldRule>>

type Resolver = GraphQLFieldResolver<unknown, Context>
type Middleware = (next: Resolver, ...parameters: Parameters<Resolver>) => unknown

/** What shield generates for a field: a middleware, or for combined rules an object that holds one. */
type Generated = Middleware | { resolve: Middleware }

const middlewareOf = (generated: Generated): Middleware =>
  typeof generated === 'function' ? generated : generated.resolve

/** What the client has given a field, as graphql-js has read it. */
export type Arguments = Readonly<Record<string, unknown>>
type Question<Parent> = (context: Context, parent: Parent, args: Arguments) => boolean | Error

/** The questions behind the rules that answer without a promise. */
const questions = new WeakMap<object, Question<never>>()
/** Those whose refusal has to be looked up. */
const explained = new WeakSet<object>()

/**
 * A rule that answers at once from what the request already knows; `explain` may look up what to tell somebody whom it refuses.
 * Shield's caches stay off: they are keyed by the rule's name and not by the field, and hashing the arguments costs more
 * than asking again.
 */
export function predicate<Parent = unknown>(
  name: string,
  question: Question<Parent>,
  explain?: (context: Context, parent: Parent, args: Arguments) => Promise<false | Error>,
) {
  const made = rule(name, { cache: 'no_cache' })(
    (parent: Parent, args: Arguments, context: Context) =>
      question(context, parent, args) || (explain ? explain(context, parent, args) : false),
  )
  questions.set(made, question)
  if (explain) explained.add(made)
  return made
}

/**
 * Puts graphql-shield between the schema and its resolvers, as the policy says, and returns the same schema. A field that
 * everybody may see is left as it is. A rule that says yes without a promise costs no promise; every refusal, and every
 * rule that has to wait, goes through shield.
 * @throws Error naming every field that the policy forgets, and every entry that names no field.
 */
export function guard(schema: GraphQLSchema, policy: Policy): GraphQLSchema {
  const tree = expand(schema, policy)
  const shielded = shield(tree as never, {
    fallbackRule: deny,
    fallbackError: (_error, _parent, _args, context, info) =>
      refusal(context as unknown as Context, nameOf(info)),
    // Without this shield takes the errors of resolvers for refusals.
    allowExternalErrors: true,
  }) as unknown as IMiddlewareGenerator<unknown, Context, unknown>
  const generated = shielded.generate(schema) as Record<string, Record<string, Generated>>

  for (const type of objectTypes(schema)) {
    for (const field of Object.values(type.getFields())) {
      const rule = tree[type.name]![field.name]!
      if (rule === allow) continue
      const wrap = (next: Resolver) => guarded(next, rule, middlewareOf(generated[type.name]![field.name]!))
      field.resolve = wrap(field.resolve ?? defaultFieldResolver)
      if (field.subscribe) field.subscribe = wrap(field.subscribe)
    }
  }
  return schema
}

function guarded(next: Resolver, rule: ShieldRule, middleware: Middleware): Resolver {
  const grants = grantsAtOnce(rule)
  const isSettled = answersAtOnce(rule)
  return (parent, args, context, info) => {
    if (grants(context, parent, args)) return next(parent, args, context, info)
    if (isSettled && ++context.refusalCount > MAX_REFUSALS) return furtherRefusal(context, nameOf(info))
    return middleware(next, parent, args, context, info)
  }
}

const nameOf = (info: GraphQLResolveInfo): string => `${info.parentType.name}.${info.fieldName}`

/** Whether a rule says yes without having to wait. A no, an error, and rules that are no predicates are shield's to deal with. */
export function grantsAtOnce(
  rule: ShieldRule,
): (context: Context, parent: unknown, args: Arguments) => boolean {
  const question = questions.get(rule)
  if (question) return (context, parent, args) => question(context, parent as never, args) === true
  const parts = partsOf(rule).map(grantsAtOnce)
  if (isMadeBy(and, rule))
    return (context, parent, args) => parts.every((part) => part(context, parent, args))
  if (isMadeBy(or, rule)) return (context, parent, args) => parts.some((part) => part(context, parent, args))
  return () => false
}

/** Whether the no of `grantsAtOnce` is a no, and not a matter for shield. */
const answersAtOnce = (rule: ShieldRule): boolean =>
  (questions.has(rule) && !explained.has(rule)) ||
  ((isMadeBy(and, rule) || isMadeBy(or, rule)) && partsOf(rule).every(answersAtOnce))

const partsOf = (rule: ShieldRule): ShieldRule[] => (rule as { rules?: ShieldRule[] }).rules ?? []

const isMadeBy = (combine: typeof and, rule: object): boolean =>
  rule.constructor === combine(allow).constructor

/** The policy with a rule for every single field. */
export function expand(schema: GraphQLSchema, policy: Policy): Record<string, Record<string, ShieldRule>> {
  const forgotten: string[] = []
  const unknown = Object.keys(policy).filter(
    (name) => !name.startsWith('*') && !isObjectType(schema.getType(name)),
  )
  const tree: Record<string, Record<string, ShieldRule>> = {}
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

function refusal(context: Context, field: string): ApiError {
  context.refusals.add(field)
  const code = refusalCode(context)
  return new ApiError(code, SAID[code])
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
