import { sweep } from '../../db/sweep'
import { defineTask } from '../../db/task'
import { ChallengeRepository } from './challenge.repository'

/** What was begun and never finished holds who wanted it: a sign-up, an address. */
export const forgetExpiredChallenges = defineTask({
  name: 'challenge:forget-expired',
  schedule: '*/10 * * * *',
  work: (job) => sweep(job, (limit) => new ChallengeRepository(job.db).removeExpired(limit)),
})
