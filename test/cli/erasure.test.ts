import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { generateKeyring } from '../../src/crypto/keyring'
import { readConfig } from '../../src/config/config'
import { createLog } from '../../src/server/log'
import { layFoundation } from '../../src/server/portico'
import { eraseDue } from '../../src/modules/erasure/erasure.task'
import { publishLedger } from '../../src/modules/erasure/ledger.task'
import { applicant, beginSignUp } from '../support/account'
import type { ApiClient } from '../support/api-client'
import { canary, wordColumns, type Canary } from '../support/canary'
import { query } from '../support/describe-schema'
import { newNumber } from '../support/phones'
import { dataExportOf, erasureOf } from '../support/privacy'
import { START_TOTP } from '../support/second-factor'
import { emptyDatabase, testServer } from '../support/test-server'
import { until } from '../support/until'
import { unzip } from '../support/unzip'
import { unique, type Person } from '../support/world'
import { useCommands } from './environment'
import { portico } from './in-process'

const { world, folder } = useCommands()
const drops: (() => Promise<void>)[] = []

afterAll(async () => {
  for (const drop of drops) await drop()
})

const LEDGER = join(folder, 'portico.erasures')
const linesIn = (file: string): string[] => readFileSync(file, 'utf8').trim().split('\n').filter(Boolean)

async function backUp(): Promise<string> {
  const { code, stdout, stderr } = await portico('backup', folder, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  // Names tell seconds apart.
  const archive = join(folder, `${Math.random()}.backup`)
  copyFileSync((JSON.parse(stdout) as { archive: string }).archive, archive)
  return archive
}

/** Erases somebody now, and does what the workers then do. */
async function erase(person: Person): Promise<void> {
  await erasureOf(world, person)
  await world.db.query('UPDATE erasures SET erases_at = requested_at WHERE user_id = $1', [person.id])
  await world.do(eraseDue, {})
  await world.do(publishLedger, {})
}

/** Turns the commands to an empty database. */
async function toEmptyDatabase(): Promise<string> {
  const { ownerUrl, appUrl, drop } = await emptyDatabase()
  drops.push(drop)
  Object.assign(process.env, { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl })
  return ownerUrl
}

/** The tables of a database in which somebody's words stand, as `table: words`. */
async function wordsIn(url: string, { words }: Canary): Promise<string[]> {
  const client = new Client(url)
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'graphile_worker')`,
    )
    const found: string[] = []
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)
      const all = rows.map(({ row }) => row).join('\n')
      for (const [column, word] of words) {
        const isThere = all.includes(word) || all.includes(Buffer.from(word).toString('hex'))
        if (isThere) found.push(`${name}: ${column}`)
      }
    }
    return found.sort()
  } finally {
    await client.end()
  }
}

/** The words of somebody's that stand in texts. */
const saidOf = ({ words }: Canary, ...texts: string[]): string[] =>
  [...words.values()].filter((word) => texts.some((text) => text.includes(word)))

describe('R98 whoever was erased after a backup', () => {
  test('does not come back with it: not a word of theirs, whatever table it stood in', async () => {
    const person = await canary(world)
    const archive = await backUp()
    expect((await wordsIn(world.portico.config.databaseOwnerUrl!, person)).length).toBeGreaterThan(8)
    await erase(person)
    const url = await toEmptyDatabase()
    const { code, stdout, stderr } = await portico('restore', archive)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('1 who had been erased after that was erased again.')
    expect(stdout).toMatch(
      /^The ledger names [\d,]+ as erased, the last on \S+Z: whoever was later is back\.$/m,
    )
    expect(await wordsIn(url, person)).toEqual([])
    const zip = join(folder, 'fresh.zip')
    const told = await portico('subject', person.globalId, '--zip', zip)
    expect({ code: told.code, stderr: told.stderr }).toEqual({ code: 0, stderr: '' })
    const copy = await unzip(readFileSync(zip))
    expect(copy['data.json']!.length).toBeGreaterThan(1_000)
    expect(saidOf(person, stdout, told.stdout, ...Object.values(copy))).toEqual([])
    const [user] = await query(url, `SELECT username, status FROM users WHERE id = '${person.id}'`)
    expect(user).toEqual({ username: expect.stringMatching(/^erased_/), status: 'erased' })
    expect(await query(url, `SELECT wrapped FROM data_keys WHERE owner_id = '${person.id}'`)).toEqual([
      { wrapped: null },
    ])
    const lines = (await query(url, 'SELECT line FROM erasure_ledger ORDER BY number')) as { line: string }[]
    expect(lines.map(({ line }) => line)).toEqual(linesIn(LEDGER))
  })

  test('does not come back from a folder whose ledger nobody writes any more', async () => {
    const person = await canary(world)
    const elsewhere = join(folder, unique('elsewhere'))
    const { stdout } = await portico('backup', elsewhere, '--json')
    const { archive } = JSON.parse(stdout) as { archive: string }
    const old = linesIn(join(elsewhere, 'portico.erasures'))
    await erase(person)
    expect(linesIn(join(elsewhere, 'portico.erasures'))).toEqual(old)
    const url = await toEmptyDatabase()
    expect(await portico('restore', archive)).toMatchObject({ code: 0 })
    expect(await wordsIn(url, person)).toEqual([])
  })

  test('stays erased in one that has been tried out', async () => {
    const archive = await backUp()
    await erase(await world.person())
    expect(await portico('backup', 'verify', archive)).toMatchObject({ code: 0 })
  })

  test('is erased when Portico starts on a database that was restored by other means', async () => {
    const person = await canary(world)
    const archive = await backUp()
    const old = `${LEDGER}.old`
    copyFileSync(LEDGER, old)
    await erase(person)
    const url = await toEmptyDatabase()
    // As a restore of PostgreSQL's own would: without the ledger of today.
    expect(await portico('restore', archive, '--ledger', old)).toMatchObject({ code: 0 })
    expect((await wordsIn(url, person)).length).toBeGreaterThan(8)
    const warned: string[] = []
    const config = readConfig(process.env)
    const log = createLog(config, { write: (line: string) => void warned.push(line) })
    const { stop } = await layFoundation(config, log)
    await stop()
    expect(warned.join('')).toContain('whoever it lists was erased again')
    expect(saidOf(person, ...warned)).toEqual([])
    expect(await wordsIn(url, person)).toEqual([])
  })
})

describe('the ledger beside the backups', () => {
  test('is written there before any backup is', async () => {
    const { backups } = world.db.tools
    const given = backups.folder
    backups.folder = join(folder, unique('new'))
    try {
      await erase(await world.person())
      expect(linesIn(join(backups.folder, 'portico.erasures')).slice(0, -1)).toEqual(linesIn(LEDGER))
    } finally {
      backups.folder = given
    }
  })

  test('is written with each erasure and each backup, and grows by a line that names nobody', async () => {
    await backUp()
    const lines = linesIn(LEDGER).length
    const person = await world.person()
    await erase(person)
    expect(linesIn(LEDGER)).toHaveLength(lines + 1)
    expect(readFileSync(LEDGER, 'utf8')).not.toContain(person.username)
    rmSync(LEDGER)
    await backUp()
    expect(linesIn(LEDGER)).toHaveLength(lines + 1)
  })

  test.each([
    ['is not there', () => rmSync(LEDGER), /There is no ledger of erasures at .*--ledger/],
    [
      'was changed',
      () => {
        const text = readFileSync(LEDGER, 'utf8')
        writeFileSync(LEDGER, `${text.slice(0, 60)}${text[60] === 'A' ? 'B' : 'A'}${text.slice(61)}`)
      },
      /Line 1 of .* was changed, or is of another keyring/,
    ],
    [
      'lacks a line',
      () => writeFileSync(LEDGER, `${linesIn(LEDGER).slice(1).join('\n')}\n`),
      /Line 1 of .* was changed/,
    ],
  ])('that %s is refused, and nothing is written', async (_, damage, sentence) => {
    await erase(await world.person())
    await erase(await world.person())
    const archive = await backUp()
    damage()
    const url = await toEmptyDatabase()
    expect(await portico('restore', archive)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(sentence),
    })
    expect(await query(url, `SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual([])
    rmSync(LEDGER, { force: true })
  })

  test('of another keyring is refused, as is one that knows of somebody whom the database does not have', async () => {
    await erase(await world.person())
    await backUp()
    const other = generateKeyring()
    process.env['PORTICO_KEYRING'] = other
    expect((await portico('backup', folder)).code).toBe(1)
    process.env['PORTICO_KEYRING'] = testServer().keyring
    const url = world.portico.config.databaseOwnerUrl!
    await query(url, 'CREATE TABLE aside AS SELECT * FROM erasure_ledger; DELETE FROM erasure_ledger')
    try {
      expect(await portico('backup', folder)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/names people as erased who are not in this database's ledger/),
      })
    } finally {
      await query(url, 'INSERT INTO erasure_ledger SELECT * FROM aside; DROP TABLE aside')
    }
  })
})

/** The files in which a word stands, whatever they hold besides. Files come and go meanwhile, of which grep complains. */
const filesWith = (word: string, ...places: string[]): string[] =>
  spawnSync('grep', ['-rlaF', word, ...places], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)

/** What is in clear is found, as soon as it is written: the search works. */
const searchWorks = (clear: string, place: string) =>
  until(() => Promise.resolve(filesWith(clear, place).length > 0))

describe('R89 what is encrypted', () => {
  test('stands nowhere in clear: not in the files of the database, its WAL, the log or a backup', async () => {
    const person = await canary(world)
    const archive = await backUp()
    const path = testServer().dataDir
    const encrypted = wordColumns()
      .filter(({ column }) => column.encrypted)
      .map(({ table, column }) => `${table.name}.${column.name}`)
    expect(encrypted.length).toBeGreaterThan(5)
    const bio = person.words.get('users.bio')!
    await searchWorks(bio, path)
    for (const word of encrypted.map((name) => person.words.get(name)!)) {
      expect(filesWith(word, path, archive, join(folder, 'portico.keys'))).toEqual([])
      expect(world.logLines.filter((line) => line.includes(word))).toEqual([])
    }
    expect(filesWith(bio, archive)).toEqual([])
  })

  test('nor does what comes through the API, while the jobs that follow from it wait in the queue', async () => {
    const [person, other, staff] = [
      await world.person(),
      await world.person(),
      await world.person({ role: 'admin' }),
    ]
    const words = new Map<string, string>()
    const word = (name: string, wrap = (made: string) => made) => {
      const made = wrap(unique('canary'))
      words.set(name, made)
      return made
    }
    const at = (made: string) => `${made}@example.com`
    const act = async (api: ApiClient, name: string, input: object, answer = '') => {
      const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`
      const data = await api.data(
        `mutation ($input: ${type}) { ${name}(input: $input) { ${answer} userErrors { code message } } }`,
        { input },
      )
      expect([name, data[name].userErrors]).toEqual([name, []])
      return data[name]
    }
    const { api, globalId: userId } = person
    await beginSignUp(world, applicant({ email: word('sign-up', at) }))
    await act(api, 'addEmail', { email: word('email', at) })
    await act(api, 'addPhone', { number: word('phone', () => newNumber()) })
    const { enrolment } = (await api.data(START_TOTP)).startTotp
    word('second factor', () => enrolment.key)
    await act(api, 'startConversation', {
      userIds: [other.globalId],
      body: word('message'),
      clientId: unique('client'),
    })
    const { ticket } = await act(
      api,
      'openTicket',
      { subject: word('subject of a ticket'), body: word('ticket'), category: 'ACCOUNT' },
      'ticket { id }',
    )
    await act(staff.api, 'answerTicket', {
      ticketId: ticket.id,
      body: word('answer'),
      expectedVersion: 1,
    })
    await act(staff.api, 'addTicketNote', { ticketId: ticket.id, body: word('note in a ticket') })
    await act(api, 'requestRectification', { message: word('request') })
    await act(api, 'reportContent', {
      subjectId: (await world.post()).globalId,
      reason: 'SPAM',
      note: word('report'),
    })
    await act(staff.api, 'addStaffNote', { userId, body: word('note of staff') })
    await act(staff.api, 'placeLegalHold', {
      userId,
      reason: word('legal hold'),
      caseReference: word('case of a hold'),
    })
    await dataExportOf(world, person)
    await act(staff.api, 'suspendUser', { userId, reason: word('suspension') })
    await act(staff.api, 'suspendUsers', {
      people: { filter: { email: word('bulk job', at) } },
      reason: word('bulk suspension'),
    })
    const text = { language: 'en', subject: unique('News '), text: 'It is here.' }
    await act(staff.api, 'createAnnouncement', {
      texts: [text],
      audience: { filter: { email: word('announcement', at) } },
    })
    const reading = staff.api.with({ 'access-reason': word('reason of a read') })
    await reading.data(`{ user(id: "${userId}") { email } }`)
    const title = unique('clear')
    await world.post({ title })

    expect((await query(world.portico.config.databaseOwnerUrl!, QUEUED)).length).toBeGreaterThan(2)
    const archive = await backUp()
    const path = testServer().dataDir
    await searchWorks(title, path)
    for (const [name, made] of words) {
      const found = [...filesWith(made, path, archive, join(folder, 'portico.keys'))]
      expect([name, found, world.logLines.filter((line) => line.includes(made))]).toEqual([name, [], []])
    }
    expect(filesWith(title, archive)).toEqual([])
  })
})

const QUEUED = 'SELECT FROM graphile_worker._private_jobs'
