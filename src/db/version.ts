import { ApiError } from '../core/error'

/**
 * Optimistic concurrency: refuses a change that is based on a version other than the current one. Call it on a locked row.
 * @param state What the change is about, as it is now, under the names that the input has for it.
 * @throws ApiError CONFLICT carrying `currentVersion` and, as `current`, the state.
 */
export function assertVersion(
  version: number,
  expected: number | null | undefined,
  state?: Record<string, unknown>,
): void {
  if (expected == null || expected === version) return
  throw new ApiError('CONFLICT', 'This has changed since you read it. Look at it again, then decide.', {
    currentVersion: version,
    ...(state && { current: state }),
  })
}
