import { getOperationAST, GraphQLError, Kind, type ExecutionResult } from 'graphql'
import type { Context, Exchange } from '../context/context'
import { ApiError, type ErrorCode } from '../core/error'
import { IdempotencyService } from '../modules/idempotency/idempotency.service'
import type { Operation } from './operation'

/** What the same request might answer otherwise a moment later, or once its sender has signed in or been granted more. */
const TRANSIENT: readonly string[] = [
  'INTERNAL',
  'UNAVAILABLE',
  'RATE_LIMITED',
  'UNAUTHENTICATED',
  'REAUTHENTICATION_REQUIRED',
  'FORBIDDEN',
] satisfies ErrorCode[]

interface Kept {
  result: { data?: ExecutionResult['data']; errors?: readonly object[] }
  cookie?: { token: string | null; expiresAt: string | null }
}

/**
 * Carries out a mutation at most once for its `Idempotency-Key`, in one transaction with the record of its answer.
 * @throws ApiError BAD_USER_INPUT when the operation holds more than one mutation: they could not be taken back together.
 */
export async function executeOnce(
  operation: Operation,
  context: Context,
  run: () => Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  const { selectionSet } = getOperationAST(operation.document, operation.operationName)!
  if (selectionSet.selections.length !== 1 || selectionSet.selections[0]!.kind !== Kind.FIELD) {
    throw new ApiError('BAD_USER_INPUT', 'With an Idempotency-Key an operation holds exactly one mutation.')
  }
  const request = JSON.stringify([
    operation.document.loc?.source.body,
    operation.operationName ?? null,
    operation.variables ?? null,
  ])
  const kept = await context
    .use(IdempotencyService)
    .once(context.exchange.idempotencyKey!, request, async (tx) => {
      const result = await context.within(tx, run)
      const { cookie } = context.exchange
      // What could not be shown of what was done takes nothing back.
      const isDone = Object.values(result.data ?? {}).some((payload) => payload !== null)
      return {
        answer: JSON.stringify({ result, cookie } satisfies {
          result: ExecutionResult
          cookie: Exchange['cookie']
        }),
        keep: isDone || !result.errors?.some((error) => TRANSIENT.includes(String(error.extensions.code))),
      }
    })
  const { result, cookie } = JSON.parse(kept) as Kept
  if (cookie)
    context.exchange.cookie = {
      token: cookie.token,
      expiresAt: cookie.expiresAt === null ? null : new Date(cookie.expiresAt),
    }
  return { data: result.data, ...(result.errors && { errors: result.errors.map(toError) }) }
}

const toError = (error: object): GraphQLError => {
  const { message, path, extensions } = error as {
    message: string
    path?: (string | number)[]
    extensions?: Record<string, unknown>
  }
  return new GraphQLError(message, { path, extensions })
}
