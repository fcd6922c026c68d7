import type { Command } from 'commander'
import type { Config } from '../config/config'
import { ledgersOf } from '../modules/erasure/ledger'
import { keysBeside } from '../modules/backup/backup-folder'
import { restoreBackup, type Restored } from '../modules/backup/restore-backup'
import type { Phase } from '../modules/backup/restorer'
import { keyringOf } from '../server/portico'
import { answering, type Answer } from './command'
import { bytes, count, showBar, span, type ProgressBar } from './progress-bar'
import { onPostgres, ownedBy, readSettings, stoppable } from './settings'

interface Options {
  keys?: string
  ledger?: string
  endSessions?: boolean
  json?: boolean
}

const HELP = `
The database has to be empty: a new one that DATABASE_URL and DATABASE_OWNER_URL name, or a DATA_DIR without one. Both files
are read to their ends before anything is written; what was written is compared with them before it is committed. It is
restored as a whole or not at all.`

export const define = (command: Command): Command =>
  command
    .argument('<archive>', 'the archive, portico-….backup')
    .option('--keys <file>', 'the data keys: portico.keys beside the archive unless given')
    .option(
      '--ledger <file>',
      'who has been erased: portico.erasures beside the keys and in BACKUP_DIR unless given',
    )
    .option('--end-sessions', 'end all sessions and access tokens, as some may have been since')
    .addHelpText('after', HELP)
    .action(answering<Options>(async ([archive = ''], options) => restore(readSettings(), archive, options)))

async function restore(config: Config, archive: string, options: Options): Promise<Answer> {
  const { keys, ledger, endSessions = false, json } = options
  const bar = await restoreBar(!json)
  const start = performance.now()
  const restored = await stoppable((signal) =>
    onPostgres(config, async (postgres) =>
      restoreBackup({
        archive,
        keys: keys ?? keysBeside(archive),
        ledgers: ledger === undefined ? ledgersOf(keys ?? archive, config.backupDir) : [ledger],
        endsSessions: endSessions,
        keyring: keyringOf(config),
        target: ownedBy(postgres),
        onProgress: bar.report,
        signal,
      }),
    ),
  ).finally(() => bar.stop())
  return answerOf(archive, restored, endSessions, (performance.now() - start) / 1_000)
}

const WORDS: Record<Phase, string> = {
  verifying: 'Reading it through',
  restoring: 'Restoring',
  indexing: 'Building indexes',
  comparing: 'Comparing',
}

/** A bar for the phases of a restore. */
export async function restoreBar(
  isWanted: boolean,
): Promise<Pick<ProgressBar, 'stop'> & { report: (phase: Phase, done: number, total: number) => void }> {
  const bar = await showBar('{phase} {bar} {percentage} % · {eta_formatted} left', { phase: '' }, isWanted)
  return {
    report: (phase, done, total) => bar.update(done, total, { phase: WORDS[phase].padEnd(18) }),
    stop: () => bar.stop(),
  }
}

function answerOf(
  archive: string,
  { takenAt, tables, rows, plainBytes, migrated, erasedAgain, ledger }: Restored,
  endsSessions: boolean,
  seconds: number,
): Answer {
  const after = migrated.length === 0 ? '' : ` ${migrated.length} newer migrations followed.`
  const again =
    erasedAgain === 0
      ? ''
      : ` ${count(erasedAgain)} who had been erased after that ${erasedAgain === 1 ? 'was' : 'were'} erased again.`
  const age = (Date.now() - takenAt.getTime()) / 1_000
  return {
    json: {
      archive,
      takenAt: takenAt.toISOString(),
      tables,
      rows,
      plainBytes,
      migrated,
      erasedAgain,
      ledger: { people: ledger.people, lastErasedAt: ledger.lastErasedAt?.toISOString() ?? null },
      seconds: Math.round(seconds * 1_000) / 1_000,
      ageSeconds: Math.round(age),
    },
    text:
      `Restored ${count(rows)} rows of ${tables} tables in ${span(seconds)} (${bytes(plainBytes)}); each table is what it was at ` +
      `${takenAt.toISOString()}, ${span(age)} ago.${after}${again}\n` +
      (ledger.lastErasedAt === null
        ? 'The ledger names nobody as erased.\n'
        : `The ledger names ${count(ledger.people)} as erased, the last on ${ledger.lastErasedAt.toISOString()}: whoever was later is back.\n`) +
      (endsSessions
        ? 'All sessions and access tokens have ended. Suspensions, revoked roles and changed passwords are as they were then.'
        : 'What was ended since is alive again: sessions and access tokens (--end-sessions ends them), suspended accounts, revoked roles, ' +
          'former passwords.'),
  }
}
