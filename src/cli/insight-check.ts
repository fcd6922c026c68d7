import type { Command } from 'commander'
import { check, type Difference, type HowFar } from '../modules/insight/roll-up'
import { answering, type Answer } from './command'
import { count } from './progress-bar'
import { onFoundation, readSettings } from './settings'
import { table } from './table'

const HELP = `
Figures are counted step by step as things happen. This counts everything once more from the tables themselves and tells how many
rows differ; nothing is written. What has happened in the last minute has yet to be counted, and differs rightly. Tables forget: it
is looked back as far as each keeps everything.

Exit code: 0 nothing differs, 1 something does, 2 it could not be compared.`

export const define = (command: Command): Command =>
  command
    .option(
      '--all',
      'look back as far as there are rows, though some may have been removed after they were counted',
    )
    .addHelpText('after', HELP)
    .action(
      answering<HowFar>(
        (_, { all }) => onFoundation(async ({ db }) => answerOf(await check(db, { all })), readSettings()),
        { failure: 2 },
      ),
    )

function answerOf(found: readonly Difference[]): Answer {
  const differing = found.filter(({ differences }) => differences > 0)
  return {
    json: { facts: found },
    isBad: differing.length > 0,
    text:
      differing.length === 0
        ? 'All figures are what a recount finds.'
        : `${differencesIn(differing)}\nWait a minute and try again, or have it counted anew: portico insight rebuild`,
  }
}

/** What differs, as a table. */
export const differencesIn = (found: readonly Difference[]): string =>
  table(
    ['Facts', 'Rows that differ'],
    found.map(({ facts, differences }) => [facts, count(differences)]),
  )
