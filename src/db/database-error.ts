import {
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm'
import type { UserErrorCode } from '../core/error'
import { ApiError, Rejected, rejected } from '../core/error'

/** What a violated constraint means to the person who caused it. Repositories name their constraints here by registration. */
const meanings = new Map<string, () => Error>()

/** Says what a unique or foreign-key violation of `constraint` tells the client; without it the violation is a fault of ours. */
export function constraintMeans(
  constraint: string,
  field: string,
  code: UserErrorCode,
  message: string,
): string {
  meanings.set(constraint, () => rejected(field, code, message))
  return constraint
}

/** PostgreSQL gave the transaction up for another's sake; the same work may succeed when run again. */
const RETRYABLE = new Set(['40001', '40P01'])

/** Classes 08 (connection), 53 (resources), 57 (operator intervention, statement timeout), 58 (system). */
const UNAVAILABLE = /^(08|53|57|58)/
const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'])
const LOST_CONNECTION =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered|Query read timeout/

/** What TypeORM says to the next statement of a transaction whose connection was lost between two of them. */
const isWithoutConnection = (error: unknown): boolean =>
  error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError

interface DriverError {
  code?: string
  constraint?: string
  message?: string
}

/** Whether a statement gave up because a lock was not to be had in time. */
export const isLockTimeout = (error: unknown): boolean => codeOf(error) === '55P03'

const driverErrorOf = (error: unknown): DriverError | null =>
  error instanceof QueryFailedError
    ? (error.driverError as DriverError)
    : error instanceof Error
      ? error
      : null

export const isRetryable = (error: unknown): boolean => RETRYABLE.has(codeOf(error))

/** Whether PostgreSQL refused what it was given (classes 22, data, and 23, constraints), rather than to work at all. */
export const isAboutData = (error: unknown): boolean => /^2[23]/.test(codeOf(error))

function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return driverErrorOf(cause)?.code ?? ''
}

/** Runs database work and turns what PostgreSQL says into our own words; anything unknown passes through, to be masked. */
export async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw translate(error)
  }
}

export function translate(error: unknown): unknown {
  if (error instanceof ApiError || error instanceof Rejected) return error
  const driver = driverErrorOf(error)
  if (!driver) return error
  const meaning = driver.constraint ? meanings.get(driver.constraint) : undefined
  if (meaning) return meaning()
  const code = driver.code ?? ''
  const isUnavailable =
    UNAVAILABLE.test(code) ||
    UNREACHABLE.has(code) ||
    LOST_CONNECTION.test(driver.message ?? '') ||
    isWithoutConnection(error)
  if (isUnavailable) {
    const unavailable = new ApiError(
      'UNAVAILABLE',
      'The database cannot be reached at the moment. Try again shortly.',
    )
    unavailable.cause = error
    return unavailable
  }
  return error
}
