import { sweep } from '../../db/sweep'
import { defineTask } from '../../db/task'
import { IdempotencyRecordRepository } from './idempotency-record.repository'

/** Answers that were kept for a repetition, a day later. */
export const forgetExpiredAnswers = defineTask({
  name: 'idempotency:forget-expired',
  schedule: '7 * * * *',
  work: (job) => sweep(job, (limit) => new IdempotencyRecordRepository(job.db).removeExpired(limit)),
})
