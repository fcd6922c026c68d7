import type { Command } from 'commander'
import type { Config } from '../config/config'
import { ACTIVITY_SPANS } from '../core/activity-definition'
import type { Database } from '../db/database'
import { classifiedTables } from '../db/personal-tables'
import { countDue, type DueRows } from '../db/retention'
import { retentions } from '../jobs/tasks'
import { countDueActivity, dueActivity, sweepActivity } from '../modules/activity/activity-retention'
import { dropPartition, pastPartitions } from '../modules/audit/trail-partitions'
import { applyRetention, KEPT } from '../modules/retention/retention'
import { answering, type Answer } from './command'
import { count } from './progress-bar'
import { onFoundation, readSettings, stoppable } from './settings'
import { table } from './table'

const HELP = `
The background jobs remove what is due by themselves; this does the same at once. What a legal hold keeps is counted and stays until
the hold is released. What was removed stands in the audit trail, as one event for each rule and each thousand rows or so, and for
each partition of the trail that was dropped. With --dry-run nothing is written.`

export const define = (command: Command): Command =>
  command
    .option('--dry-run', 'tell what would be removed, and remove nothing')
    .addHelpText('after', HELP)
    .action(answering<{ dryRun?: boolean }>((_, { dryRun = false }) => apply(readSettings(), dryRun)))

const apply = (config: Config, isDryRun: boolean): Promise<Answer> =>
  stoppable(
    (signal) =>
      onFoundation(
        async ({ db }) =>
          answerOf(isDryRun, await survey(db, isDryRun, signal), await surveyTrail(db, isDryRun, signal)),
        config,
      ),
    'Stopped; what was removed until then is in the audit trail.',
  )

interface Outcome extends DueRows {
  rule: string
  table: string
  retention: string
  removed: number
}

async function survey(db: Database, isDryRun: boolean, stopping: AbortSignal): Promise<Outcome[]> {
  const names = new Map(classifiedTables().map(({ entity, name }) => [entity, name]))
  const outcomes: Outcome[] = []
  for (const task of [...retentions].sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const found = await countDue(db, task.rule)
    const removed = isDryRun ? 0 : await applyRetention({ db, stopping }, task)
    outcomes.push({
      rule: task.name,
      table: names.get(task.rule.entity)!,
      retention: task.rule.retention,
      ...found,
      removed,
    })
  }
  for (const due of await dueActivity(db)) {
    const found = await countDueActivity(db, due)
    const removed = isDryRun ? 0 : await sweepActivity(db, due, stopping)
    const { retention } = due
    outcomes.push({
      rule: `activity:forget ${retention}`,
      table: 'activity_events',
      retention: ACTIVITY_SPANS[retention],
      ...found,
      removed,
    })
  }
  return outcomes
}

async function surveyTrail(db: Database, isDryRun: boolean, stopping: AbortSignal) {
  const outcomes = []
  for (const partition of await pastPartitions(db)) {
    stopping.throwIfAborted()
    outcomes.push({ ...partition, dropped: !isDryRun && (await dropPartition(db, partition)) })
  }
  return outcomes
}

function answerOf(
  isDryRun: boolean,
  rules: readonly Outcome[],
  partitions: Awaited<ReturnType<typeof surveyTrail>>,
): Answer {
  const sum = (of: (outcome: Outcome) => number) => rules.reduce((total, outcome) => total + of(outcome), 0)
  const held = sum((outcome) => outcome.held)
  const removed = sum(isDryRun ? ({ due, held: kept }) => due - kept : (outcome) => outcome.removed)
  const rows = rules.map((outcome) => [
    outcome.table,
    outcome.retention,
    count(outcome.due),
    outcome.oldest?.toISOString().slice(0, 10) ?? '',
    count(outcome.held),
    isDryRun ? '' : count(outcome.removed),
  ])
  return {
    json: { dryRun: isDryRun, rules, partitions, kept: KEPT },
    text: [
      table(['Table', 'Kept', 'Due', 'Oldest', 'Held', ...(isDryRun ? [] : ['Removed'])], rows),
      `${count(removed)} ${removed === 1 ? 'row' : 'rows'} ${isDryRun ? 'would be removed; nothing was.' : 'removed.'}${held > 0 ? ` A legal hold keeps ${count(held)}.` : ''}`,
      ...(partitions.length > 0
        ? [
            `Months of the trail that have been kept for six years, which go as a whole; a legal hold on anybody in one keeps it:\n${table(
              ['Partition', 'Rows', 'From before', 'People held', ...(isDryRun ? [] : ['Dropped'])],
              partitions.map(({ name, rows: inIt, until, held: people, dropped }) => [
                name,
                count(inIt),
                until.toISOString().slice(0, 10),
                count(people),
                ...(isDryRun ? [] : [dropped ? 'yes' : 'no']),
              ]),
            )}`,
          ]
        : []),
    ].join('\n\n'),
  }
}
