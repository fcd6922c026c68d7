import { toGlobalId } from '../../core/id'
import type { Database } from '../../db/database'
import { defineTask } from '../../db/task'
import { AuditService } from '../audit/audit.service'
import { RULES, type RuleName } from './rules'
import { UnusualActivityRepository } from './unusual-activity.repository'

/** What is missed while no worker runs is found as long as it lies within the window of its rule. */
export const findUnusualActivity = defineTask({
  name: 'unusual-activity:find',
  schedule: '* * * * *',
  // The next minute tries again anyway.
  maxAttempts: 1,
  work: async ({ db, stopping, tell }) => {
    for (const name of Object.keys(RULES) as RuleName[]) {
      stopping.throwIfAborted()
      const found = await db.transaction((tx) => apply(tx, name))
      if (found > 0) tell({ rule: name, found }, 'There was unusual activity; the trail tells of whom')
    }
  },
})

/** Records whom a rule finds, each once within its window, whoever else looks at the same time; returns how many. */
async function apply(tx: Database, name: RuleName): Promise<number> {
  const activity = new UnusualActivityRepository(tx)
  await activity.takeTurn()
  const found = await activity.findNew(name, RULES[name])
  await new AuditService(tx).recordAll(
    'unusual-activity.found',
    found.map(({ about, key, count }) => ({
      actorId: null,
      details: { rule: name, key, count, about: about && toGlobalId('user', about) },
    })),
  )
  return found.length
}
