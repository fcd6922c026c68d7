import { defineRetention } from '../retention/retention'
import { Throttle } from './throttle.entity'

/** Tries that count no more; whose they are cannot be told. */
export const forgetOldTries = defineRetention({
  name: 'throttle:forget-old',
  schedule: '7 * * * *',
  entity: Throttle,
  retention: '24 hours',
  since: 'tried_at',
})
