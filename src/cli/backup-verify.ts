import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Config } from '../config/config'
import { DAY, HOUR } from '../core/clock'
import { connected } from '../db/connection'
import { queryableClient } from '../db/queryable'
import { archivesIn, keysBeside } from '../modules/backup/backup-folder'
import { tryBackup, type DrillOutcome } from '../modules/backup/backup-drill'
import { ledgersOf } from '../modules/erasure/ledger'
import { BackupDrillRepository } from '../modules/backup/backup-drill.repository'
import { keyringOf } from '../server/portico'
import { answering, UsageError, type Answer, type Say } from './command'
import { explain } from './explain'
import { count, span } from './progress-bar'
import { restoreBar } from './restore'
import { onPostgres, ownedBy, readSettings, stoppable } from './settings'

interface Options {
  keys?: string
  ledger?: string
  every?: string
  json?: boolean
}

/** How long it waits where there is nothing to try yet, or the last try could not be made, in milliseconds. */
const PAUSE = HOUR

const HELP = `
The database that it is restored into is made on the same server and dropped afterwards; the live one is not touched. What
came of it is kept, and \`portico doctor\` tells of the last time. Exit code: 0 it can be restored, 1 it cannot, 2 it could not
be tried. With --every it stays, tries the newest in BACKUP_DIR so many days after the last try, and tells of each.`

export const define = (command: Command): Command =>
  command
    .argument('[archive]', 'the archive; the newest in BACKUP_DIR unless given')
    .option('--keys <file>', 'the data keys: portico.keys beside the archive unless given')
    .option(
      '--ledger <file>',
      'who has been erased: portico.erasures beside the keys and in BACKUP_DIR unless given',
    )
    .option('--every <days>', 'stay, and try the newest again so many days after the last time')
    .addHelpText('after', HELP)
    .action(
      answering<Options>(
        async ([archive], options, say) =>
          options.every === undefined
            ? verify(readSettings(), archive, options)
            : keepTrying(readSettings(), archive, options, say),
        { failure: 2 },
      ),
    )

/** Tries again and again, until it is told to end: whatever goes wrong with one try is told, and not the end. */
async function keepTrying(
  config: Config,
  archive: string | undefined,
  { every, ...options }: Options,
  say: Say,
): Promise<null> {
  const days = Number(every)
  if (!Number.isInteger(days) || days < 1 || days > 366)
    throw new UsageError('--every takes a number of days from 1 to 366.')
  if (archive !== undefined) throw new UsageError('--every tries the newest: name no archive.')
  return stoppable(async (signal) => {
    while (!signal.aborted) {
      let wait = PAUSE
      try {
        const due = await dueIn(config, days * DAY)
        if (due <= 0) {
          const { json, text } = await verify(config, undefined, options, signal)
          await say(options.json ? JSON.stringify(json) : text)
        } else wait = Math.min(due, PAUSE)
      } catch (error) {
        if (!signal.aborted) process.stderr.write(`${explain(error)}\n`)
      }
      await sleep(wait, undefined, { signal }).catch(() => undefined)
    }
    return null
  })
}

/** How long the last try is fresh for, in milliseconds; 0 or less where one is due. */
const dueIn = async (config: Config, period: number): Promise<number> =>
  onPostgres(config, ({ appUrl }) =>
    connected(appUrl, async (client) => {
      const drill = await new BackupDrillRepository(queryableClient(client)).last()
      return drill === null ? 0 : drill.startedAt.getTime() + period - Date.now()
    }),
  )

async function verify(
  config: Config,
  given: string | undefined,
  { keys, ledger, json }: Options,
  stopping?: AbortSignal,
): Promise<Answer> {
  const archive = given ?? (await newestIn(config.backupDir))
  const bar = await restoreBar(!json)
  const tried = (signal: AbortSignal) =>
    onPostgres(config, async (postgres) => {
      const outcome = await tryBackup({
        archive,
        keys: keys ?? keysBeside(archive),
        ledgers: ledger === undefined ? ledgersOf(keys ?? archive, config.backupDir) : [ledger],
        keyring: keyringOf(config),
        target: ownedBy(postgres),
        onProgress: bar.report,
        signal,
      })
      await keep(postgres.appUrl, outcome)
      return answerOf(outcome)
    })
  return (stopping ? tried(stopping) : stoppable(tried)).finally(() => bar.stop())
}

async function newestIn(folder: string): Promise<string> {
  const [newest] = await archivesIn(folder)
  if (newest) return join(folder, newest.name)
  throw new Error(
    `There is no backup in ${folder}: make one with \`portico backup\`, or name another archive.`,
  )
}

async function keep(url: string, { drill }: DrillOutcome): Promise<void> {
  await connected(url, (client) => new BackupDrillRepository(queryableClient(client)).add(drill))
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
