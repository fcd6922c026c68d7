import { sweep } from '../../db/sweep'
import { defineTask } from '../../db/task'
import { EmailRepository } from './email.repository'

/** Addresses that were replaced a week ago. */
export const forgetReplacedAddresses = defineTask({
  name: 'email:forget-replaced',
  schedule: '7 * * * *',
  work: (job) => sweep(job, (limit) => new EmailRepository(job.db).removeReplaced(limit)),
})
