import { defineRetention } from '../retention/retention'
import { ModerationDecision } from './moderation-decision.entity'

/** What lasts holds for as long as it is kept, so its time begins when it is over. */
export const forgetOldDecisions = defineRetention({
  name: 'moderation-decision:forget-old',
  schedule: '12 4 * * *',
  entity: ModerationDecision,
  retention: '2 years',
  since: 'greatest(decided_at, ends_at)',
})
