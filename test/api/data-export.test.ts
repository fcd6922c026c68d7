import { createHash } from 'node:crypto'
import { DAY, MINUTE } from '../../src/core/clock'
import { idOf } from '../../src/core/id'
import { exportedTables } from '../../src/modules/data-export/subject-rows'
import { forgetExpiredExports, makeDataExport } from '../../src/modules/data-export/data-export.task'
import { noteAbout } from '../support/administration'
import { canary, wordColumns } from '../support/canary'
import { columnsHolding } from '../support/database-bytes'
import { unzip } from '../support/unzip'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const REQUEST = `mutation { requestDataExport { dataExport { id readyAt sizeBytes expiresAt } userErrors { code } } }`
const LINK = `mutation ($input: CreateDataExportLinkInput!) { createDataExportLink(input: $input) { url expiresAt userErrors { code field message } } }`

const request = async ({ api }: Pick<Person, 'api'>): Promise<string> =>
  (await api.data(REQUEST)).requestDataExport.dataExport.id as string

const make = (id: string) => world.do(makeDataExport, { dataExportId: idOf('data_export', id)! })

const linkTo = async ({ api }: Pick<Person, 'api'>, dataExportId: string) =>
  (await api.data(LINK, { input: { dataExportId } })).createDataExportLink

/** Where a link leads in the test's own server. */
const fetchLink = (url: string) => fetch(`${world.portico.url}${new URL(url).pathname}`)

/** Asks for a copy, has it made, and fetches it. */
async function copyOf(person: Pick<Person, 'api'>): Promise<Record<string, string>> {
  const id = await request(person)
  await make(id)
  const { url } = await linkTo(person, id)
  const response = await fetchLink(url as string)
  expect(response.status).toBe(200)
  return unzip(Buffer.from(await response.arrayBuffer()))
}

interface Data {
  userId: string
  tables: {
    table: string
    columns: { name: string; purpose: string; retention: string; readers: string[] }[]
    rows: Record<string, unknown>[]
  }[]
}

const dataOf = (files: Record<string, string>): Data => JSON.parse(files['data.json']!) as Data

describe('R91 the copy of one’s data', () => {
  test('has every table and column that is classified as exported, with why, how long and who reads it', async () => {
    const person = await world.person()
    const { tables, userId } = dataOf(await copyOf(person))
    expect(userId).toBe(person.globalId)
    expect(tables.map(({ table, columns }) => [table, columns.map(({ name }) => name)])).toEqual(
      exportedTables().map(({ name, exported }) => [name, exported.map(({ property }) => property)]),
    )
    expect(tables.length).toBeGreaterThan(15)
    for (const { columns } of tables) {
      for (const { purpose, retention, readers } of columns) {
        expect(purpose.length).toBeGreaterThan(5)
        expect(retention).toBeTruthy()
        expect(readers.length).toBeGreaterThan(0)
      }
    }
  })

  test('has every word that is kept about the person, in clear, for programs and for people', async () => {
    const person = await canary(world)
    const files = await copyOf(person)
    const expected = wordColumns()
      .filter(({ column }) => column.exported)
      .map(({ table, column }) => `${table.name}.${column.name}`)
    expect(expected.length).toBeGreaterThan(10)
    for (const file of ['data.json', 'index.html']) {
      const missing = expected.filter((name) => !files[file]!.includes(person.words.get(name)!))
      expect([file, missing]).toEqual([file, []])
    }
    // What staff note is answered for by people, because it may speak of others.
    for (const name of ['staff_notes.body', 'ticket_notes.note_text', 'tickets.tags', 'ticket_changes.after'])
      expect(JSON.stringify(files)).not.toContain(person.words.get(name))
  })

  test('is a page whose rows stand in tables, whatever people are called', async () => {
    const person = await world.person()
    await person.api.data(
      `mutation { updateProfile(input: { displayName: "<b>Ada</b> & <script>alert(1)</script>" }) { userErrors { code } } }`,
    )
    const page = (await copyOf(person))['index.html']!
    expect(page).not.toContain('<script>')
    // Every element is closed where it was opened.
    const open: string[] = []
    for (const [, slash, name] of page.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
      if (name === 'meta') continue
      if (!slash) open.push(name!)
      else expect([open.pop(), page.length]).toEqual([name, page.length])
    }
    expect(open).toEqual([])
    const parents = { tr: ['thead', 'tbody'], td: ['tr'], th: ['tr'], section: ['main'] }
    const stack: string[] = []
    for (const [, slash, name] of page.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
      if (name === 'meta') continue
      if (slash) stack.pop()
      else {
        const wanted = (parents as Record<string, string[]>)[name!]
        if (wanted) expect(wanted).toContain(stack.at(-1))
        stack.push(name!)
      }
    }
  })

  test('does not name whoever suspended the person, nor has the orders that they gave about others', () => {
    const names = exportedTables().flatMap(({ name, exported }) =>
      exported.map((column) => `${name}.${column.name}`),
    )
    for (const hidden of ['users.suspended_by_id', 'group_members.added_by_id', 'bulk_jobs.work_order'])
      expect(names).not.toContain(hidden)
  })

  test('has who has looked at it, by name', async () => {
    const person = await world.person()
    const reader = await world.person({ role: 'admin' })
    await reader.api
      .with({ 'access-reason': 'A ticket.' })
      .data(`{ user(id: "${person.globalId}") { email } }`)
    const files = await copyOf(person)
    const records = dataOf(files).tables.find(({ table }) => table === 'access_records')!.rows
    expect(records).toEqual([
      expect.objectContaining({ readerId: reader.id, fields: ['email'], accessReason: 'A ticket.' }),
    ])
    expect(files['index.html']).toContain(reader.username)
  })

  test('has nothing of anybody else, though they stand in the same events', async () => {
    const [person, other] = [await world.person(), await world.person({ role: 'admin' })]
    await noteAbout(world, person, other, 'Something confidential.')
    await world.suspend(await world.person())
    const files = await copyOf(person)
    const all = JSON.stringify(files)
    expect(all).not.toContain(other.email)
    expect(all).not.toContain('confidential')
    const events = dataOf(files).tables.find(({ table }) => table === 'audit_events')!.rows
    expect(events.length).toBeGreaterThan(0)
    for (const event of events) expect([event['actorId'], event['subjectId']]).toContain(person.id)
  })

  test('has no secret: no hash, no token, no key', async () => {
    const person = await world.person({ password: 'harbour lantern at dusk' })
    const all = JSON.stringify(await copyOf(person))
    const [{ hash }] = (await world.db.query('SELECT hash FROM passwords WHERE user_id = $1', [
      person.id,
    ])) as [{ hash: string }]
    for (const secret of [hash, person.token, createHash('sha256').update(person.token).digest('hex')])
      expect(all).not.toContain(secret)
    expect(all).not.toMatch(/"(token|tokenHash|hash|publicKey|sharedSecret)"/)
  })

  test('is asked for with a fresh proof, by the person themselves, and told by mail', async () => {
    const person = await world.person()
    const id = await request(person)
    const mails = () => world.portico.mailbox!.read(person.email).map(({ subject }) => subject)
    expect(mails()).toEqual(['A copy of your data was asked for'])
    await make(id)
    expect(mails()[0]).toBe('The copy of your data is there')
    world.clock.advance(11 * MINUTE)
    const { errors } = await person.api.send(REQUEST)
    expect(errors![0]!.extensions.code).toBe('REAUTHENTICATION_REQUIRED')
    const late = await person.api.send(LINK, { input: { dataExportId: id } })
    expect(late.errors![0]!.extensions.code).toBe('REAUTHENTICATION_REQUIRED')
  })

  test('asked for again within the hour it is the same; later another one takes its place', async () => {
    const person = await world.person()
    const first = await request(person)
    expect(await request(person)).toBe(first)
    await make(first)
    expect(await request(person)).toBe(first)
    await world.db.query(
      `UPDATE data_exports SET requested_at = requested_at - interval '2 hours' WHERE user_id = $1`,
      [person.id],
    )
    const second = await request(person)
    expect(second).not.toBe(first)
    expect((await person.api.data(`{ node(id: "${first}") { id } }`)).node).toBeNull()
    expect(await linkTo(person, second)).toMatchObject({
      url: null,
      userErrors: [{ code: 'INVALID', field: ['dataExportId'] }],
    })
  })

  test('is made once, whoever does the job again', async () => {
    const person = await world.person()
    const id = await request(person)
    await Promise.all([make(id), make(id)])
    await make(id)
    const parts = await world.db.query('SELECT FROM data_export_parts WHERE export_id = $1', [
      idOf('data_export', id),
    ])
    expect(parts).toHaveLength(1)
  })

  test('is kept encrypted, and for a week', async () => {
    const person = await canary(world)
    const id = await request(person)
    const before = await columnsHolding(world.db, person.words.get('users.bio')!)
    await make(id)
    expect(await columnsHolding(world.db, person.words.get('users.bio')!)).toEqual(before)
    const { url } = await linkTo(person, id)
    world.clock.advance(7 * DAY)
    expect((await fetchLink(url as string)).status).toBe(404)
    await world.do(forgetExpiredExports, {})
    expect(await world.db.query('SELECT FROM data_exports WHERE user_id = $1', [person.id])).toEqual([])
  })
})

describe('the link to a copy', () => {
  test('works once, for ten minutes, and an older one not at all', async () => {
    const person = await world.person()
    const id = await request(person)
    await make(id)
    const older = await linkTo(person, id)
    const { url } = await linkTo(person, id)
    expect((await fetchLink(older.url as string)).status).toBe(404)
    const response = await fetchLink(url as string)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/zip')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-disposition')).toContain('attachment')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.length).toBe(Number(response.headers.get('content-length')))
    const again = await fetchLink(url as string)
    expect(again.status).toBe(404)
    expect(await again.text()).toContain('This link leads nowhere')
    const third = await linkTo(person, id)
    world.clock.advance(10 * MINUTE)
    expect((await fetchLink(third.url as string)).status).toBe(404)
  })

  test('taken by two at once, serves one of them', async () => {
    const person = await world.person()
    const id = await request(person)
    await make(id)
    const { url } = await linkTo(person, id)
    const answers = await Promise.all(Array.from({ length: 4 }, () => fetchLink(url as string)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404])
    await Promise.all(answers.map((answer) => answer.arrayBuffer()))
  })

  test('stands in no log and no table', async () => {
    const person = await world.person()
    const id = await request(person)
    await make(id)
    const { url } = await linkTo(person, id)
    await (await fetchLink(url as string)).arrayBuffer()
    const token = (url as string).split('/').at(-1)!
    expect(token.length).toBeGreaterThanOrEqual(22)
    expect(world.logLines.filter((line) => line.includes(token))).toEqual([])
    expect(await columnsHolding(world.db, token)).toEqual([])
  })

  test('is made for nobody else’s copy', async () => {
    const [person, other] = [await world.person(), await world.person({ role: 'admin' })]
    const id = await request(person)
    await make(id)
    const { errors } = await other.api.send(LINK, { input: { dataExportId: id } })
    expect(errors![0]!.extensions.code).toBe('NOT_FOUND')
  })

  test('is told in the trail, from where it was fetched', async () => {
    const person = await world.person()
    await copyOf(person)
    const { viewer } = await person.api.data(
      '{ viewer { auditEvents(filter: { actions: ["data-export.requested", "data-export.ready", "data-export.link-created", "data-export.downloaded"] }) { edges { node { action } } } } }',
    )
    expect(
      viewer.auditEvents.edges.map(({ node }: { node: { action: string } }) => node.action).sort(),
    ).toEqual([
      'data-export.downloaded',
      'data-export.link-created',
      'data-export.ready',
      'data-export.requested',
    ])
  })
})
