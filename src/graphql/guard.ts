import { defaultFieldResolver, isObjectType, type GraphQLFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql'
import type { IMiddlewareGenerator } from 'graphql-middleware'
import { allow, and, deny, shield } from 'graphql-shield'
import type { Context } from '../context/context'
import { ApiError } from '../core/error'

type ShieldRule = Parameters<typeof and>[number]

/** What each field of each type demands: one rule for all fields of a type, or a rule per field. `*Suffix` covers wrappers. */
export type Policy = Record<string, ShieldRule | Record<string, ShieldRule>>

type Resolver = GraphQLFieldResolver<unknown, Context>
type Middleware = (next: Resolver, ...parameters: Parameters<Resolver>) => unknown

/** A rule as graphql-shield builds it: a question, or rules combined. */
interface RuleParts {
  func?: (parent: unknown, args: unknown, context: Context, info: unknown) => unknown
  rules?: RuleParts[]
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
      refusal(context as unknown as Context, `${info.parentType.name}.${info.fieldName}`),
    // Without this shield takes the errors of resolvers for refusals.
    allowExternalErrors: true,
  }) as unknown as IMiddlewareGenerator<unknown, Context, unknown>
  const middleware = shielded.generate(schema) as Record<string, Record<string, Middleware>>

  for (const type of objectTypes(schema)) {
    for (const field of Object.values(type.getFields())) {
      const rule = tree[type.name]![field.name]!
      if (rule === allow) continue
      const wrap = (next: Resolver) => guarded(next, rule, middleware[type.name]![field.name]!)
      field.resolve = wrap(field.resolve ?? defaultFieldResolver)
      if (field.subscribe) field.subscribe = wrap(field.subscribe)
    }
  }
  return schema
}

function guarded(next: Resolver, rule: ShieldRule, middleware: Middleware): Resolver {
  const grantsAtOnce = immediate(rule as RuleParts)
  return (parent, args, context, info) =>
    grantsAtOnce(parent, args, context, info)
      ? next(parent, args, context, info)
      : middleware(next, parent, args, context, info)
}

type Immediate = (...parameters: Parameters<Resolver>) => boolean

/** Whether a rule says yes without having to wait. A no, an error or a promise is shield's to deal with. */
function immediate(rule: RuleParts): Immediate {
  const { func, rules } = rule
  if (func) return (parent, args, context, info) => func(parent, args, context, info) === true
  const parts = rules?.map(immediate)
  const kind = (rule as object).constructor.name
  if (parts && kind === 'RuleAnd') return (...parameters) => parts.every((part) => part(...parameters))
  if (parts && kind === 'RuleOr') return (...parameters) => parts.some((part) => part(...parameters))
  return () => false
}

/** The policy with a rule for every single field. */
export function expand(schema: GraphQLSchema, policy: Policy): Record<string, Record<string, ShieldRule>> {
  const forgotten: string[] = []
  const unknown = Object.keys(policy).filter((name) => !name.startsWith('*') && !isObjectType(schema.getType(name)))
  const tree: Record<string, Record<string, ShieldRule>> = {}
  for (const type of objectTypes(schema)) {
    const own = policy[type.name]
    const entry = own ?? wrapperRule(policy, type)
    const fields = Object.keys(type.getFields())
    const rules = isPerField(entry) ? entry : Object.fromEntries(fields.map((field) => [field, entry]))
    forgotten.push(...fields.filter((field) => !rules[field]).map((field) => `${type.name}.${field}`))
    unknown.push(...Object.keys(rules).filter((field) => !fields.includes(field)).map((field) => `${type.name}.${field}`))
    tree[type.name] = rules as Record<string, ShieldRule>
  }
  if (forgotten.length > 0) {
    throw new Error(
      `The policy does not say who may see ${forgotten.join(', ')}. Add a rule for each in src/graphql/permissions.ts, ` +
        'and the expectation that proves it in test/policy/expectations.ts.',
    )
  }
  if (unknown.length > 0) {
    throw new Error(`The policy in src/graphql/permissions.ts has rules for ${unknown.join(', ')}, which the schema does not have.`)
  }
  return tree
}

function wrapperRule(policy: Policy, type: GraphQLObjectType): Policy[string] | undefined {
  const pattern = Object.keys(policy).find((name) => name.startsWith('*') && type.name.endsWith(name.slice(1)))
  return pattern === undefined ? undefined : policy[pattern]
}

const isPerField = (entry: Policy[string] | undefined): entry is Record<string, ShieldRule> =>
  entry !== undefined && Object.getPrototypeOf(entry) === Object.prototype

const objectTypes = (schema: GraphQLSchema): GraphQLObjectType[] =>
  Object.values(schema.getTypeMap()).filter((type) => isObjectType(type)).filter((type) => !type.name.startsWith('__'))

function refusal(context: Context, field: string): ApiError {
  context.refusals.add(field)
  return context.viewer.kind === 'anonymous'
    ? new ApiError('UNAUTHENTICATED', 'Sign in to see this.')
    : new ApiError('FORBIDDEN', 'You may not see or do this.')
}
