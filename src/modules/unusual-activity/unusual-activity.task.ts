import { toGlobalId } from '../../core/id'
import type { Database } from '../../db/database'
import { defineTask } from '../../db/task'
import { AuditService } from '../audit/audit.service'
import type { UnusualActivity } from '../mail/mail-template'
import { MailService } from '../mail/mail.service'
import { RoleGrantService } from '../role/role-grant.service'
import { RULES, type Rule } from './rules'
import { UnusualActivityRepository, type Finding } from './unusual-activity.repository'

/** What is missed while no worker runs is found as long as it lies within the window of its rule. */
export const findUnusualActivity = defineTask({
  name: 'unusual-activity:find',
  schedule: '* * * * *',
  // The next minute tries again anyway.
  maxAttempts: 1,
  work: async ({ db, stopping, tell }) => {
    for (const name of Object.keys(RULES) as UnusualActivity[]) {
      stopping.throwIfAborted()
      const found = await db.transaction((tx) => apply(tx, name, RULES[name]))
      if (found > 0) tell({ rule: name, found }, 'There was unusual activity; the trail tells of whom')
    }
  },
})

/** Records whom a rule finds, each once within its window, whoever else looks at the same time; returns how many. */
async function apply(tx: Database, name: UnusualActivity, rule: Rule): Promise<number> {
  const activity = new UnusualActivityRepository(tx)
  await activity.takeTurn()
  const found = await activity.findNew(name, rule)
  if (found.length === 0) return 0
  if (!(await activity.hasJustFound(name))) await tellStaff(tx, name, found)
  await new AuditService(tx).recordAll(
    'unusual-activity.found',
    found.map(({ about, key, count }) => ({
      actorId: null,
      details: { rule: name, key, count, about: about && toGlobalId('user', about) },
    })),
  )
  if (rule.mail) for (const { about } of found) if (about) await new MailService(tx).send(about, rule.mail)
  return found.length
}

/** Writes to those who may read the whole trail; to none of them about themselves alone. */
async function tellStaff(tx: Database, name: UnusualActivity, found: readonly Finding[]): Promise<void> {
  for (const userId of await new RoleGrantService(tx).holdersOf('audit:read'))
    if (found.some(({ about }) => about !== userId))
      await new MailService(tx).send(userId, 'unusualActivity', { unusual: [name] })
}
