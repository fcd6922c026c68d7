import { SECOND } from '../../core/clock'
import type { Id } from '../../core/id'
import { defineTask, type Task } from '../../db/task'
import { defineRetention } from '../retention/retention'
import { BulkJob } from './bulk-job.entity'
import { BulkJobItem } from './bulk-job-item.entity'
import { BulkRun } from './bulk-run'

/** How long a bulk job goes on before it lets other jobs have their turn, in milliseconds. */
const TURN = 10 * SECOND

export const runBulkJob: Task<{ bulkJobId: Id }> = defineTask<{ bulkJobId: Id }>({
  name: 'bulk-job:run',
  work: async ({ db, payload, stopping }) => {
    const run = new BulkRun(db, payload.bulkJobId)
    const end = performance.now() + TURN
    while (await run.step()) {
      stopping.throwIfAborted()
      if (performance.now() > end) return db.enqueue(runBulkJob, payload)
    }
  },
})

/** A hold on anybody whom a job is about keeps the job. */
export const forgetOldBulkJobs = defineRetention({
  name: 'bulk-job:forget-old',
  schedule: '37 * * * *',
  entity: BulkJob,
  retention: '90 days after the job ends',
  since: 'ended_at',
  parts: { entity: BulkJobItem, column: 'job_id' },
})
