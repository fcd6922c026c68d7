import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../config/config'
import { KEY_FILE } from '../modules/backup/backup-folder'
import { LEDGER_FILE } from '../modules/erasure/ledger'
import { makeBackup, type Backup } from '../modules/backup/make-backup'
import { keyringOf } from '../server/portico'
import { answering, UsageError, type Answer } from './command'
import { bytes, count, showBar, span } from './progress-bar'
import { onPostgres, readSettings, stoppable } from './settings'

interface Options {
  stdout?: boolean
  keys?: string
  json?: boolean
}

const HELP = `
Three files are written, all readable by you alone, and encrypted or signed under the keyring:

  portico-<time>.backup   everything but the data keys, as it was at one moment
  ${KEY_FILE}            the data keys of all backups in that folder, replaced each time
  ${LEDGER_FILE}        who has been erased, by their ids, replaced each time

Whoever is erased loses their data key, and with the next backup in all older ones too: so keep no older copies of ${KEY_FILE}
than you must. Without the keyring (PORTICO_KEYRING) neither file can be read: keep it elsewhere.`

export const define = (command: Command): Command =>
  command
    .argument('[folder]', 'where the files go: BACKUP_DIR unless given; - for the standard output')
    .option('--stdout', 'write the archive to the standard output')
    .option('--keys <file>', 'where the data keys go, if the archive goes to the standard output')
    .addHelpText('after', HELP)
    .action(answering<Options>(async ([folder], options) => backUp(readSettings(), folder, options)))

async function backUp(config: Config, folder: string | undefined, options: Options): Promise<Answer> {
  const isPiped = options.stdout === true || folder === '-'
  const { keys } = options
  if (isPiped && keys === undefined) {
    throw new UsageError(
      'Name the file for the data keys with --keys: they do not go where the archive goes.',
    )
  }
  if (!isPiped && keys !== undefined) {
    throw new UsageError(`--keys goes with --stdout; in a folder the data keys are in ${KEY_FILE}.`)
  }
  if (isPiped && options.json) throw new UsageError('--json would mix its answer with the archive on stdout.')
  if (isPiped && folder !== undefined && folder !== '-') {
    throw new UsageError('Name a folder or the standard output, not both.')
  }
  const to = isPiped
    ? { stream: process.stdout, keys: keys! }
    : { folder: folder === undefined ? config.backupDir : join(folder) }
  const bar = await showBar('{bar} {percentage} % · {eta_formatted} left', {}, !options.json)
  const start = performance.now()
  const backup = await stoppable((signal) =>
    onPostgres(config, async ({ appUrl, ownerUrl }) =>
      makeBackup({
        url: ownerUrl ?? appUrl,
        keyring: keyringOf(config),
        to,
        onProgress: (done, total) => bar.update(done, total, {}),
        signal,
      }),
    ),
  ).finally(() => bar.stop())
  const answer = answerOf(backup, (performance.now() - start) / 1_000)
  if (!isPiped) return answer
  process.stderr.write(`${answer.text}\n`)
  return { ...answer, text: '' }
}

function answerOf(
  { archive, keys, takenAt, tables, rows, plainBytes, size, trailHead }: Backup,
  seconds: number,
): Answer {
  const rate = plainBytes / seconds
  return {
    json: {
      archive,
      keys,
      takenAt: takenAt.toISOString(),
      tables,
      rows,
      plainBytes,
      size,
      trailHead,
      seconds: Math.round(seconds * 1_000) / 1_000,
    },
    text: [
      `Backed up ${count(rows)} rows of ${tables} tables in ${span(seconds)} (${bytes(plainBytes)} in ${bytes(size)}, ${bytes(rate)}/s).`,
      ...(archive ? [`  ${archive}`] : []),
      `  ${keys}  (the data keys: for this and all older archives)`,
    ].join('\n'),
  }
}
