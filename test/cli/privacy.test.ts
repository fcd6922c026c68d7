import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DAY, HOUR, later } from '../../src/core/clock'
import { AccessRecord } from '../../src/modules/access-log/access-record.entity'
import { newId } from '../../src/core/id'
import { noteAbout } from '../support/administration'
import { commentOn } from '../support/content'
import { legalHoldOn, privacyRequestOf } from '../support/privacy'
import { unzip } from '../support/unzip'
import type { Person } from '../support/world'
import { eventAt, makeOldMonths, monthAgo, partitionOf } from '../support/old-months'
import { useCommands } from './environment'
import { portico } from './in-process'

const { world, folder } = useCommands()

/** That somebody was shown fields of somebody else at a moment. */
const read = async (
  reader: Person,
  subject: Person,
  at: Date,
  fields: string[],
  reason: string | null = null,
) => {
  const id = newId(at)
  const place = { id, ownerId: subject.id }
  const sealed = reason && (await world.db.codec.seal(AccessRecord, 'accessReason', place, reason))
  await world.db.query(
    `INSERT INTO access_records (id, occurred_at, reader_id, subject_id, roles, fields, access_reason)
     VALUES ($1, $2, $3, $4, '{support}', $5, $6)`,
    [id, at, reader.id, subject.id, fields, sealed],
  )
}

const eventsOf = (action: string) =>
  world.db.query<{ details: unknown; subjectId: string | null; target: string | null }>(
    `SELECT details, subject_id AS "subjectId", target FROM audit_events WHERE action = $1 ORDER BY occurred_at, id`,
    [action],
  )

interface Told {
  actor: { id: string; username: string }
  people: {
    id: string
    username: string
    fields: string[]
    times: number
    firstAt: string
    lastAt: string
    reasons: string[]
  }[]
  totals: { people: number; times: number }
}

describe('R96 portico who-read', () => {
  const noon = new Date('2026-11-10T12:00:00Z')

  const whoRead = async (actor: string, from: string, to: string): Promise<Told> => {
    const { code, stdout, stderr } = await portico(
      'who-read',
      '--actor',
      actor,
      '--from',
      from,
      '--to',
      to,
      '--json',
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout) as Told
  }

  test('R96 tells whose data an account has read in a span of time, what of it, how often and why', async () => {
    const [reader, other, ada, bob] = [
      await world.person(),
      await world.person(),
      await world.person(),
      await world.person(),
    ]
    await read(reader, ada, noon, ['emails', 'locale'], 'Ticket 7')
    await read(reader, ada, later(noon, HOUR), ['emails'])
    await read(reader, bob, later(noon, 2 * HOUR), ['sessions'], 'Ticket 8')
    await read(reader, bob, later(noon, 40 * DAY), ['sessions'])
    await read(other, bob, noon, ['phones'])
    const told = await whoRead(reader.username, '2026-11-10T12:00Z', '2026-11-11T00:00+00:00')
    expect(told).toEqual({
      actor: { id: reader.globalId, username: reader.username },
      span: { from: noon.toISOString(), to: '2026-11-11T00:00:00.000Z' },
      people: [
        {
          id: ada.globalId,
          username: ada.username,
          fields: ['emails', 'locale'],
          times: 2,
          firstAt: noon.toISOString(),
          lastAt: later(noon, HOUR).toISOString(),
          reasons: ['Ticket 7'],
        },
        expect.objectContaining({ id: bob.globalId, fields: ['sessions'], times: 1, reasons: ['Ticket 8'] }),
      ],
      totals: { people: 2, times: 3 },
    })
    const text = await portico(
      'who-read',
      '--actor',
      reader.globalId,
      '--from',
      '2026-11-10',
      '--to',
      '2026-11-10',
    )
    expect(text.stdout).toMatch(/^Person +Username +Times +First \(UTC\) +Last \(UTC\) +Fields +Reasons$/m)
    expect(text.stdout).toMatch(
      new RegExp(
        `^${ada.globalId}  ${ada.username} +2 +2026-11-10 12:00:00 +2026-11-10 13:00:00 +emails, locale +Ticket 7$`,
        'm',
      ),
    )
    expect(text.stdout).toContain(`${reader.username} has read the data of 2 people`)
    const asked = { from: noon.toISOString(), to: '2026-11-11T00:00:00.000Z' }
    expect(await eventsOf('access-log.searched')).toEqual([
      { details: asked, subjectId: null, target: reader.globalId },
      { details: { ...asked, from: '2026-11-10T00:00:00.000Z' }, subjectId: null, target: reader.globalId },
    ])
  })

  test('R96 takes a date for the day in UTC: --from for its beginning, --to for its end', async () => {
    const [reader, ada] = [await world.person(), await world.person()]
    for (const moment of [
      '2026-11-09T23:59:59.999Z',
      '2026-11-10T00:00:00Z',
      '2026-11-10T23:59:59.999Z',
      '2026-11-11T00:00:00Z',
    ])
      await read(reader, ada, new Date(moment), ['emails'])
    expect((await whoRead(reader.username, '2026-11-10', '2026-11-10')).totals).toEqual({
      people: 1,
      times: 2,
    })
  })

  test('R96 goes through more people than are read at once', async () => {
    const reader = await world.person()
    await world.db.query(
      `INSERT INTO access_records (id, occurred_at, reader_id, subject_id, roles, fields)
       SELECT gen_random_uuid(), $2, $1, gen_random_uuid(), '{}', '{emails}' FROM generate_series(1, 1201)`,
      [reader.id, noon],
    )
    const { people, totals } = await whoRead(reader.username, '2026-11-10', '2026-11-10')
    expect([people.length, totals]).toEqual([1_201, { people: 1_201, times: 1_201 }])
  })

  test('R96 says that nobody’s data was read', async () => {
    const { username } = await world.person()
    expect(
      await portico('who-read', '--actor', username, '--from', '2026-11-10', '--to', '2026-11-10'),
    ).toEqual({
      code: 0,
      stderr: '',
      stdout: `${username} has read nobody's data from 2026-11-10T00:00:00.000Z until before 2026-11-11T00:00:00.000Z.\n`,
    })
  })

  test.each([
    [
      'nobody_at_all',
      '2026-11-10',
      '2026-11-10',
      1,
      'There is nobody whose username or id is “nobody_at_all”.',
    ],
    ['x', 'yesterday', '2026-11-10', 2, '“yesterday” is none'],
    ['x', '2026-02-30', '2026-11-10', 2, '“2026-02-30” is none'],
    ['x', '2026-11-10T12:00', '2026-11-10', 2, '--from wants a moment'],
    ['x', '2026-11-10', '2026-11-10T25:00Z', 2, '--to wants a moment'],
    ['x', '2026-11-11', '2026-11-10', 2, '--from has to be before --to.'],
  ])('R96 explains what it cannot answer: %s from %s to %s', async (actor, from, to, code, sentence) => {
    const answer = await portico('who-read', '--actor', actor, '--from', from, '--to', to)
    expect(answer).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(sentence) })
  })
})

describe('R96 portico subject', () => {
  test('R96 tells what is kept about a person, also what they are not told, and who has read it', async () => {
    const [person, reader] = [await world.person(), await world.person()]
    await noteAbout(world, person)
    const holdId = await legalHoldOn(world, person)
    const comment = await commentOn(world, await world.post(), person, { body: 'So it was.' })
    await person.api.data(
      `mutation { deleteComment(input: { commentId: "${comment}" }) { userErrors { code } } }`,
    )
    const requestId = await privacyRequestOf(world, person)
    await read(reader, person, later(world.clock.now(), -DAY), ['emails'])
    await read(reader, person, later(world.clock.now(), -400 * DAY), ['locale'])
    const { code, stdout } = await portico('subject', person.username, '--json')
    expect(code).toBe(0)
    const told = JSON.parse(stdout) as { tables: { table: string }[] }
    expect(told).toMatchObject({
      person: { id: person.globalId, username: person.username, status: 'active' },
      requests: [{ id: requestId, kind: 'rectification', status: 'received' }],
      holds: [{ id: holdId }],
      kept: [{ id: comment, text: 'So it was.' }],
      readers: [{ id: reader.globalId, times: 1, fields: ['emails'] }],
      file: null,
    })
    const table = (name: string) => told.tables.find((one) => one.table === name)
    expect(table('emails')).toMatchObject({
      rows: 1,
      isTold: true,
      purposes: expect.arrayContaining(['Signing in, and reaching the person about their account.']),
      retentions: ['while the account exists', '7 days after it is replaced'],
      onErase: [{ effect: 'deleted' }],
    })
    expect(table('staff_notes')).toMatchObject({ rows: 1, isTold: false })
    expect(table('legal_holds')).toMatchObject({ rows: 1, isTold: false })
    expect(table('passkeys')).toMatchObject({ rows: 0 })
    const text = (await portico('subject', person.globalId)).stdout
    expect(text).toContain('staff_notes: 1 row, of which the person is not told\n')
    expect(text).toMatch(new RegExp(`^${comment} +\\S+ +"So it was."`, 'm'))
    expect(text).toMatch(new RegExp(`^${reader.globalId} +${reader.username} +1 `, 'm'))
  })

  test('R96 stands in the trail of the person, who finds it there', async () => {
    const person = await world.person()
    await portico('subject', person.username)
    const { viewer } = await person.api.data('{ viewer { auditEvents { edges { node { action } } } } }')
    expect(viewer.auditEvents.edges).toContainEqual({ node: { action: 'data.subject-read' } })
    const events = (await eventsOf('data.subject-read')).filter(({ subjectId }) => subjectId === person.id)
    expect(events).toEqual([{ details: { copied: false }, subjectId: person.id, target: person.globalId }])
  })

  test('R96 writes the copy that they would get, for its owner alone, and never over a file', async () => {
    const person = await world.person()
    const file = join(folder, 'copy.zip')
    expect(await portico('subject', person.username, '--zip', file)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`A copy of their data is in ${file}`),
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const files = await unzip(readFileSync(file))
    expect(JSON.parse(files['data.json']!)).toMatchObject({
      format: 'portico-export/1',
      userId: person.globalId,
    })
    writeFileSync(file, 'mine')
    expect(await portico('subject', person.username, '--zip', file)).toMatchObject({
      code: 1,
      stderr: `${file} is there already, and is left as it is.\n`,
    })
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect(existsSync(`${file}.unfinished`)).toBe(false)
  })

  test('R96 says that there is nobody of that name', async () => {
    expect(await portico('subject', 'nobody_at_all')).toMatchObject({
      code: 1,
      stderr: 'There is nobody whose username or id is “nobody_at_all”.\n',
    })
  })
})

describe('R95 portico retention', () => {
  interface Applied {
    dryRun: boolean
    rules: {
      rule: string
      table: string
      retention: string
      due: number
      oldest: string | null
      held: number
      removed: number
    }[]
    partitions: { name: string; trail: string; rows: number; held: number; dropped: boolean }[]
    kept: Record<string, string>
  }

  const run = async (...options: string[]): Promise<Applied> => {
    const { code, stdout, stderr } = await portico('retention', '--json', ...options)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout) as Applied
  }

  test('R95 tells what is due, since when, and what a legal hold keeps; removes it only when it is asked to', async () => {
    const [held, other] = [await world.person(), await world.person()]
    await legalHoldOn(world, held)
    const ended = later(new Date(), -100 * DAY)
    await world.db.query('UPDATE sessions SET ended_at = $2 WHERE user_id = ANY($1)', [
      [held.id, other.id],
      ended,
    ])
    const sessions = ({ rules }: Applied) => rules.find(({ table }) => table === 'sessions')
    const told = {
      rule: 'session:forget-old',
      retention: '90 days after the session ends or expires',
      due: 2,
      oldest: ended.toISOString(),
      held: 1,
    }
    expect(sessions(await run('--dry-run'))).toMatchObject({ ...told, removed: 0 })
    const text = (await portico('retention', '--dry-run')).stdout
    expect(text).toMatch(/^sessions +90 days after the session ends or expires +2 +\d{4}-\d\d-\d\d +1$/m)
    expect(text).toMatch(/^\d+ rows? would be removed; nothing was. A legal hold keeps 1\.$/m)
    expect(await eventsOf('retention.applied')).toEqual([])
    expect(sessions(await run())).toMatchObject({ ...told, removed: 1 })
    expect(await eventsOf('retention.applied')).toContainEqual({
      details: { rule: 'session:forget-old', rows: 1 },
      subjectId: null,
      target: null,
    })
    expect(sessions(await run())).toMatchObject({ due: 1, held: 1, removed: 0 })
  })

  test('R95 tells which months of the trail are past, and drops those in which nobody is held when it is asked to', async () => {
    await makeOldMonths(world, [74, 73])
    const [held, other] = [await world.person(), await world.person()]
    await legalHoldOn(world, held)
    await eventAt(world, { at: monthAgo(73), subjectId: held.id })
    await eventAt(world, { at: monthAgo(74), subjectId: other.id })
    const [stays, goes] = [partitionOf('audit_events', 73), partitionOf('audit_events', 74)]
    const told = async (...options: string[]) =>
      (await run(...options)).partitions
        .filter(({ trail }) => trail === 'audit_events')
        .map(({ name, rows, held: people, dropped }) => [name, rows, people, dropped])
    expect(await told('--dry-run')).toEqual([
      [goes, 1, 0, false],
      [stays, 1, 1, false],
    ])
    const { stdout } = await portico('retention')
    expect(stdout).toMatch(new RegExp(`^${goes} +1 +\\d{4}-\\d\\d-01 +0 +yes$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^${stays} +1 +\\d{4}-\\d\\d-01 +1 +no$`, 'm'))
    expect(await told()).toEqual([[stays, 1, 1, false]])
  })

  test('R95 tells of what stays although its time is over, and why', async () => {
    expect(await run('--dry-run')).toMatchObject({ dryRun: true, kept: { consents: expect.any(String) } })
  })
})
