import { GraphQLError } from 'graphql'
import { ApiError, ERROR_CODES, type ErrorCode } from '../core/error'
import { translate } from '../db/database-error'

/** What is told of a fault of ours to the log, where the request's id finds it. */
export type Report = (error: unknown, code: ErrorCode) => void

/**
 * The one mask between errors and clients. What was meant for the client passes with its code; anything else becomes
 * `INTERNAL` with the request's id, and the whole error goes to the log. No stack, SQL or library's words get out.
 */
export function mask(error: GraphQLError, requestId: string | null, report: Report): GraphQLError {
  const cause = translate(rootCause(error))
  const { nodes, path } = error
  if (hasCode(cause)) {
    if (cause.extensions.code === 'UNAVAILABLE') report(cause.cause ?? cause, 'UNAVAILABLE')
    return new GraphQLError(cause.message, { nodes, path, source: error.source, positions: error.positions, extensions: { ...cause.extensions } })
  }
  if (isClientMistake(error, cause)) {
    return new GraphQLError(cause.message, {
      nodes,
      path,
      source: error.source,
      positions: error.positions,
      extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode },
    })
  }
  report(cause, 'INTERNAL')
  return new GraphQLError('Something went wrong on our side.', {
    nodes,
    path,
    extensions: { code: 'INTERNAL' satisfies ErrorCode, requestId },
  })
}

function rootCause(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && !(cause instanceof ApiError) && cause.originalError) cause = cause.originalError
  return cause
}

const hasCode = (error: unknown): error is GraphQLError =>
  error instanceof GraphQLError && typeof error.extensions.code === 'string' && Object.hasOwn(ERROR_CODES, error.extensions.code)

/** graphql-js's own complaints: before execution all of them, during it only those about arguments, are the client's. */
const isClientMistake = (error: GraphQLError, cause: unknown): cause is GraphQLError =>
  cause instanceof GraphQLError && (error.path === undefined || cause.message.startsWith('Argument "'))
