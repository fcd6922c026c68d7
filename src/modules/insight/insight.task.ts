import { defineTask } from '../../db/task'
import { defineRetention } from '../retention/retention'
import { LASTING_FACTS } from './facts'
import { InsightRollup } from './insight-rollup.entity'
import { rollUp } from './roll-up'

/** Counts what has happened since it was done last. */
export const rollUpInsight = defineTask({
  name: 'insight:roll-up',
  schedule: '* * * * *',
  work: rollUp,
})

/** Since when people are here is kept as long as they are. */
const LASTING = LASTING_FACTS.map(({ name }) => `'${name}'`).join(', ')

export const forgetOldFigures = defineRetention({
  name: 'insight:forget-old',
  schedule: '41 3 * * *',
  entity: InsightRollup,
  retention: '2 years',
  since: `CASE WHEN facts NOT IN (${LASTING}) THEN slot_at END`,
})
