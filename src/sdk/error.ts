import type { GraphQLFormattedError } from 'graphql'
import { ClientError } from 'graphql-request'
import type { AuthenticationMethod, ErrorCode, UserError } from './generated/operations'

/** The server refused or failed. `code` says what to do about it. */
export class PorticoError extends Error {
  override readonly name = 'PorticoError'

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Everything that went wrong, as the server tells it; each has its `path` and `extensions.code`. */
    readonly errors: readonly GraphQLFormattedError[] = [],
    /** What was answered nevertheless: a refused field is null and leaves its neighbours alone. */
    readonly data: unknown = null,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  /** How long to wait before the next try, in seconds, where the server says so. */
  get retryAfter(): number | undefined {
    return this.fact('retryAfter')
  }

  /** With `REAUTHENTICATION_REQUIRED`: the ways to prove who one is. */
  get methods(): readonly AuthenticationMethod[] {
    return this.fact('methods') ?? []
  }

  /** What to quote when reporting an `INTERNAL` error. */
  get requestId(): string | undefined {
    return this.fact('requestId')
  }

  /** What is wrong with a picture that was uploaded, e.g. `TOO_LARGE`. */
  get problem(): string | undefined {
    return this.fact('problem')
  }

  private fact<Value>(name: string): Value | undefined {
    return this.errors.find((error) => error.extensions?.[name] !== undefined)?.extensions?.[name] as
      Value | undefined
  }
}

/** A mutation was not carried out, because its input has to be put right first. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError'

  constructor(readonly userErrors: readonly UserError[]) {
    super(
      userErrors
        .map(({ field, message }) => (field.length > 0 ? `${field.join('.')}: ${message}` : message))
        .join(' '),
    )
  }
}

/**
 * One field of a mutation's payload, for programs without a form to show `userErrors` in:
 * `const post = resultOf(await portico.createPost(input), 'post')`.
 * @throws RejectedError when there is something to put right.
 */
export function resultOf<Payload extends { userErrors: readonly UserError[] }, Field extends keyof Payload>(
  payload: Payload,
  field: Field,
): NonNullable<Payload[Field]> {
  if (payload.userErrors.length > 0) throw new RejectedError(payload.userErrors)
  const result = payload[field]
  if (result === null || result === undefined) throw new Error(`The answer has no ${String(field)}.`)
  return result
}

/** `CloseCode.Unauthorized` of graphql-ws: the session that opened the socket has ended. */
const SESSION_ENDED = 4401

/** What a transport threw, in this package's words. */
export function explain(error: unknown): unknown {
  if (error instanceof PorticoError) return error
  // Not kept as the cause: its message repeats the variables, which hold passwords.
  if (error instanceof ClientError)
    return fromErrors(error.response.errors ?? [], error.response.data, error.response.status)
  if (Array.isArray(error)) return fromErrors(error as GraphQLFormattedError[], null)
  if (isClose(error) && error.code === SESSION_ENDED)
    return new PorticoError('UNAUTHENTICATED', 'The session has ended.')
  return new PorticoError('UNAVAILABLE', 'Portico cannot be reached.', [], null, { cause: error })
}

export function fromErrors(
  errors: readonly GraphQLFormattedError[],
  data: unknown,
  status = 200,
): PorticoError {
  const [first] = errors
  if (first)
    return new PorticoError((first.extensions?.code ?? 'INTERNAL') as ErrorCode, first.message, errors, data)
  return new PorticoError(
    status >= 500 ? 'UNAVAILABLE' : 'INTERNAL',
    `The server answered ${status} and nothing else.`,
  )
}

const isClose = (error: unknown): error is { code: number } =>
  typeof error === 'object' && error !== null && 'code' in error
