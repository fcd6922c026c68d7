import { SECOND } from '../../core/clock'
import type { Id } from '../../core/id'
import { sweep } from '../../db/sweep'
import { defineTask, type Task } from '../../db/task'
import { BulkJobRepository } from './bulk-job.repository'
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

/** Bulk jobs that have been over for 90 days. */
export const forgetOldBulkJobs = defineTask({
  name: 'bulk-job:forget-old',
  schedule: '37 * * * *',
  work: (job) => sweep(job, (limit) => new BulkJobRepository(job.db).removeOld(limit)),
})
