import { JOB_SCHEMA } from '../db/job-queue'
import { defineTask } from '../db/task'

/** Whoever operates Portico has a month to look at what failed, and why. */
export const forgetFailedJobs = defineTask({
  name: 'jobs:forget-failed',
  schedule: '17 * * * *',
  work: async ({ db }) => {
    await db.query(
      `SELECT ${JOB_SCHEMA}.complete_jobs(array_agg(id)) FROM ${JOB_SCHEMA}.jobs
       WHERE attempts >= max_attempts AND locked_at IS NULL AND run_at < now() - interval '30 days'`,
    )
  },
})
