import { defineRetention } from '../retention/retention'
import { Suppression } from './suppression.entity'

/** Addresses change hands; whoever has one by then is written to again. */
export const forgetOldSuppressions = defineRetention({
  name: 'suppression:forget-old',
  schedule: '14 3 * * *',
  entity: Suppression,
  retention: '2 years',
  since: 'created_at',
})
