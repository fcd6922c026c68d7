import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { toGlobalId } from '../../src/core/id'
import { connected } from '../../src/db/connection'
import { examineTrail, sealNewEvents } from '../../src/modules/audit/audit.task'
import { useCommands } from './environment'
import { portico } from './in-process'

const { world } = useCommands()

const verify = (...options: string[]) => portico('audit', 'verify', ...options)
const asOwner = (sql: string) =>
  connected(world.portico.config.databaseOwnerUrl!, (client) => client.query<{ id: string }>(sql))
const doctorOnTrail = async () =>
  (await portico('doctor')).stdout.split('\n').find((line) => line.includes('trail:'))

describe('R82 portico audit verify', () => {
  test('says that nothing is sealed yet, and nothing was compared', async () => {
    await world.person()
    expect(await verify()).toEqual({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(
        /^The trail is what was sealed: 0 rows under 0 seals\.\n {2}\d+ not sealed yet, the oldest for [\d.]+ s\n {2}head {2}none: nothing is sealed yet\n$/,
      ),
    })
    expect(await doctorOnTrail()).toBe(
      '! trail: not compared with its seals yet: `portico audit verify` does so',
    )
  })

  test('tells the head, which must still be part of the chain later', async () => {
    await world.do(sealNewEvents, {})
    const { stdout, code } = await verify()
    expect(code).toBe(0)
    const head = /^ {2}head {2}(1:[0-9a-f]{64})$/m.exec(stdout)![1]!
    expect(stdout).toMatch(/^The trail is what was sealed: \d+ rows under 1 seals?\.$/m)
    expect(await verify('--since', head)).toMatchObject({ code: 0, stdout })
    const replaced = `1:${head.slice(2).replace(/./, (digit) => (digit === '0' ? '1' : '0'))}`
    expect(await verify('--since', replaced)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^The trail is not what was sealed: 1 problem .+\n✗ Seal 1 is not the one that was told/,
      ),
    })
    expect(await verify('--since', 'nonsense')).toMatchObject({
      code: 2,
      stderr: '--since wants a head as it was printed: a number, a colon, 64 hexadecimal digits.\n',
    })
  })

  test('is done each night, and doctor tells what it came to', async () => {
    await world.do(examineTrail, {})
    expect(await doctorOnTrail()).toMatch(/^✓ trail: what was sealed, as of \d{4}-\d\d-\d\d: \d+ rows$/)
  })

  test('names what was changed, for a person and for a program: exit code 1', async () => {
    await world.do(sealNewEvents, {})
    const { rows } = await asOwner(
      `UPDATE public.audit_events SET outcome = 'refused' WHERE action = 'role.granted' RETURNING id`,
    )
    const { code, stdout } = await verify()
    expect(code).toBe(1)
    expect(stdout).toMatch(/^The trail is not what was sealed: 1 problem in \d+ rows under 2 seals\.$/m)
    expect(stdout).toContain(`✗ ${toGlobalId('event', rows[0]!.id)} of 20`)
    expect(stdout).toContain('was changed after it was sealed (seal 1).')
    const json = await verify('--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      seals: 2,
      head: expect.stringMatching(/^2:/),
      problems: [{ kind: 'row-changed', seal: 1, row: { trail: 'audit_events', id: rows[0]!.id } }],
      problemCount: 1,
    })
    await expect(world.do(examineTrail, {})).rejects.toThrow('The trail is not what was sealed')
    expect(await doctorOnTrail()).toMatch(/^✗ trail: not what was sealed, as of \d{4}-\d\d-\d\d: /)
  })

  test('that cannot be done is told apart: exit code 2', async () => {
    process.env.DATABASE_URL = 'postgres://somebody:hunter2@127.0.0.1:1/portico'
    expect(await verify()).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Nothing answers at 127.0.0.1:1'),
    })
  })
})

describe('portico audit export', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-export-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('writes the trail as NDJSON, says so in the trail, and keeps to the span', async () => {
    const person = await world.person()
    const { code, stdout, stderr } = await portico('audit', 'export', '--format', 'ndjson')
    expect([code, stderr]).toEqual([0, ''])
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { action: string; subjectId: string; occurredAt: string })
    expect(events[0]!.action).toBe('audit.exported')
    expect(events.map(({ subjectId }) => subjectId)).toContain(person.globalId)
    const until = events[0]!.occurredAt
    const before = await portico('audit', 'export', '--format', 'ndjson', '--until', until)
    expect(before.stdout).not.toContain('audit.exported')
    expect(await portico('audit', 'export', '--format', 'ndjson', '--until', '2020-01-01')).toMatchObject({
      code: 0,
      stdout: '',
    })
  })

  test('writes CSV to a file that nobody else reads, and over none', async () => {
    const file = join(folder, 'trail.csv')
    const command = ['audit', 'export', '--format', 'csv', '--file', file]
    expect(await portico(...command)).toMatchObject({ code: 0, stdout: '' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const rows = parse<{ action: string }>(readFileSync(file, 'utf8'), { columns: true })
    expect(rows.map(({ action }) => action)).toContain('role.granted')
    expect((await portico(...command)).code).toBe(1)
  })

  test('names what it does not understand: exit code 2', async () => {
    for (const options of [
      ['--format', 'xml'],
      ['--format', 'csv', '--since', '2026-01-02', '--until', '2026-01-01'],
    ])
      expect((await portico('audit', 'export', ...options)).code).toBe(2)
  })
})
