import 'reflect-metadata'
import { isObjectType, type GraphQLSchema } from 'graphql'
import { GraphQLDateTime } from 'graphql-scalars'
import { buildSchemaSync } from 'type-graphql'
import { checkInput } from '../api/input'
import { toGlobalId, type Id, type IdKind } from '../core/id'
import { resolvers } from '../modules/modules'
import { completeContract } from './contract'
import { AccessExplanationResolver } from './explain/access-explanation.resolver'
import { guard, type GuardOptions, type Policy } from './guard'
import { openWithoutConsent, permissions } from './permissions'

/** Subscriptions name their own source, so type-graphql's is never asked. */
const unusedPubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error('Subscriptions read from Context.pubSub.')
  },
}

/** The schema as the modules declare it, not guarded. For printing; what is executed is `buildSchema`. */
export function declareSchema(policy: Policy = permissions): GraphQLSchema {
  const declared = buildSchemaSync({
    resolvers: [...resolvers, AccessExplanationResolver],
    scalarsMap: [{ type: Date, scalar: GraphQLDateTime }],
    validateFn: checkInput,
    pubSub: unusedPubSub,
  })
  const schema = completeContract(declared, policy)
  resolveGlobalIds(schema)
  return schema
}

/** The schema that is executed: every field guarded by the policy. */
export const buildSchema = (policy: Policy = permissions, options: GuardOptions = {}): GraphQLSchema =>
  guard(declareSchema(policy), policy, { openWithoutConsent, ...options })

function resolveGlobalIds(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const kind = field.extensions.globalId as IdKind | undefined
      if (kind) field.resolve = (row: { id: Id }) => toGlobalId(kind, row.id)
    }
  }
}
