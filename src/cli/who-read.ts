import type { Command } from 'commander'
import type { Config } from '../config/config'
import { toGlobalId } from '../core/id'
import { AccessLogService, type AccessSummary } from '../modules/access-log/access-log.service'
import { AuditService } from '../modules/audit/audit.service'
import { answering, UsageError, type Say } from './command'
import { parseMoment } from './moment'
import { personOf } from './person'
import { count } from './progress-bar'
import { onFoundation, readSettings } from './settings'
import { heading, line } from './table'

interface Options {
  actor: string
  from: string
  to: string
  json?: boolean
}

const HELP = `
It tells of every person whose data the account was shown by a permission over them: what was shown, how often, when first and last,
and the reasons that were given. A moment is as ISO 8601 has it, with its offset from UTC; a date alone is the whole day in UTC. What
happened at --from counts, what happened at --to does not. That this was asked stands in the audit trail.`

export const define = (command: Command): Command =>
  command
    .requiredOption('--actor <person>', 'whose reading it is: a username, or an id that begins with user_')
    .requiredOption('--from <moment>', 'from when on')
    .requiredOption('--to <moment>', 'until when')
    .addHelpText('after', HELP)
    .action(answering<Options>((_, options, say) => tell(readSettings(), options, say)))

async function tell(config: Config, options: Options, say: Say): Promise<null> {
  const span = {
    from: parseMoment('--from', options.from),
    to: parseMoment('--to', options.to, { isEnd: true }),
  }
  if (span.from >= span.to) throw new UsageError('--from has to be before --to.')
  return onFoundation(async ({ db }) => {
    const reader = await personOf(db, options.actor)
    const actor = { id: toGlobalId('user', reader.id), username: reader.username }
    const asked = { from: span.from.toISOString(), to: span.to.toISOString() }
    // First, so that nothing is told of which the trail does not know.
    await new AuditService(db).record('access-log.searched', {
      target: actor.id,
      details: asked,
    })
    if (options.json)
      await say(`{"actor":${JSON.stringify(actor)},"span":${JSON.stringify(asked)},"people":[`)
    const totals = { people: 0, times: 0 }
    await db.transaction(async (tx) => {
      for await (const people of new AccessLogService(tx).readBy(reader.id, span)) {
        if (totals.people === 0 && !options.json) await say(heading(HEADINGS, WIDTHS))
        for (const person of people) {
          const comma = totals.people === 0 ? '' : ','
          await say(options.json ? comma + JSON.stringify(shown(person)) : line(cells(person), WIDTHS))
          totals.people++
          totals.times += person.times
        }
      }
    })
    await say(options.json ? `],"totals":${JSON.stringify(totals)}}` : summary(actor.username, asked, totals))
    return null
  }, config)
}

const HEADINGS = ['Person', 'Username', 'Times', 'First (UTC)', 'Last (UTC)', 'Fields', 'Reasons']
/** Enough for ids, most usernames and moments; what differs in length stands at the end. */
const WIDTHS = [31, 20, 5, 19, 19, 30, 7]

const shown = ({ id, ...person }: AccessSummary) => ({ id: toGlobalId('user', id), ...person })

const cells = ({ id, username, times, firstAt, lastAt, fields, reasons }: AccessSummary): string[] => [
  toGlobalId('user', id),
  username,
  count(times),
  asSecond(firstAt),
  asSecond(lastAt),
  fields.join(', '),
  reasons.join('; '),
]

const asSecond = (moment: Date): string => moment.toISOString().slice(0, 19).replace('T', ' ')

function summary(
  username: string,
  { from, to }: { from: string; to: string },
  { people, times }: { people: number; times: number },
): string {
  const when = `from ${from} until before ${to}`
  if (people === 0) return `${username} has read nobody's data ${when}.`
  return `\n${username} has read the data of ${count(people)} ${people === 1 ? 'person' : 'people'} ${when}, ${count(times)} ${times === 1 ? 'time' : 'times'} in all.`
}
