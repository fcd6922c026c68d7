import { newId, toGlobalId, type Id } from '../../src/core/id'
import { noteAbout } from '../support/administration'
import { ApiClient } from '../support/api-client'
import { columnsHolding } from '../support/database-bytes'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const LOG = `{ viewer { accessLog { totalCount edges { node { occurredAt reader { id } roles fields reason requestId } } } } }`

interface Entry {
  reader: { id: string }
  roles: string[]
  fields: string[]
  reason: string | null
}

/** Who has looked at somebody's data, as the person reads it. */
const logOf = async ({ api }: Person): Promise<Entry[]> =>
  (await api.data(LOG)).viewer.accessLog.edges.map(({ node }: { node: Entry }) => node)

const withReason = ({ token }: Person, reason: string) =>
  new ApiClient(world.url, token, { 'access-reason': reason })

test('R80 what staff read of a person is in the person’s access log: who, in what role, which fields, when', async () => {
  const [person, manager] = [await world.person(), await world.person({ role: 'manager' })]
  await manager.api.data(`{ user(id: "${person.globalId}") { username email status } }`)
  expect(await logOf(person)).toEqual([
    {
      occurredAt: expect.stringMatching(/^\d{4}-/),
      reader: { id: manager.globalId },
      roles: ['manager'],
      fields: ['email', 'status'],
      reason: null,
      requestId: expect.stringMatching(/^req_/),
    },
  ])
})

test('what is public, what is one’s own, and what was refused leaves no entry', async () => {
  const [person, other, manager] = [
    await world.person(),
    await world.person(),
    await world.person({ role: 'manager' }),
  ]
  await manager.api.data(`{ user(id: "${person.globalId}") { username displayName bio createdAt } }`)
  await person.api.data('{ viewer { email status sessions { totalCount } } }')
  await other.api.send(`{ user(id: "${person.globalId}") { email } }`)
  expect(await logOf(person)).toEqual([])
})

test('what belongs to a person and is reached by its own id is in it too', async () => {
  const [person, admin] = [await world.person(), await world.person({ role: 'admin' })]
  const draft = await world.post({ author: person, publish: false })
  const published = await world.post({ author: person })
  const read = (id: string, type: string, field: string) =>
    admin.api.data(`{ node(id: "${id}") { ... on ${type} { ${field} } } }`)
  await read(toGlobalId('session', person.sessionId), 'Session', 'deviceName')
  await read(draft.globalId, 'Post', 'title')
  await read(published.globalId, 'Post', 'title')
  const [{ id }] = (await world.db.query<{ id: string }>('SELECT id FROM audit_events WHERE actor_id = $1', [
    person.id,
  ])) as [{ id: string }]
  await read(toGlobalId('event', id), 'AuditEvent', 'action')
  expect((await logOf(person)).map(({ fields }) => fields)).toEqual([['AuditEvent'], ['Post'], ['Session']])
})

test('what is reached by way of a role, a group or a note is in it too', async () => {
  const [person, admin] = [await world.person(), await world.person({ role: 'admin' })]
  const groupId = await world.group(person)
  const [{ roleId }] = (await world.db.query<{ roleId: Id }>(
    `SELECT role_id AS "roleId" FROM role_grants WHERE user_id = $1`,
    [person.id],
  )) as [{ roleId: Id }]
  const read = (id: string, selection: string) => admin.api.data(`{ node(id: "${id}") { ${selection} } }`)
  await read(toGlobalId('group', groupId), '... on Group { members { edges { node { createdAt } } } }')
  await read(toGlobalId('role', roleId), '... on Role { members(last: 100) { edges { node { reason } } } }')
  await read(await noteAbout(world, person, admin), '... on StaffNote { body }')
  const entries = await logOf(person)
  expect(entries.map(({ fields }) => fields)).toEqual([['staffNotes'], ['RoleGrant'], ['GroupMember']])
  expect(entries.map(({ reader }) => reader.id)).toEqual(entries.map(() => admin.globalId))
})

test('a note leaves the same entry as the look for notes that finds none, so that nobody learns of it', async () => {
  const [person, admin] = [await world.person(), await world.person({ role: 'admin' })]
  await admin.api.data(`{ user(id: "${person.globalId}") { staffNotes { totalCount } } }`)
  await admin.api.data(
    `{ node(id: "${await noteAbout(world, person, admin)}") { ... on StaffNote { body } } }`,
  )
  expect((await logOf(person)).map(({ fields }) => fields)).toEqual([['staffNotes'], ['staffNotes']])
})

test('a list of a hundred people costs one statement, and each of them has an entry', async () => {
  const people: Person[] = []
  for (let index = 0; index < 100; index++) people.push(await world.person())
  const admin = await world.person({ role: 'admin' })
  const count = async () =>
    (
      await world.db.query<{ rows: number; requests: number }>(
        'SELECT count(*)::int AS rows, count(DISTINCT request_id)::int AS requests FROM access_records WHERE reader_id = $1',
        [admin.id],
      )
    )[0]!
  const statements: string[] = []
  const { source } = world.portico
  const query = source.manager.query.bind(source.manager)
  const spy = jest.spyOn(source.manager, 'query').mockImplementation(((
    sql: string,
    parameters: unknown[],
  ) => {
    if (sql.includes('access_records')) statements.push(sql)
    return query(sql, parameters)
  }) as never)
  await admin.api.data('{ users(first: 100) { edges { node { email status } } } }')
  spy.mockRestore()
  expect(statements).toHaveLength(1)
  const { rows, requests } = await count()
  expect(requests).toBe(1)
  expect(rows).toBeGreaterThanOrEqual(99)
  const [last] = await logOf(people.at(-1)!)
  expect(last).toMatchObject({
    reader: { id: admin.globalId },
    roles: ['admin'],
    fields: ['email', 'status'],
  })
})

describe('R94 why staff look', () => {
  const REASON = 'A ticket about a lost parcel.'

  test('R94 is read by whoever may read the log, is encrypted in the database, and gone once the person is erased', async () => {
    const [person, admin] = [await world.person(), await world.person({ role: 'admin' })]
    await withReason(admin, REASON).data(`{ user(id: "${person.globalId}") { email } }`)
    const asked = `{ user(id: "${person.globalId}") { accessLog(last: 1) { edges { node { reason } } } } }`
    const asAdmin = async () =>
      (await admin.api.data(asked)).user.accessLog.edges.map(({ node }: { node: Entry }) => node.reason)
    expect((await logOf(person)).map(({ reason }) => reason)).toEqual([REASON])
    expect(await asAdmin()).toEqual([REASON])
    expect(await columnsHolding(world.db, REASON)).toEqual([])
    await world.db.codec.destroyKey(person.id)
    expect(await asAdmin()).toEqual([null])
    // Somebody whose key is gone is read nevertheless, and that stays on record.
    await withReason(admin, REASON).data(`{ user(id: "${person.globalId}") { email status } }`)
    const records = await world.db.query(
      'SELECT access_reason FROM access_records WHERE subject_id = $1 AND $2 = ANY (fields)',
      [person.id, 'status'],
    )
    expect(records).toEqual([{ access_reason: null }])
  })

  test('R94 costs one statement more for any number of people, and none where nothing is said', async () => {
    const admin = await world.person({ role: 'admin' })
    for (let index = 0; index < 20; index++) await world.person()
    const spied = async (api: ApiClient): Promise<string[]> => {
      const { source } = world.portico
      const query = source.manager.query.bind(source.manager)
      const statements: string[] = []
      const spy = jest.spyOn(source.manager, 'query').mockImplementation(((
        sql: string,
        parameters: unknown[],
      ) => {
        statements.push(sql)
        return query(sql, parameters)
      }) as never)
      await api.data('{ users(first: 50) { edges { node { status } } } }')
      spy.mockRestore()
      return statements
        .filter((sql) => /data_keys|access_records/.test(sql))
        .map((sql) => /data_keys|access_records/.exec(sql)![0])
    }
    expect(await spied(admin.api)).toEqual(['access_records'])
    expect(await spied(withReason(admin, REASON))).toEqual(['data_keys', 'access_records'])
  })

  test('R94 is shown of a record from before it was encrypted', async () => {
    const [person, admin] = [await world.person(), await world.person({ role: 'admin' })]
    await world.db.query(
      `INSERT INTO access_records (id, occurred_at, reader_id, subject_id, roles, fields, reason) VALUES ($1, now(), $2, $3, '{}', '{email}', $4)`,
      [newId(), admin.id, person.id, REASON],
    )
    expect((await logOf(person)).map(({ reason }) => reason)).toEqual([REASON])
  })
})

test('nothing is shown where it cannot be written down', async () => {
  const [person, manager] = [await world.person(), await world.person({ role: 'manager' })]
  const spy = jest
    .spyOn(world.portico.source.manager, 'query')
    .mockImplementation((() => Promise.reject(new Error('The disk is full.'))) as never)
  const { data, errors } = await manager.api.send(`{ user(id: "${person.globalId}") { email } }`)
  spy.mockRestore()
  expect(data ?? null).toBeNull()
  expect(errors).toHaveLength(1)
})

describe('a role that requires a reason', () => {
  const withRole = async () => {
    const support = await world.person({ permissions: ['users:read', 'sessions:revoke', 'sessions:read'] })
    await world.db.query(
      `UPDATE roles SET requires_reason = true WHERE NOT is_built_in
       AND id IN (SELECT role_id FROM role_grants WHERE user_id = $1)`,
      [support.id],
    )
    return support
  }

  test('gives nothing to a request that says none, and tells how to give one', async () => {
    const [person, support] = [await world.person(), await withRole()]
    const { data, errors } = await support.api.send(`{ user(id: "${person.globalId}") { status } }`)
    expect(data.user).toEqual({ status: null })
    expect(errors).toMatchObject([{ extensions: { code: 'REASON_REQUIRED' } }])
    expect(errors![0]!.message).toContain('Access-Reason')
    expect(await logOf(person)).toEqual([])
    // What the role does not give either way is refused as ever.
    const other = await support.api.send(`{ user(id: "${person.globalId}") { email } }`)
    expect(other.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  test('gives what it holds to one that does, and the person reads why', async () => {
    const [person, support] = [await world.person(), await withRole()]
    const api = withReason(support, encodeURIComponent('Ticket 4711: “cannot sign in” — Zoë'))
    const { user } = await api.data(`{ user(id: "${person.globalId}") { status } }`)
    expect(user).toEqual({ status: 'ACTIVE' })
    expect(await logOf(person)).toMatchObject([
      { reader: { id: support.globalId }, fields: ['status'], reason: 'Ticket 4711: “cannot sign in” — Zoë' },
    ])
    const session = toGlobalId('session', person.sessionId)
    const end = `mutation { revokeSession(input: { sessionId: "${session}" }) { userErrors { code } } }`
    expect((await support.api.send(end)).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
    expect((await api.data(end)).revokeSession.userErrors).toEqual([])
  })

  test.each([
    ['nothing', ''],
    ['spaces', '   '],
    ['control characters', '%00%0a%1b'],
  ])('takes %s for no reason', async (_what, reason) => {
    const [person, support] = [await world.person(), await withRole()]
    const { errors } = await withReason(support, reason).send(`{ user(id: "${person.globalId}") { status } }`)
    expect(errors).toMatchObject([{ extensions: { code: 'REASON_REQUIRED' } }])
  })

  test('keeps what a long reason begins with', async () => {
    const [person, support] = [await world.person(), await withRole()]
    await withReason(support, 'x'.repeat(2_000)).data(`{ user(id: "${person.globalId}") { status } }`)
    expect((await logOf(person))[0]!.reason).toBe('x'.repeat(500))
  })
})

test('R85 reading the trail is on the trail, with what was looked for', async () => {
  const [person, admin] = [await world.person(), await world.person({ role: 'admin' })]
  await admin.api.data(
    `{ auditEvents(filter: { subjectId: "${person.globalId}", actions: ["session.started"] }) { totalCount } }`,
  )
  const { auditEvents } = await admin.api.data(
    `{ auditEvents(first: 1, filter: { actions: ["audit.read"], actorId: "${admin.globalId}" }) { edges { node {
      actor { id } details } } } }`,
  )
  expect(auditEvents.edges[0].node).toEqual({
    actor: { id: admin.globalId },
    details: { filter: { actions: ['session.started'], subjectId: person.globalId } },
  })
})
