import { sweep } from '../../db/sweep'
import { defineTask } from '../../db/task'
import { ThrottleService } from './throttle.service'

/** Tries that count no more. */
export const forgetOldTries = defineTask({
  name: 'throttle:forget-old',
  schedule: '7 * * * *',
  work: (job) => sweep(job, (limit) => new ThrottleService(job.db).forgetOld(limit)),
})
