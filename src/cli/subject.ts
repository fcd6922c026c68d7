import { rm, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { Config } from '../config/config'
import { monthsLater } from '../core/clock'
import { writeFinished } from '../core/finished-file'
import { toGlobalId } from '../core/id'
import type { Database } from '../db/database'
import { AccessLogService } from '../modules/access-log/access-log.service'
import { AuditService } from '../modules/audit/audit.service'
import { exportFile } from '../modules/data-export/export-file'
import { surveyPerson, type SubjectTableSurvey } from '../modules/erasure/erase'
import { LegalHoldService } from '../modules/legal-hold/legal-hold.service'
import { PrivacyRequestService } from '../modules/privacy-request/privacy-request.service'
import type { UserRow } from '../modules/user/user.loader'
import { answering, type Answer } from './command'
import { personOf } from './person'
import { count } from './progress-bar'
import { onFoundation, readSettings } from './settings'
import { table } from './table'

const HELP = `
It tells of every table of people how many rows are about the person, why they are kept, for how long, and what erasure does to them;
those that the person is not told of are marked. Then what the person has asked and nobody has answered, the holds on their data, what
their comments and messages said before they changed or deleted them while one was in force, and which staff have read it in the last twelve months. That somebody looked stands in the audit trail, where the person finds it: who it
was is not known to Portico, so it is no entry of their access log.`

export const define = (command: Command): Command =>
  command
    .argument('<person>', 'a username, or an id that begins with user_')
    .option(
      '--zip <file>',
      'write a copy of their data, as they would get it themselves; only its owner can read it',
    )
    .addHelpText('after', HELP)
    .action(answering<{ zip?: string }>(([person = ''], { zip }) => tell(readSettings(), person, zip)))

const tell = (config: Config, word: string, zip: string | undefined): Promise<Answer> =>
  onFoundation(async ({ db }) => {
    const person = await personOf(db, word)
    // First, so that nothing is told of which the trail does not know.
    await new AuditService(db).record('data.subject-read', {
      subjectId: person.id,
      target: toGlobalId('user', person.id),
      details: { copied: zip !== undefined },
    })
    return db.transaction(async (tx) => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
      const found = await lookThrough(tx, person)
      const file = zip === undefined ? null : { name: zip, bytes: await write(tx, person, zip) }
      return { json: { ...found, file }, text: describe(found, file) }
    })
  }, config)

type Found = Awaited<ReturnType<typeof lookThrough>>

async function lookThrough(tx: Database, { id, username, status, createdAt }: UserRow) {
  const tables = await surveyPerson(tx, id)
  const requests = await new PrivacyRequestService(tx).allOpenOf(id)
  const holds = await new LegalHoldService(tx).inForceOn(id)
  const kept = await new LegalHoldService(tx).keptOf(id)
  const span = { from: monthsLater(tx.now, -12), to: tx.now }
  const readers = []
  for await (const some of new AccessLogService(tx).readersOf(id, span)) readers.push(...some)
  return {
    person: { id: toGlobalId('user', id), username, status, createdAt },
    tables,
    requests: requests.map((request) => ({
      id: toGlobalId('privacy_request', request.id),
      kind: request.kind,
      status: request.status,
      receivedAt: request.receivedAt,
      dueAt: request.dueAt,
    })),
    holds: holds.map((hold) => ({ id: toGlobalId('legal_hold', hold.id), placedAt: hold.placedAt })),
    kept,
    readers: readers.map((reader) => ({ ...reader, id: toGlobalId('user', reader.id) })),
  }
}

/** Writes a copy, which only its owner can read; its size in bytes. @throws Error where there is a file of that name. */
async function write(tx: Database, { id }: UserRow, file: string): Promise<number> {
  // Whoever takes the name first has it.
  await writeFile(file, '', { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error(`${file} is there already, and is left as it is.`) : error
  })
  try {
    const { size, publish } = await writeFinished(file, await exportFile(tx, id))
    await publish()
    return size
  } catch (error) {
    await rm(file, { force: true })
    throw error
  }
}

function describe(
  { person, tables, requests, holds, kept, readers }: Found,
  file: { name: string; bytes: number } | null,
): string {
  const day = (moment: Date) => moment.toISOString().slice(0, 10)
  const chapters = [
    `${person.username} (${person.id}), ${person.status}, since ${day(person.createdAt)}`,
    ...tables.map(describeTable),
    requests.length === 0
      ? 'No request of theirs is open.'
      : `OPEN REQUESTS\n${table(
          ['Request', 'Kind', 'Status', 'Received', 'Due'],
          requests.map(({ id, kind, status, receivedAt, dueAt }) => [
            id,
            kind,
            status,
            day(receivedAt),
            day(dueAt),
          ]),
        )}`,
    holds.length === 0
      ? 'No legal hold is on their data.'
      : `LEGAL HOLDS, of which the person does not know\n${table(
          ['Hold', 'Since'],
          holds.map(({ id, placedAt }) => [id, day(placedAt)]),
        )}`,
    ...(kept.length === 0
      ? []
      : [
          `KEPT BECAUSE OF A HOLD when they changed or deleted it\n${table(
            ['What', 'Until', 'Text'],
            kept.map(({ id, keptAt, text }) => [id, day(keptAt), JSON.stringify(text)]),
          )}`,
        ]),
    readers.length === 0
      ? 'Nobody of the staff has read their data in the last twelve months.'
      : `READ IN THE LAST TWELVE MONTHS\n${table(
          ['Reader', 'Username', 'Times', 'First', 'Last', 'Fields'],
          readers.map(({ id, username, times, firstAt, lastAt, fields }) => [
            id,
            username,
            count(times),
            day(firstAt),
            day(lastAt),
            fields.join(', '),
          ]),
        )}`,
    ...(file ? [`A copy of their data is in ${file.name} (${count(file.bytes)} bytes).`] : []),
  ]
  return chapters.join('\n\n')
}

function describeTable({
  table: name,
  rows,
  isTold,
  purposes,
  retentions,
  onErase,
}: SubjectTableSurvey): string {
  const lines = [
    `${name}: ${count(rows)} ${rows === 1 ? 'row' : 'rows'}${isTold ? '' : ', of which the person is not told'}`,
    ...(rows === 0
      ? []
      : [
          ...purposes.map((purpose, index) => `  ${index === 0 ? 'why       ' : '          '}${purpose}`),
          `  kept      ${retentions.join('; ')}`,
          ...onErase.map(
            ({ effect, columns, basis }, index) =>
              `  ${index === 0 ? 'erasure   ' : '          '}${[`${effect}: ${columns.join(', ')}`, basis].filter(Boolean).join(' – ')}`,
          ),
        ]),
  ]
  return lines.join('\n')
}
