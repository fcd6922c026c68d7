import type { BulkJob } from './bulk-job.entity'

/** Where a bulk job stands. */
export enum BulkJobStatus {
  WAITING = 'waiting',
  RUNNING = 'running',
  COMPLETED = 'completed',
  CANCELLED = 'cancelled',
}

export function statusOf({
  startedAt,
  endedAt,
  isCancelled,
}: Pick<BulkJob, 'startedAt' | 'endedAt' | 'isCancelled'>): BulkJobStatus {
  if (isCancelled) return BulkJobStatus.CANCELLED
  if (endedAt) return BulkJobStatus.COMPLETED
  return startedAt ? BulkJobStatus.RUNNING : BulkJobStatus.WAITING
}
