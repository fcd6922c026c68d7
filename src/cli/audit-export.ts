import type { Command } from 'commander'
import { open } from 'node:fs/promises'
import type { Config } from '../config/config'
import type { AuditEventFilter } from '../modules/audit/audit-event.loader'
import { AuditService } from '../modules/audit/audit.service'
import { EXPORT_FORMATS, exportTrail, type ExportFormat } from '../modules/audit/export-trail'
import { answering, UsageError, type Say } from './command'
import { parseMoment } from './moment'
import { onFoundation, readSettings } from './settings'

interface Options {
  format: string
  since?: string
  until?: string
  file?: string
  json?: boolean
}

const HELP = `
The newest event comes first. What was said of people, and from where they came, is decrypted where their keys are still there. A moment is
as ISO 8601 has it, with its offset from UTC; a date alone is the whole day in UTC. What happened at --since counts, what happened at
--until does not. That this was asked stands in the audit trail. With --file nothing is written over.`

export const define = (command: Command): Command =>
  command
    .requiredOption('--format <format>', 'ndjson, an object a line, or csv (RFC 4180)')
    .option('--since <moment>', 'from when on; from the beginning, unless given')
    .option('--until <moment>', 'until when; until now, unless given')
    .option('--file <path>', 'a new file to write to, in place of stdout')
    .addHelpText('after', HELP)
    .action(answering<Options>((_, options, say) => write(readSettings(), options, say)))

async function write(config: Config, { format, since, until, file }: Options, say: Say): Promise<null> {
  if (!EXPORT_FORMATS.includes(format as ExportFormat)) throw new UsageError('--format is ndjson or csv.')
  const filter: AuditEventFilter = {
    ...(since !== undefined && { since: parseMoment('--since', since) }),
    ...(until !== undefined && { until: parseMoment('--until', until, { isEnd: true }) }),
  }
  if (filter.since && filter.until && filter.since >= filter.until)
    throw new UsageError('--since has to be before --until.')
  return onFoundation(async ({ db }) => {
    const output = file === undefined ? null : await open(file, 'wx', 0o600)
    try {
      // First, so that nothing is told of which the trail does not know.
      await new AuditService(db).recordExport(filter, format)
      for await (const lines of exportTrail(() => Promise.resolve(db), filter, {
        format: format as ExportFormat,
        isUnlimited: true,
      })) {
        if (output) await output.appendFile(lines)
        else await say(lines.replace(/\n$/, ''))
      }
    } finally {
      await output?.close()
    }
    return null
  }, config)
}
