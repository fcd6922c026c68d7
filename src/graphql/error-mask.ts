import { GraphQLError } from 'graphql'
import { ApiError, ERROR_CODES, ToldError, Rejected, type ErrorCode } from '../core/error'
import { translate } from '../db/database-error'

/** What is told of a fault of ours to the log, where the request's id finds it. */
export type Report = (error: unknown, code: ErrorCode) => void

/**
 * The one mask between errors and clients. What was meant for the client passes with its code; anything else becomes
 * `INTERNAL` with the request's id, and the whole error goes to the log. No stack, SQL or library's words get out.
 */
export function mask(error: unknown, requestId: string | null, report: Report): GraphQLError {
  const cause = translate(rootCause(error))
  if (hasCode(cause)) {
    const { code } = cause.extensions
    if (code === 'UNAVAILABLE') report(cause.cause ?? cause, code)
    return said(error, cause.message, code, cause.extensions)
  }
  // A mutation answers problems in its payload; the arguments of anything else have no such place.
  if (cause instanceof Rejected)
    return said(error, cause.message, 'BAD_USER_INPUT', { problems: cause.problems })
  if (isClientMistake(error, cause)) return said(error, shorten(cause.message), 'BAD_USER_INPUT')
  report(cause, 'INTERNAL')
  return said(error, 'Something went wrong on our side.', 'INTERNAL', { requestId })
}

/** What is said instead of an error, at the place in the operation where it arose. */
function said(
  error: unknown,
  message: string,
  code: ErrorCode,
  facts: Record<string, unknown> = {},
): GraphQLError {
  const { nodes, path, source, positions } =
    error instanceof GraphQLError ? error : ({} as Partial<GraphQLError>)
  // The guard's word for many fields has a path to nowhere.
  const place = path?.length === 0 ? {} : { nodes, path, source, positions }
  return new ToldError(message, { ...place, extensions: { ...facts, code } })
}

function rootCause(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && !(cause instanceof ApiError) && cause.originalError)
    cause = cause.originalError
  return cause
}

const hasCode = (error: unknown): error is GraphQLError & { extensions: { code: ErrorCode } } =>
  error instanceof GraphQLError &&
  typeof error.extensions.code === 'string' &&
  Object.hasOwn(ERROR_CODES, error.extensions.code)

/** graphql-js's own complaints: before execution all of them, during it only those about arguments, are the client's. */
const isClientMistake = (error: unknown, cause: unknown): cause is GraphQLError =>
  error instanceof GraphQLError &&
  cause instanceof GraphQLError &&
  (error.path === undefined || cause.message.startsWith('Argument "'))

/** graphql-js quotes what it refuses, which can be the whole request. */
export const shorten = (message: string): string =>
  message.length > 300 ? `${message.slice(0, 299)}…` : message
