import type { Command } from 'commander'
import type { Config } from '../config/config'
import { parseHead, verifyTrail, type Examination } from '../modules/audit/verify-trail'
import { keyringOf } from '../server/portico'
import { answering, UsageError, type Answer } from './command'
import { count, showBar, span } from './progress-bar'
import { onPostgres, readSettings, stoppable } from './settings'

interface Options {
  since?: string
  json?: boolean
}

const HELP = `
Every row of the trail and every seal is read and compared; nothing is written. What was changed, taken away, put in or put in
another order since it was sealed is named. Whoever takes the last seals away with all that is under them leaves no trace in the
database: keep the head that is printed elsewhere (the log has one a day), and give it with --since later.

Exit code: 0 the trail is what was sealed, 1 it is not, 2 it could not be read.`

export const define = (command: Command): Command =>
  command
    .option('--since <head>', 'a head that was printed earlier, and must still be part of the chain')
    .addHelpText('after', HELP)
    .action(answering<Options>(async (_, options) => verify(readSettings(), options), { failure: 2 }))

async function verify(config: Config, { since, json }: Options): Promise<Answer> {
  const head = since === undefined ? undefined : parseHead(since)
  if (head === null)
    throw new UsageError('--since wants a head as it was printed: a number, a colon, 64 hexadecimal digits.')
  const bar = await showBar('{bar} {percentage} % · {eta_formatted} left', {}, !json)
  return stoppable((signal) =>
    onPostgres(config, async ({ appUrl }) =>
      answerOf(
        await verifyTrail(appUrl, {
          keyring: keyringOf(config),
          now: new Date(),
          since: head,
          report: (done, total) => bar.update(done, total, {}),
          signal,
        }),
      ),
    ),
  ).finally(() => bar.stop())
}

/** How many problems a person is told one by one. */
const TOLD = 50

function answerOf(examination: Examination): Answer {
  const { seals, rows, dropped, head, unsealed, problems, problemCount } = examination
  const waiting = unsealed.oldest === null ? null : (Date.now() - unsealed.oldest.getTime()) / 1_000
  const told = problems.slice(0, TOLD).map(({ says }) => `✗ ${says}`)
  const gone = dropped > 0 ? `, ${count(dropped)} of which were dropped when their time was over` : ''
  const compared = `${plural(rows, 'row')} under ${plural(seals, 'seal')}${gone}`
  const verdict =
    problemCount === 0
      ? `The trail is what was sealed: ${compared}.`
      : `The trail is not what was sealed: ${plural(problemCount, 'problem')} in ${compared}.`
  return {
    json: { ok: problemCount === 0, ...examination },
    text: [
      verdict,
      ...told,
      ...(problemCount > told.length
        ? [`  and ${count(problemCount - told.length)} more; --json has up to 1,000`]
        : []),
      ...(unsealed.count > 0
        ? [
            `${unsealed.isLate ? '!' : ' '} ${count(unsealed.count)} not sealed yet, the oldest for ${span(waiting!)}${unsealed.isLate ? ': does any process do background jobs? `portico doctor` tells' : ''}`,
          ]
        : []),
      `  head  ${head ?? 'none: nothing is sealed yet'}`,
    ].join('\n'),
    isBad: problemCount > 0,
  }
}

const plural = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? '' : 's'}`
