import { sweep } from '../../db/sweep'
import { defineTask } from '../../db/task'
import { defineRetention } from '../retention/retention'
import { PrivacyRequest } from './privacy-request.entity'
import { PrivacyRequestService } from './privacy-request.service'

/** Once a day the trail is told of requests that should have been answered. */
export const tellOverdueRequests = defineTask({
  name: 'privacy-request:tell-overdue',
  schedule: '25 5 * * *',
  work: (job) => sweep(job, (limit) => new PrivacyRequestService(job.db).tellOverdue(limit)),
})

export const forgetOldRequests = defineRetention({
  name: 'privacy-request:forget-old',
  schedule: '42 2 * * *',
  entity: PrivacyRequest,
  retention: '6 years',
  since: 'done_at',
})
