import { sweep } from '../../db/sweep'
import { defineTask } from '../../db/task'
import { SessionRepository } from './session.repository'

/** Sessions that have been over for 90 days. */
export const forgetOldSessions = defineTask({
  name: 'session:forget-old',
  schedule: '7 * * * *',
  work: (job) => sweep(job, (limit) => new SessionRepository(job.db).removeOld(limit)),
})
