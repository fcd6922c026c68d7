import type { Command } from 'commander'
import { rebuild, type Difference, type HowFar } from '../modules/insight/roll-up'
import { answering, type Answer } from './command'
import { differencesIn } from './insight-check'
import { onFoundation, readSettings, stoppable } from './settings'

const HELP = `
Everything that figures are made of is counted anew from the tables themselves, one kind of facts after the other, beside whatever
else goes on. Tables forget, and figures of what they have forgotten stay as they were counted; with --all they go.`

export const define = (command: Command): Command =>
  command
    .option(
      '--all',
      'count anew as far back as there are rows, and forget what was counted of those that are gone',
    )
    .addHelpText('after', HELP)
    .action(
      answering<HowFar>((_, { all }) =>
        stoppable(
          (stopping) =>
            onFoundation(
              async ({ db }) => answerOf(await rebuild({ db, stopping }, { all })),
              readSettings(),
            ),
          'Stopped; what was not counted anew until then is as it was.',
        ),
      ),
    )

function answerOf(found: readonly Difference[]): Answer {
  const differing = found.filter(({ differences }) => differences > 0)
  return {
    json: { facts: found },
    text:
      differing.length === 0
        ? 'All was counted anew, and nothing was different.'
        : `All was counted anew. Before, this was different:\n${differencesIn(differing)}`,
  }
}
