import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { DAY, HOUR, later } from '../../src/core/clock'
import { idOf, newId, toGlobalId } from '../../src/core/id'
import { forgetOldBulkJobs, runBulkJob } from '../../src/modules/bulk-job/bulk-job.task'
import { BulkRun } from '../../src/modules/bulk-job/bulk-run'
import { invited } from '../support/administration'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const JOB = `id action status total doneCount failedCount startedAt endedAt startedBy { id }
  items(first: 100) { edges { node { outcome endedAt user { id } error { code message } } } }`

type Input = Record<string, unknown>

interface Page {
  totalCount: number
  pageInfo: { endCursor: string | null; hasNextPage: boolean }
  edges: { node: { user: { id: string } } }[]
}

/** Asks for something to be done to many people; the payload. */
async function start({ api }: Pick<Person, 'api'>, mutation: string, input: Input) {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!`
  const document = `mutation ($input: ${type}) { ${mutation}(input: $input) { bulkJob { ${JOB} } userErrors { code field } } }`
  return (await api.data(document, { input }))[mutation]
}

const see = async ({ api }: Pick<Person, 'api'>, id: string) =>
  (await api.data(`query ($id: ID!) { bulkJob(id: $id) { ${JOB} } }`, { id })).bulkJob

const run = (id: string) => world.do(runBulkJob, { bulkJobId: idOf('bulk_job', id)! })

/** The same, done at once; how the job ended. */
async function carryOut(staff: Person, mutation: string, input: Input) {
  const { bulkJob, userErrors } = await start(staff, mutation, input)
  expect(userErrors).toEqual([])
  await run(bulkJob.id)
  return see(staff, bulkJob.id)
}

const people = (count: number) => Promise.all(Array.from({ length: count }, () => world.person()))
const named = (persons: readonly { globalId: string }[]) => ({
  userIds: persons.map(({ globalId }) => globalId),
})

const statusOf = async ({ id }: Pick<Person, 'id'>) =>
  (await world.db.query<{ status: string }>('SELECT status FROM users WHERE id = $1', [id]))[0]!.status

const outcomes = (job: {
  items: { edges: { node: { outcome: string; error: { code: string } | null } }[] }
}) => job.items.edges.map(({ node }) => node.error?.code ?? node.outcome)

const cancel = async ({ api }: Pick<Person, 'api'>, bulkJobId: string) =>
  api.send(
    'mutation ($input: CancelBulkJobInput!) { cancelBulkJob(input: $input) { bulkJob { status } userErrors { code } } }',
    { input: { bulkJobId } },
  )

describe('something that is asked for many people', () => {
  test('waits, is done to one after the other, and tells what came of it for each', async () => {
    const manager = await world.person({ role: 'manager' })
    const [admin, ...others] = [await world.person({ role: 'admin' }), ...(await people(2))]
    const gone = await world.person()
    const whom = [others[0]!, admin, manager, gone, others[1]!]
    const { bulkJob } = await start(manager, 'suspendUsers', { people: named(whom), reason: 'Spam' })
    expect(bulkJob).toMatchObject({
      action: 'suspendUsers',
      status: 'WAITING',
      total: 5,
      doneCount: 0,
      startedAt: null,
      startedBy: { id: manager.globalId },
    })
    expect(await statusOf(others[0]!)).toBe('active')

    // As if they had been erased meanwhile.
    await world.db.query('UPDATE bulk_job_items SET user_id = $2 WHERE user_id = $1', [gone.id, newId()])
    await run(bulkJob.id)
    const job = await see(manager, bulkJob.id)
    expect(job).toMatchObject({ status: 'COMPLETED', total: 5, doneCount: 2, failedCount: 3 })
    expect(outcomes(job)).toEqual(['DONE', 'NOT_PERMITTED', 'NOT_PERMITTED', 'NOT_FOUND', 'DONE'])
    const items = job.items.edges.map(({ node }: { node: { user: { id: string } | null } }) => node.user?.id)
    expect(items).toEqual([others[0], admin, manager, null, others[1]].map((person) => person?.globalId))
    expect(await Promise.all([...others, admin].map(statusOf))).toEqual(['suspended', 'suspended', 'active'])
    expect(world.portico.mailbox!.read(others[1]!.email)[0]!.text).toContain('Spam')
  })

  test('is on the trail as a whole and for each, in the name of whoever asked and under one request', async () => {
    const manager = await world.person({ role: 'manager' })
    const whom = await people(2)
    const { id } = await carryOut(manager, 'suspendUsers', { people: named(whom), reason: 'Spam' })
    const events = await world.db.query<Record<string, unknown>>(
      `SELECT action, actor_id, subject_id, request_id, details FROM audit_events
       WHERE target = $1 OR (action = 'account.suspended' AND subject_id = ANY($2)) ORDER BY occurred_at, id`,
      [id, whom.map((person) => person.id)],
    )
    const requestId = events[0]!.request_id
    expect(requestId).toEqual(expect.any(String))
    const by = { actor_id: manager.id, request_id: requestId }
    expect(events).toMatchObject([
      { ...by, action: 'bulk-job.started', details: { action: 'suspendUsers', named: 2 } },
      { ...by, action: 'account.suspended', subject_id: whom[0]!.id },
      { ...by, action: 'account.suspended', subject_id: whom[1]!.id },
      { action: 'bulk-job.completed', subject_id: manager.id, details: { done: 2, failed: 0, left: 0 } },
    ])
  })

  test('can be asked for everybody whom a filter finds', async () => {
    const admin = await world.person({ role: 'admin' })
    const name = unique('zebra')
    const herd = await people(3)
    for (const { id } of herd)
      await world.db.query(`UPDATE users SET display_name = $2 WHERE id = $1`, [id, name])
    const { bulkJob } = await start(admin, 'endSessionsOfUsers', { people: { filter: { search: name } } })
    expect(bulkJob).toMatchObject({ status: 'WAITING', total: null })
    await run(bulkJob.id)
    expect(await see(admin, bulkJob.id)).toMatchObject({ status: 'COMPLETED', total: 3, doneCount: 3 })
    const viewers = await Promise.all(herd.map(({ api }) => api.data('{ viewer { id } }')))
    expect(viewers).toEqual([{ viewer: null }, { viewer: null }, { viewer: null }])
  })

  test('reaches by a filter only those over whom it is held', async () => {
    const [member, stranger] = await people(2)
    const group = await world.group(member!)
    const manager = await world.person({ role: 'manager', over: group })
    const name = unique('okapi')
    for (const { id } of [member!, stranger!])
      await world.db.query(`UPDATE users SET display_name = $2 WHERE id = $1`, [id, name])
    const filter = { people: { filter: { search: name } }, reason: 'Spam' }
    const byFilter = await carryOut(manager, 'suspendUsers', filter)
    expect(byFilter).toMatchObject({ total: 1, doneCount: 1 })
    const byName = { people: named([stranger!]), reason: 'Spam' }
    expect(outcomes(await carryOut(manager, 'suspendUsers', byName))).toEqual(['NOT_PERMITTED'])
    expect([await statusOf(member!), await statusOf(stranger!)]).toEqual(['suspended', 'active'])
  })

  test('ends with its author: nobody is touched once they are suspended', async () => {
    const [manager, admin, person] = [
      await world.person({ role: 'manager' }),
      await world.person({ role: 'admin' }),
      await world.person(),
    ]
    const { bulkJob } = await start(manager, 'suspendUsers', { people: named([person]), reason: 'Spam' })
    await world.suspend(manager)
    await run(bulkJob.id)
    expect(await see(admin, bulkJob.id)).toMatchObject({ status: 'CANCELLED', doneCount: 0, failedCount: 0 })
    expect(await statusOf(person)).toBe('active')
  })

  test('ends where its author loses what it takes: those whose turn comes later are left alone', async () => {
    const manager = await world.person({ role: 'manager' })
    const whom = await people(3)
    const { bulkJob } = await start(manager, 'suspendUsers', { people: named(whom), reason: 'Spam' })
    const steps = new BulkRun(world.db, idOf('bulk_job', bulkJob.id)!)
    await steps.step()
    await world.db.query(
      `DELETE FROM role_grants WHERE user_id = $1 AND role_id = (SELECT id FROM roles WHERE name = 'manager')`,
      [manager.id],
    )
    while (await steps.step());
    expect(outcomes(await see(manager, bulkJob.id))).toEqual(['DONE', 'NOT_PERMITTED', 'NOT_PERMITTED'])
    expect(await Promise.all(whom.map(statusOf))).toEqual(['suspended', 'active', 'active'])
  })

  test('goes on where it stood when the process that did it has died', async () => {
    const manager = await world.person({ role: 'manager' })
    const whom = await people(3)
    const { bulkJob } = await start(manager, 'endSessionsOfUsers', { people: named(whom) })
    await new BulkRun(world.db, idOf('bulk_job', bulkJob.id)!).step()
    await run(bulkJob.id)
    await run(bulkJob.id)
    expect(await see(manager, bulkJob.id)).toMatchObject({ status: 'COMPLETED', doneCount: 3 })
    const [ended] = await world.db.query(
      `SELECT count(*)::int AS count FROM audit_events WHERE action = 'sessions.ended-by-staff' AND subject_id = ANY($1)`,
      [whom.map(({ id }) => id)],
    )
    expect(ended).toEqual({ count: 3 })
  })

  test('is done once to each by two who run it at the same time', async () => {
    const manager = await world.person({ role: 'manager' })
    const whom = await people(6)
    const { bulkJob } = await start(manager, 'suspendUsers', { people: named(whom), reason: 'Spam' })
    await Promise.all([run(bulkJob.id), run(bulkJob.id), run(bulkJob.id)])
    expect(await see(manager, bulkJob.id)).toMatchObject({
      status: 'COMPLETED',
      doneCount: 6,
      failedCount: 0,
    })
    const [events] = await world.db.query(
      `SELECT count(*)::int AS count FROM audit_events WHERE action = 'account.suspended' AND subject_id = ANY($1)`,
      [whom.map(({ id }) => id)],
    )
    expect(events).toEqual({ count: 6 })
  })

  test('goes on after one for whom something went wrong on our side, which is logged', async () => {
    const manager = await world.person({ role: 'manager' })
    const whom = await people(2)
    await world.db.query('DELETE FROM data_keys WHERE owner_id = $1', [whom[0]!.id])
    await world.db.query(
      `INSERT INTO data_keys (owner_id, wrapped, created_at) VALUES ($1, '\\x00', now())`,
      [whom[0]!.id],
    )
    const job = await carryOut(manager, 'suspendUsers', { people: named(whom), reason: 'Spam' })
    expect(outcomes(job)).toEqual(['INTERNAL', 'DONE'])
    expect(await Promise.all(whom.map(statusOf))).toEqual(['active', 'suspended'])
    expect(world.logLines.join()).toContain('TamperedError')
  })
})

describe('each bulk form', () => {
  const only = async (mutation: string, staff: Person, person: { globalId: string }, terms: Input = {}) =>
    outcomes(await carryOut(staff, mutation, { people: named([person]), ...terms }))

  test('does what its single form does', async () => {
    const admin = await world.person({ role: 'admin' })
    const person = await world.person({ password: 'a rather long sentence of mine' })
    const groupId = await world.group()
    const group = { groupId: toGlobalId('group', groupId) }
    const roles = (await admin.api.data('{ roles { id name } }')).roles as { id: string; name: string }[]
    const roleId = roles.find(({ name }) => name === 'manager')!.id
    const has = async (table: string) =>
      (await world.db.query(`SELECT FROM ${table} WHERE user_id = $1`, [person.id])).length

    const until = later(world.clock.now(), HOUR).toISOString()
    expect(await only('suspendUsers', admin, person, { reason: 'Spam', until })).toEqual(['DONE'])
    const [suspended] = await world.db.query('SELECT suspended_until FROM users WHERE id = $1', [person.id])
    expect(suspended).toEqual({ suspended_until: new Date(until) })
    expect(await only('reinstateUsers', admin, person)).toEqual(['DONE'])
    expect(await statusOf(person)).toBe('active')
    expect(await only('requirePasswordResets', admin, person, { reason: 'Leak' })).toEqual(['DONE'])
    expect(world.portico.mailbox!.read(person.email)[0]!.link).toContain('#token=')
    expect(await only('resendInvitations', admin, person)).toEqual(['NOT_FOUND'])
    expect(await only('resendInvitations', admin, await invited(world))).toEqual(['DONE'])
    const expiresAt = later(world.clock.now(), DAY).toISOString()
    expect(await only('grantRoleToUsers', admin, person, { roleId, expiresAt, reason: 'Cover' })).toEqual([
      'DONE',
    ])
    expect(await has('role_grants')).toBe(2)
    expect(await only('revokeRoleFromUsers', admin, person, { roleId })).toEqual(['DONE'])
    expect(await has('role_grants')).toBe(1)
    expect(await only('addGroupMembers', admin, person, group)).toEqual(['DONE'])
    expect(await has('group_members')).toBe(1)
    expect(await only('removeGroupMembers', admin, person, group)).toEqual(['DONE'])
    expect(await has('group_members')).toBe(0)
  })

  test('says whom it is about in exactly one way', async () => {
    const admin = await world.person({ role: 'admin' })
    const userIds = [admin.globalId]
    const codes = async (people: object) =>
      (await start(admin, 'reinstateUsers', { people })).userErrors as { code: string; field: string[] }[]
    expect(await codes({})).toEqual([{ code: 'INVALID', field: ['people'] }])
    expect(await codes({ userIds, filter: { search: 'ada' } })).toEqual([
      { code: 'INVALID', field: ['people'] },
    ])
    const nobody = toGlobalId('user', '00000000-0000-7000-8000-000000000001')
    expect(await codes({ userIds: [admin.globalId, nobody] })).toEqual([
      { code: 'NOT_FOUND', field: ['people', 'userIds', '1'] },
    ])
    for (const empty of [{}, { search: null }])
      expect(await codes({ filter: empty })).toEqual([{ code: 'REQUIRED', field: ['people', 'filter'] }])
    expect(await codes({ filter: { email: '' } })).toEqual([
      { code: 'REQUIRED', field: ['people', 'filter', 'email'] },
    ])
    expect(await codes({ userIds: [] })).toEqual([{ code: 'REQUIRED', field: ['people', 'userIds'] }])
    expect(await codes({ filter: { email: 'no address' } })).toEqual([
      { code: 'INVALID', field: ['people', 'filter', 'email'] },
    ])
  })
})

describe('a job that is cancelled', () => {
  test('touches nobody else, and keeps what it has done', async () => {
    const manager = await world.person({ role: 'manager' })
    const whom = await people(3)
    const { bulkJob } = await start(manager, 'suspendUsers', { people: named(whom), reason: 'Spam' })
    await new BulkRun(world.db, idOf('bulk_job', bulkJob.id)!).step()
    const { data } = await cancel(manager, bulkJob.id)
    expect(data.cancelBulkJob).toEqual({ bulkJob: { status: 'CANCELLED' }, userErrors: [] })
    await run(bulkJob.id)
    const job = await see(manager, bulkJob.id)
    expect(job).toMatchObject({ status: 'CANCELLED', doneCount: 1, endedAt: expect.any(String) })
    expect(outcomes(job)).toEqual(['DONE', 'WAITING', 'WAITING'])
    expect(await Promise.all(whom.map(statusOf))).toEqual(['suspended', 'active', 'active'])
    const again = await cancel(manager, bulkJob.id)
    expect(again.data.cancelBulkJob.userErrors).toEqual([{ code: 'NOT_FOUND' }])
  })

  test('can be cancelled by an admin too, but by nobody below whoever started it, nor by a stranger', async () => {
    const [admin, manager] = [await world.person({ role: 'admin' }), await world.person({ role: 'manager' })]
    const auditor = await world.person({ permissions: ['audit:read'] })
    const { bulkJob } = await start(manager, 'reinstateUsers', { people: named(await people(1)) })
    expect((await cancel(await world.person({ role: 'manager' }), bulkJob.id)).errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ])
    expect((await cancel(auditor, bulkJob.id)).data.cancelBulkJob.userErrors).toEqual([
      { code: 'NOT_PERMITTED' },
    ])
    expect((await cancel(admin, bulkJob.id)).data.cancelBulkJob.bulkJob).toEqual({ status: 'CANCELLED' })
  })
})

describe('the progress of a job', () => {
  async function follow(person: Person, id: string, until: string): Promise<Record<string, unknown>[]> {
    const client = createClient({
      url: world.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${person.token}` },
      retryAttempts: 0,
    })
    const seen: Record<string, unknown>[] = []
    const query = 'subscription ($id: ID!) { bulkJobChanged(id: $id) { status doneCount } }'
    try {
      for await (const { data, errors } of client.iterate<{ bulkJobChanged: Record<string, unknown> }>({
        query,
        variables: { id },
      })) {
        if (errors) return [{ code: errors[0]!.extensions!.code }]
        seen.push(data!.bulkJobChanged)
        if (seen.length === 1) void run(id)
        if (data!.bulkJobChanged.status === until) return seen
      }
      return seen
    } finally {
      await client.dispose()
    }
  }

  test('is told from where it stands to its end', async () => {
    const manager = await world.person({ role: 'manager' })
    const { bulkJob } = await start(manager, 'suspendUsers', {
      people: named(await people(3)),
      reason: 'Spam',
    })
    const seen = await follow(manager, bulkJob.id, 'COMPLETED')
    expect(seen[0]).toEqual({ status: 'WAITING', doneCount: 0 })
    expect(seen.at(-1)).toEqual({ status: 'COMPLETED', doneCount: 3 })
  })

  test('is for nobody but whoever started it, and those who read the trail', async () => {
    const [manager, other] = [
      await world.person({ role: 'manager' }),
      await world.person({ role: 'manager' }),
    ]
    const admin = await world.person({ role: 'admin' })
    const { bulkJob } = await start(manager, 'suspendUsers', {
      people: named(await people(1)),
      reason: 'Spam',
    })
    expect(await see(other, bulkJob.id)).toBeNull()
    expect((await other.api.data('{ bulkJobs { edges { node { id } } } }')).bulkJobs.edges).toEqual([])
    expect(await follow(other, bulkJob.id, 'COMPLETED')).toEqual([{ code: 'NOT_FOUND' }])
    expect(await see(admin, bulkJob.id)).toMatchObject({ action: 'suspendUsers' })
    expect((await manager.api.data('{ bulkJobs { totalCount edges { node { id } } } }')).bulkJobs).toEqual({
      totalCount: 1,
      edges: [{ node: { id: bulkJob.id } }],
    })
  })

  test('pages through those for whom it could not be done', async () => {
    const manager = await world.person({ role: 'manager' })
    const whom = await people(5)
    const { id } = await carryOut(manager, 'reinstateUsers', { people: named(whom) })
    const query = `query ($id: ID!, $after: String) { bulkJob(id: $id) {
      items(outcome: FAILED, first: 2, after: $after) { totalCount pageInfo { endCursor hasNextPage } edges { node { user { id } } } }
    } }`
    const found: string[] = []
    for (let after: string | null = null, more = true; more;) {
      const answer: { bulkJob: { items: Page } } = await manager.api.data(query, { id, after })
      const { items } = answer.bulkJob
      expect(items.totalCount).toBe(5)
      found.push(...items.edges.map(({ node }) => node.user.id))
      ;({ endCursor: after, hasNextPage: more } = items.pageInfo)
    }
    expect(found).toEqual(whom.map(({ globalId }) => globalId))
  })
})

test('what a job was asked is sealed, and what has been over for 90 days is forgotten', async () => {
  const manager = await world.person({ role: 'manager' })
  const reason = unique('zucchini ')
  const { id } = await carryOut(manager, 'suspendUsers', { people: named(await people(1)), reason })
  const stored = async () =>
    world.db.query<{ text: Buffer }>(`SELECT work_order AS text FROM bulk_jobs WHERE id = $1`, [
      idOf('bulk_job', id),
    ])
  expect((await stored())[0]!.text.includes(reason)).toBe(false)
  const age = (interval: string) =>
    world.db.query(`UPDATE bulk_jobs SET ended_at = $2::timestamptz - $3::interval WHERE id = $1`, [
      idOf('bulk_job', id),
      world.clock.now(),
      interval,
    ])
  await age('89 days')
  await world.do(forgetOldBulkJobs, {})
  expect(await stored()).toHaveLength(1)
  await age('91 days')
  await world.do(forgetOldBulkJobs, {})
  expect(await stored()).toHaveLength(0)
})
