import { defineRetention } from '../retention/retention'
import { Appeal } from './appeal.entity'

/** One that nobody has answered goes with the decision. */
export const forgetOldAppeals = defineRetention({
  name: 'appeal:forget-old',
  schedule: '32 4 * * *',
  entity: Appeal,
  retention: '2 years',
  since: 'decided_at',
})
