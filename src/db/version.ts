import { ApiError } from '../core/error'

/**
 * Optimistic concurrency: refuses a change that is based on a version other than the current one. Call it on a locked row.
 * @throws ApiError CONFLICT carrying `currentVersion`.
 */
export function assertVersion(current: number, expected: number | null | undefined): void {
  if (expected == null || expected === current) return
  throw new ApiError('CONFLICT', 'This has changed since you read it. Read it again, then decide.', { currentVersion: current })
}
