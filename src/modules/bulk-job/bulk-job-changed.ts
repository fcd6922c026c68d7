import type { Id } from '../../core/id'

/** On which topic it is told that a bulk job has got on. */
export const bulkJobChanged = (id: Id): string => `bulk-job:${id}`
