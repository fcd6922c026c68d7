import { sweep } from '../../db/sweep'
import { defineTask } from '../../db/task'
import { AccessTokenRepository } from './access-token.repository'

/** Access tokens that expired 90 days ago. */
export const forgetOldAccessTokens = defineTask({
  name: 'access-token:forget-old',
  schedule: '7 * * * *',
  work: (job) => sweep(job, (limit) => new AccessTokenRepository(job.db).removeOld(limit)),
})
