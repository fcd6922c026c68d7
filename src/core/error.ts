import { GraphQLError, type GraphQLErrorOptions } from 'graphql'

/**
 * Every code that `errors[].extensions.code` can carry, and what it asks of the client.
 * Append-only: clients switch on these words. The documentation and the schema's description are derived from this list.
 */
export const ERROR_CODES = {
  UNAUTHENTICATED: 'Nobody is signed in. Sign in and send the token.',
  FORBIDDEN: 'The viewer may not do or see this.',
  NOT_FOUND: 'There is no such thing, or the viewer may not know that there is.',
  BAD_USER_INPUT: 'The request is malformed. Mend it before sending it again.',
  CONFLICT: 'The thing has changed since it was read. Read it again, then decide.',
  REAUTHENTICATION_REQUIRED: 'Prove again who you are (`reauthenticate`), then repeat the request.',
  RATE_LIMITED: 'Too many tries. Wait `retryAfter` seconds.',
  QUERY_TOO_EXPENSIVE: 'The operation asks for too much at once. Ask for less or smaller pages.',
  UNAVAILABLE: 'Portico cannot answer at the moment. Try again shortly.',
  INTERNAL: 'Something went wrong on our side. Quote `requestId` when you report it.',
  REASON_REQUIRED: 'The role that allows it asks for a reason. Say why in the header `Access-Reason`.',
  CONSENT_REQUIRED:
    'The viewer has to agree to something first. Show them `viewer.missingConsents`, then call `giveConsent`.',
} as const
export type ErrorCode = keyof typeof ERROR_CODES

/** An error of which nobody will ask where it was made: finding that out is most of what an error costs. */
export class ToldError extends GraphQLError {
  constructor(message: string, options: GraphQLErrorOptions) {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message, options)
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** An expected failure that the client is told about as it stands. Any other error is masked as `INTERNAL`. */
export class ApiError extends ToldError {
  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Further facts for the client, e.g. `retryAfter` in seconds. */
    facts: Record<string, unknown> = {},
  ) {
    super(message, { extensions: { code, ...facts } })
  }
}

/** What a form can tell its user to put right. Append-only. */
export enum UserErrorCode {
  REQUIRED = 'REQUIRED',
  TOO_SHORT = 'TOO_SHORT',
  TOO_LONG = 'TOO_LONG',
  INVALID = 'INVALID',
  TAKEN = 'TAKEN',
  NOT_FOUND = 'NOT_FOUND',
  STALE = 'STALE',
  INVALID_CREDENTIALS = 'INVALID_CREDENTIALS',
  INVALID_CODE = 'INVALID_CODE',
  EXPIRED = 'EXPIRED',
  PASSWORD_TOO_COMMON = 'PASSWORD_TOO_COMMON',
  PASSWORD_TOO_SIMILAR = 'PASSWORD_TOO_SIMILAR',
  NOT_PERMITTED = 'NOT_PERMITTED',
  LAST_ADMIN = 'LAST_ADMIN',
  PASSWORD_BREACHED = 'PASSWORD_BREACHED',
  FROZEN = 'FROZEN',
  ACCOUNT_EXISTS = 'ACCOUNT_EXISTS',
  EMAIL_NOT_VERIFIED = 'EMAIL_NOT_VERIFIED',
  FILTERED = 'FILTERED',
  INTERNAL = 'INTERNAL',
}

export interface Problem {
  code: UserErrorCode
  /** Path into the mutation's input, e.g. `['preferences', '0', 'value']`; empty for the input as a whole. */
  field: string[]
  message: string
}

/**
 * Thrown by a use case when the input cannot be accepted as it is. The transaction rolls back, and the mutation answers
 * its payload with these problems as `userErrors` instead of failing.
 */
export class Rejected extends Error {
  readonly problems: readonly Problem[]

  constructor(...problems: Problem[]) {
    super(problems.map((problem) => problem.message).join(' '))
    this.problems = problems
  }

  /** Further fields of the payload that answers this. */
  answer: Readonly<Record<string, unknown>> = {}

  answering(answer: Readonly<Record<string, unknown>>): this {
    this.answer = answer
    return this
  }
}

/** The one-line form for the commonest case: one field, one problem. */
export const rejected = (field: string | string[], code: UserErrorCode, message: string): Rejected =>
  new Rejected({ code, field: [field].flat().filter(Boolean), message })

/** For a problem with what was given in an earlier step: the input that finishes it has no field for that. */
export function concerningTheWhole(error: unknown): never {
  if (error instanceof Rejected)
    throw new Rejected(...error.problems.map((problem) => ({ ...problem, field: [] })))
  throw error
}

/** The answer for a thing that is not there or may not be known to be there: the two are the same on purpose. */
export const notFound = (what: string): ApiError => new ApiError('NOT_FOUND', `No such ${what}.`)
