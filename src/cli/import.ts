import { Option, type Command } from 'commander'
import { existsSync, realpathSync } from 'node:fs'
import type { Config } from '../config/config'
import { ImportService, type Import } from '../modules/import/import.service'
import { answering, UsageError, type Answer } from './command'
import { FIELDS } from './import/formats/portico'
import { runImport } from './import/importer'
import { showProgress } from './import/progress-bar'
import { Report } from './import/report'
import { FORMATS, openSource, type Format, type Source } from './import/source'
import { count } from './progress-bar'
import { onFoundation, readSettings } from './settings'

interface Options {
  format?: Format
  passwords?: string
  dryRun?: boolean
  allowStaff?: boolean
  restart?: boolean
  report?: string
  json?: boolean
}

const HELP = `
What can be imported:
  ndjson, csv   Portico's own: ${FIELDS.join(', ')}.
                In CSV, roles are separated by semicolons, and preferences and attributes are JSON.
  auth0         the export of users, with --passwords also the export of their hashes; the files of its own import
  keycloak      the export of a realm
  supabase      auth.users as CSV or NDJSON

Passwords go on to work where they are hashed with bcrypt, Argon2, scrypt (Firebase's too) or PBKDF2; at the first sign-in
the hash is replaced by one of Portico's. Whoever comes without one resets the password by mail.

An address that was not verified stays so: its owner signs in with it and can reset the password by a mail to it, as
everybody can, but it proves nothing else about them. Suspended people are imported as such.

A run that was cut off goes on where it stood when it is started again with the same file. A refused entry never stops the
rest: the report says of each why. Exit code: 0 everybody is imported, 1 somebody was refused, 2 it could not be done.`

export const define = (command: Command): Command =>
  command
    .argument('<file>', 'the file with the people')
    .addOption(
      new Option('--format <format>', 'what the file is; seen by its content where nothing is said').choices(
        FORMATS,
      ),
    )
    .option('--passwords <file>', "Auth0's separate export of password hashes")
    .option('--dry-run', 'check everything, against the database too, and write nothing but the report')
    .option(
      '--allow-staff',
      'grant roles that carry permissions over other people; without it, whoever holds one is refused',
    )
    .option(
      '--restart',
      'begin at the first entry, even where a former run of the same file stopped or ended',
    )
    .option('--report <file>', 'where to say who was refused (mode 0600); <file>.refused.ndjson by default')
    .addHelpText('after', HELP)
    .action(
      answering<Options>(async ([file = ''], options) => importFile(readSettings(), file, options), {
        failure: 2,
      }),
    )

async function importFile(config: Config, file: string, options: Options): Promise<Answer> {
  const source = await openSource(file, options)
  const reportFile = options.report ?? `${file}.refused.ndjson`
  assertApart(reportFile, [file, options.passwords])
  const isDryRun = options.dryRun === true
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    return await onFoundation(async ({ db }) => {
      const imports = new ImportService(db)
      const former = options.restart ? null : await imports.find(source.fingerprint)
      const begun = former ?? imports.plan(source.fingerprint)
      const facts = { isDryRun, resumedAt: former?.position ?? 0, reportFile }
      if (former?.finishedAt) return answer(source, former, { ...facts, seconds: 0 })
      if (former === null && !isDryRun) await imports.begin(begun)
      const report = new Report(reportFile, begun.tally.reportLength)
      const progress = await showProgress(source.length, !options.json)
      const start = performance.now()
      try {
        const state = await runImport(db, source, begun, {
          isDryRun,
          allowStaff: options.allowStaff === true,
          report,
          signal: stopping.signal,
          onProgress: (tally) => progress.update(source.bytesRead(), tally),
        })
        if (stopping.signal.aborted && !isDryRun && !state.finishedAt) {
          throw new Error(`Stopped after ${count(state.position)} entries. Run the same again to go on.`)
        }
        return answer(source, state, { ...facts, seconds: (performance.now() - start) / 1_000 })
      } finally {
        progress.stop()
        report.close()
      }
    }, config)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

/** @throws UsageError where the report would take the place of what is imported. */
function assertApart(report: string, files: readonly (string | undefined)[]): void {
  if (!existsSync(report)) return
  for (const file of files) {
    if (file !== undefined && existsSync(file) && realpathSync(file) === realpathSync(report))
      throw new UsageError(`The report cannot go to ${report}, which is read.`)
  }
}

function answer(
  source: Source,
  { tally, finishedAt }: Import,
  facts: { isDryRun: boolean; resumedAt: number; reportFile: string; seconds: number },
): Answer {
  const { reportLength: _, ...counts } = tally
  const { isDryRun, resumedAt, reportFile, seconds } = facts
  const report = tally.refused > 0 ? reportFile : null
  const json = {
    file: source.file,
    format: source.system,
    dryRun: isDryRun,
    resumedAt,
    ...counts,
    report,
    seconds: Math.round(seconds * 10) / 10,
  }
  const isRepeated = seconds === 0 && finishedAt !== null
  const notes = [
    isRepeated && `this file was imported already, on ${finishedAt.toISOString()}; --restart begins anew`,
    tally.namesMade > 0 && `${count(tally.namesMade)} usernames were made or adapted`,
    tally.withoutPassword > 0 && `${count(tally.withoutPassword)} have no password yet`,
    tally.secondFactorsLeft > 0 &&
      `${count(tally.secondFactorsLeft)} had a second factor, which stayed behind`,
    resumedAt > 0 && !isRepeated && `went on after entry ${count(resumedAt)}`,
  ].filter((note) => note !== false)
  const reasons = Object.entries(tally.reasons)
    .sort(([, one], [, other]) => other - one)
    .map(([reason, times]) => `${reason} ${count(times)}×`)
  const refused =
    tally.refused > 0 ? `, refused ${count(tally.refused)} (${reasons.join(', ')}; see ${report})` : ''
  const rest = notes.length > 0 ? `; ${notes.join('; ')}` : ''
  const verb = isDryRun ? 'Would import' : 'Imported'
  return {
    json,
    text: `${verb} ${count(tally.imported)} accounts from ${source.system} in ${Math.round(seconds)} s${refused}${rest}.`,
    isBad: tally.refused > 0,
  }
}
