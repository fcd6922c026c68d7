import type { Database } from '../../db/database'
import { removeDue, type RetentionRule } from '../../db/retention'
import { sweep } from '../../db/sweep'
import { defineTask, type AnyTask, type Job, type Task } from '../../db/task'
import { AuditService } from '../audit/audit.service'

/*
 * How long personal data is kept (GDPR art. 5 (1) (e)). A table whose rows are removed when their time is over has a task that is
 * made of a rule; what `portico retention` tells, the audit trail and the legal holds that keep rows follow from that rule.
 */

const TRAIL =
  'Sealed: no row goes by itself; the partition of its month is dropped when all of it has been kept for so long.'

/** The tables of which no rule removes rows, though their columns name a span of time, and why. */
export const KEPT: Readonly<Record<string, string>> = {
  audit_events: TRAIL,
  access_records: TRAIL,
  consents:
    'Append-only: the newest decision about a purpose counts however old it is, and nobody but the owner of the schema may remove one.',
}

/** A task that removes what a rule says. */
export interface RetentionTask extends Task {
  readonly rule: RetentionRule
}

/** Says when rows of a table are removed. It is a task: list it in `src/jobs/tasks.ts`. */
export const defineRetention = ({
  name,
  schedule,
  ...rule
}: RetentionRule & { name: string; schedule: string }): RetentionTask => {
  const task = defineTask({
    name,
    schedule,
    work: async (job) => {
      await applyRetention(job, { name, rule })
    },
  })
  return Object.freeze({ ...task, rule: Object.freeze(rule) })
}

export const isRetention = (task: AnyTask | RetentionTask): task is RetentionTask => 'rule' in task

/** Removes all that is due by a rule, step by step, each with its event in the trail; returns how many rows. */
export async function applyRetention(
  { db, stopping }: Pick<Job, 'db' | 'stopping'>,
  { name, rule }: Pick<RetentionTask, 'name' | 'rule'>,
): Promise<number> {
  let removed = 0
  await sweep({ stopping }, async (limit) => {
    const rows = await db.transaction((tx) => removeSome(tx, name, rule, limit))
    removed += rows
    return rows
  })
  return removed
}

async function removeSome(tx: Database, name: string, rule: RetentionRule, limit: number): Promise<number> {
  const rows = await removeDue(tx, rule, limit)
  if (rows > 0) await new AuditService(tx).record('retention.applied', { details: { rule: name, rows } })
  return rows
}
