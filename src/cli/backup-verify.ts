import { join } from 'node:path'
import type { Command } from 'commander'
import { Client } from 'pg'
import type { Config } from '../config/config'
import { archivesIn, keysBeside } from '../modules/backup/backup-folder'
import { tryBackup, type DrillOutcome } from '../modules/backup/backup-drill'
import { BackupDrillRepository } from '../modules/backup/backup-drill.repository'
import { keyringOf } from '../server/portico'
import { answering, type Answer } from './command'
import { explain } from './explain'
import { count, span } from './progress-bar'
import { restoreBar } from './restore'
import { onPostgres, ownedBy, readSettings, stoppable } from './settings'

interface Options {
  keys?: string
  json?: boolean
}

const HELP = `
The database that it is restored into is made on the same server and dropped afterwards; the live one is not touched. What
came of it is kept, and \`portico doctor\` tells of the last time. Exit code: 0 it can be restored, 1 it cannot, 2 it could not
be tried.`

export const define = (command: Command): Command =>
  command
    .argument('[archive]', 'the archive; the newest in BACKUP_DIR unless given')
    .option('--keys <file>', 'the data keys: portico.keys beside the archive unless given')
    .addHelpText('after', HELP)
    .action(
      answering<Options>(async ([archive], options) => verify(readSettings(), archive, options), {
        failure: 2,
      }),
    )

async function verify(config: Config, given: string | undefined, { keys, json }: Options): Promise<Answer> {
  const archive = given ?? (await newestIn(config.backupDir))
  const bar = await restoreBar(!json)
  return stoppable((signal) =>
    onPostgres(config, async (postgres) => {
      const outcome = await tryBackup({
        archive,
        keys: keys ?? keysBeside(archive),
        keyring: keyringOf(config),
        target: ownedBy(postgres),
        onProgress: bar.report,
        signal,
      })
      await keep(postgres.appUrl, outcome)
      return answerOf(outcome)
    }),
  ).finally(() => bar.stop())
}

async function newestIn(folder: string): Promise<string> {
  const [newest] = await archivesIn(folder)
  if (newest) return join(folder, newest.name)
  throw new Error(
    `There is no backup in ${folder}: make one with \`portico backup\`, or name another archive.`,
  )
}

async function keep(url: string, { drill }: DrillOutcome): Promise<void> {
  const client = new Client(url)
  await client.connect()
  try {
    const query = async <Row>(sql: string, parameters?: unknown[]) =>
      (await client.query(sql, parameters)).rows as Row[]
    await new BackupDrillRepository({ query }).add(drill)
  } finally {
    await client.end()
  }
}

function answerOf({ drill, restored, error }: DrillOutcome): Answer {
  const { archive, takenAt, startedAt, seconds, rows } = drill
  const age = takenAt === null ? null : (startedAt.getTime() - takenAt.getTime()) / 1_000
  const rate = Number(rows) / seconds
  const problem = error === null ? null : explain(error)
  return {
    json: {
      archive,
      takenAt: takenAt?.toISOString() ?? null,
      ok: error === null,
      problem,
      tables: restored?.tables ?? 0,
      rows: Number(rows),
      /** The recovery time. */
      seconds: Math.round(seconds * 1_000) / 1_000,
      rowsPerSecond: Math.round(rate),
      /** The recovery point: what has happened since is not in it. */
      ageSeconds: age === null ? null : Math.round(age),
    },
    text:
      problem === null
        ? `${archive} can be restored: ${count(Number(rows))} rows of ${restored!.tables} tables are what they were.\n` +
          `  recovery time   ${span(seconds)} (${count(Math.round(rate))} rows/s)\n` +
          `  recovery point  ${span(age!)} before now (${takenAt!.toISOString()})`
        : `${archive} cannot be restored: ${problem}`,
    isBad: error !== null,
  }
}
