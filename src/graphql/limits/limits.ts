import { GraphQLError, parse, type DocumentNode, type ParseOptions } from 'graphql'
import { ApiError, type ErrorCode } from '../../core/error'

/**
 * How much one request may ask for. Refusals say `QUERY_TOO_EXPENSIVE`, the limit and what was found. Whatever a
 * fragment holds counts at each of its spreads, because that is how often it is executed.
 */
export const LIMITS = {
  /** Words and punctuators of a document. Also what keeps graphql-js from overflowing its stack on nested brackets. */
  tokens: 1_000,
  /** Comments are no tokens, but each one is kept in memory. */
  comments: 1_000,
  /** Every error finds its line and column by reading the document from its start: blank lines are work as well. */
  lines: 1_000,
  /** Operations of a document, of which one runs. */
  operations: 10,
  fragments: 50,
  directives: 30,
  /** Fields inside fields, the leaf included. Not counted below `__schema` and `__type`, which graphql-js bounds itself. */
  depth: 12,
  /** Aliases are what lets one operation do the same thing many times; `__typename` is no exception. */
  aliases: 15,
  /** Fields of the root type. */
  rootFields: 10,
  /** Fields and fragment spreads, after expansion: the bound on fragments that spread fragments that spread fragments. */
  selections: 2_000,
  /** Root mutations whose field extension says `credential: true`: one guess at a secret per request, or throttling is moot. */
  credentialMutations: 1,
  /**
   * Values that the answer can hold, and 80 for a statement (see `operationCost`): no more than 125 lists and counts. A page of
   * 34 with a list of 20 in each and eight scalars everywhere costs 9,940; 100 × 100 × 100 of one scalar two million.
   */
  cost: 10_000,
  /** Objects and lists inside each other in the variables. */
  variableDepth: 32,
  /** Texts, numbers, objects, lists in the variables, taken together: each is coerced, and one costs up to 3 µs. */
  variableValues: 5_000,
} as const

/** What the schema tells the limits about a field: `@Field(…)` with `@Extensions({ listSize: 5 })`. */
declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    /** Cost of the field itself, without what is selected on it; 1 if unset, 80 for a connection. */
    complexity?: number
    /** How many items this list is reckoned to hold. */
    listSize?: number
    /** This root mutation tries a secret: at most one such per request. */
    credential?: boolean
  }
}

/** For Apollo Server and everyone else who calls graphql-js `parse`. */
export const PARSE_OPTIONS = {
  maxTokens: LIMITS.tokens,
  maxComments: LIMITS.comments,
} as const satisfies ParseOptions

/** What a document is that graphql-js cannot read: too long, or no GraphQL. */
export const codeOfSyntaxError = ({ message }: { message: string }): ErrorCode =>
  message.endsWith('Parsing aborted.') ? 'QUERY_TOO_EXPENSIVE' : 'BAD_USER_INPUT'

/**
 * Reads a document within `LIMITS`.
 * @throws ApiError QUERY_TOO_EXPENSIVE when it is too long; BAD_USER_INPUT when it is no GraphQL or holds half a surrogate pair.
 */
export function parseDocument(source: string): DocumentNode {
  try {
    return parse(source, PARSE_OPTIONS)
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const [place] = error.locations ?? []
    throw new ApiError(
      codeOfSyntaxError(error),
      error.message,
      place && { line: place.line, column: place.column },
    )
  }
}
