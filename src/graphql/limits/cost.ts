import {
  getNamedType,
  getNullableType,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  isCompositeType,
  isListType,
  TypeInfo,
  ValidationContext,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql'
import { createComplexityRule, type ComplexityEstimator } from 'graphql-query-complexity'
import { ApiError } from '../../core/error'
import { DEFAULT_PAGE_SIZE } from '../../core/page'
import { shorten } from '../error-mask'
import { LIMITS } from './limits'

/** What a list holds when neither its arguments nor its field extension `listSize` say. */
const DEFAULT_LIST_SIZE = 10

/**
 * A connection, its `totalCount` and what is an `OwnStatements` are each a statement wherever they are selected, which takes as
 * long as so many values.
 */
const STATEMENT_COST = 80

/** The whole schema is a large answer, made without asking the database: two of them fit into one operation. */
const SCHEMA_COST = 4_000
const TYPE_COST = 500

/**
 * The static cost of an operation: how many values its answer can hold at most. Every field costs 1, a connection or count 80,
 * or its extension `complexity`; what is selected on a list counts once for every item: `ids` of them, or `first`, or `last`, or 20 in a
 * connection, or the field's extension `listSize`, or 10. An answer's shape is bounded by `documentLimits` first.
 *
 * The document must be valid. 0 when `operationName` names none of its operations, which execution refuses.
 * @throws ApiError BAD_USER_INPUT when the variables do not fit the operation.
 */
export function operationCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: { readonly [name: string]: unknown } | null | undefined,
  operationName?: string | null,
): number {
  const operation = getOperationAST(document, operationName)
  if (!operation) return 0
  const definitions = operation.variableDefinitions ?? []
  const options = { maxErrors: 1, hideSuggestions: true }
  const { coerced, errors } = getVariableValues(schema, definitions, variables ?? {}, options)
  if (errors) throw badInput(errors[0]!)

  const failures: GraphQLError[] = []
  const report = (error: GraphQLError) => failures.push(error)
  const context = new ValidationContext(schema, document, new TypeInfo(schema), report)
  // Not `getComplexity`: it stumbles over a name where the operation has none, and coerces the variables once more,
  // which with 100 KB of them is the dearest step of all.
  const complexity = createComplexityRule({
    maximumComplexity: Infinity,
    maxQueryNodes: LIMITS.selections + 1,
    estimators: [estimate],
  })(context)
  complexity.variableValues = coerced
  try {
    const cost = complexity.nodeComplexity(operation, schema.getRootType(operation.operation) ?? undefined)
    if (failures.length === 0) return cost
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    if (error.message.includes('maximum allowed number of nodes')) {
      throw new ApiError('QUERY_TOO_EXPENSIVE', error.message, { limit: LIMITS.selections })
    }
    failures.push(error)
  }
  throw badInput(failures[0]!)
}

/** @throws ApiError QUERY_TOO_EXPENSIVE when the cost is above `LIMITS.cost`. */
export function assertAffordable(cost: number): void {
  if (cost <= LIMITS.cost) return
  const message = `The operation costs ${cost}; the limit is ${LIMITS.cost}. Ask for less or for smaller pages.`
  throw new ApiError('QUERY_TOO_EXPENSIVE', message, { cost, limit: LIMITS.cost })
}

const estimate: ComplexityEstimator = ({ type, field, args, childComplexity }) => {
  const returned = getNamedType(field.type)
  if (type.name.startsWith('__')) return 0
  if (field.name === '__schema') return SCHEMA_COST
  if (field.name === '__type') return TYPE_COST
  // There is one to a page, but as a neighbour of `edges` it would be counted for every item.
  if (returned.name === 'PageInfo') return 0

  const isConnection = returned.name.endsWith('Connection')
  const own =
    field.extensions.complexity ??
    (isConnection || field.name === 'totalCount'
      ? STATEMENT_COST
      : Math.max(1, STATEMENT_COST * Number(field.extensions.ownStatements ?? 0)))
  const isList = isListType(getNullableType(field.type)) && isCompositeType(returned)
  if (!isConnection && !isList) return bounded(own + childComplexity)

  // `edges` and `nodes` hold what their connection has been charged for.
  const reckoned = type.name.endsWith('Connection') ? 1 : field.extensions.listSize
  const size = sizeAskedFor(args) ?? (isConnection ? DEFAULT_PAGE_SIZE : (reckoned ?? DEFAULT_LIST_SIZE))
  // An item is loaded even when `@skip` leaves nothing selected on it.
  return bounded(own + size * Math.max(1, childComplexity))
}

function sizeAskedFor(args: Record<string, unknown>): number | undefined {
  if (Array.isArray(args.ids)) return args.ids.length
  const size = args.first ?? args.last
  return typeof size === 'number' ? Math.max(0, size) : undefined
}

/** Twelve page sizes of 2³¹ multiplied leave the integers, and Infinity is no JSON. */
const bounded = (cost: number): number => Math.min(cost, Number.MAX_SAFE_INTEGER)

/** graphql-js quotes the value it refuses, which can be the whole request. */
const badInput = (error: GraphQLError): ApiError =>
  new ApiError('BAD_USER_INPUT', shorten(withoutValue(error)))

/** The place and the reason of a complaint about a variable. graphql-js quotes the value as well, and it may be a password. */
function withoutValue({ message, originalError }: GraphQLError): string {
  if (!originalError) return message
  const reason = originalError.message
    .replace(/ cannot represent .*/s, ' cannot represent this value.')
    .replace(/^Value ".*" does not exist in/s, 'The value does not exist in')
  const [variable] = /^Variable "\$\w+"/.exec(message) ?? ['A variable']
  const [place = ''] =
    / at "[^"]*"$/.exec(message.slice(0, -originalError.message.length - '; '.length)) ?? []
  return `${variable} got an invalid value${place}; ${reason}`
}
