import { connected } from '../../src/db/connection'
import { eraseRows } from '../../src/modules/erasure/erase'
import { rollUpInsight } from '../../src/modules/insight/insight.task'
import { check, rebuild } from '../../src/modules/insight/roll-up'
import { PorticoProcess } from '../cli/portico-process'
import { makeChanges, makeEvents, makePeople, type Plan } from '../support/simulator'
import { testServer } from '../support/test-server'
import { until } from '../support/until'
import { useWorld } from '../support/world'

const world = useWorld()

jest.setTimeout(120_000)

const plan: Plan = { seed: 7, people: 200, events: 20_000, from: new Date('2025-01-01T00:00:00Z'), days: 365 }

/** What is not as a recount finds it, of all times. */
const differing = async () =>
  (await check(world.db, { all: true })).filter(({ differences }) => differences > 0)

const marks = async () =>
  (await world.db.query<{ count: number }>('SELECT count(*)::int AS count FROM insight_marks'))[0]!.count

const rolled = async (facts: string) =>
  (
    await world.db.query<{ count: number }>(
      'SELECT coalesce(sum(count), 0)::int AS count FROM insight_rollups WHERE facts = $1',
      [facts],
    )
  )[0]!.count

/** Erases somebody of whom there is nothing but what the simulator makes. */
const erase = (id: string) =>
  world.db.transaction(async (tx) => {
    await tx.query(`UPDATE users SET status = 'erased' WHERE id = $1`, [id])
    await eraseRows(tx, id, tx.now)
  })

const somebody = async (number: number): Promise<string> =>
  (await world.db.query<{ id: string }>('SELECT id FROM users WHERE username = $1', [`sim${number}`]))[0]!.id

describe('what is counted step by step is what a recount finds', () => {
  test('of what comes in order', async () => {
    await makePeople(world.db, plan)
    await makeEvents(world.db, plan, 0, 0.4)
    expect(await differing()).not.toEqual([])
    await world.do(rollUpInsight, {})
    expect(await differing()).toEqual([])
    expect(await rolled('sign-ups')).toBe(200)
    expect(await marks()).toBe(0)
  })

  test('of what comes late, and twice', async () => {
    const before = await rolled('events')
    await makeEvents(world.db, plan, 0.3, 0.8)
    await world.do(rollUpInsight, {})
    expect(await differing()).toEqual([])
    // Twice of what had been told before is once.
    expect(before).toBe(3_200)
    expect(await rolled('events')).toBe(6_400)
  })

  test('of what changes afterwards', async () => {
    await makeChanges(world.db, plan)
    expect(await differing()).not.toEqual([])
    await world.do(rollUpInsight, {})
    expect(await differing()).toEqual([])
  })

  test('of whom an unknown visitor turns out to have been', async () => {
    const id = await somebody(3)
    await world.db.query(
      `INSERT INTO activity_links (id, person_id, linked_at) SELECT anonymous_id, $1::uuid, max(occurred_at) FROM activity_events
       WHERE anonymous_id = md5('visitor' || $1::uuid)::uuid GROUP BY 1`,
      [id],
    )
    await world.do(rollUpInsight, {})
    const [theirs] = await world.db.query<{ rolled: number; told: number }>(
      `SELECT (SELECT sum(count) FROM insight_rollups WHERE facts = 'events' AND person_id = $1::uuid)::int AS rolled,
         (SELECT count(*) FROM activity_events WHERE person_id = $1::uuid
            OR anonymous_id = md5('visitor' || $1::uuid)::uuid AND occurred_at > (SELECT linked_at FROM activity_links WHERE person_id = $1::uuid) - interval '29 days')::int AS told`,
      [id],
    )
    expect(theirs!.told).toBeGreaterThan(0)
    expect(theirs!.rolled).toBe(theirs!.told)
    // What is older stays as it was counted, until all is counted anew.
    await rebuild({ db: world.db, stopping: new AbortController().signal }, { all: true })
    expect(await differing()).toEqual([])
  })

  test('of people who are erased, who are in no figure any more', async () => {
    const id = await somebody(5)
    expect(await world.db.query('SELECT FROM insight_rollups WHERE person_id = $1', [id])).not.toEqual([])
    await erase(id)
    expect(await world.db.query('SELECT FROM insight_rollups WHERE person_id = $1', [id])).toEqual([])
    await makeEvents(world.db, plan, 0.8, 0.9)
    await world.do(rollUpInsight, {})
    expect(await world.db.query('SELECT FROM insight_rollups WHERE person_id = $1', [id])).toEqual([])
    expect(await differing()).toEqual([])
  })

  test('of a transaction that commits after others which began later', async () => {
    const { databaseOwnerUrl } = world.portico.config
    const add = (id: string) =>
      `INSERT INTO public.audit_events (id, occurred_at, action, outcome, actor_id, subject_id, owner_id, details, is_security_event)
       VALUES ('${id}', '2025-06-01T12:00:00Z', 'session.started', 'success', '${NOBODY}', '${NOBODY}', '${NOBODY}', '{}', false)`
    const before = await rolled('sign-ins')
    await connected(databaseOwnerUrl!, async (slow) => {
      await slow.query(`BEGIN; ${add('00000000-0000-4000-8000-000000000001')}`)
      await world.db.query(add('00000000-0000-4000-8000-000000000002'))
      await world.do(rollUpInsight, {})
      expect(await rolled('sign-ins')).toBe(before + 1)
      await slow.query('COMMIT')
    })
    await world.do(rollUpInsight, {})
    expect(await rolled('sign-ins')).toBe(before + 2)
    expect(await differing()).toEqual([])
  })

  test('after kill -9 in the middle: what was taken is marked still, and nothing is counted twice', async () => {
    await makeEvents(world.db, plan, 0.9, 1)
    const waiting = await marks()
    const { databaseUrl, databaseOwnerUrl } = world.portico.config
    const isBlocked = () =>
      world.db.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%insight_rollups%'`,
      )
    await connected(databaseOwnerUrl!, async (blocker) => {
      // It has taken marks away, and stands still before it counts.
      await blocker.query('BEGIN; LOCK TABLE public.insight_rollups IN SHARE MODE')
      const child = new PorticoProcess(
        {
          ...{ NODE_ENV: 'test', DATABASE_URL: databaseUrl!, DATABASE_OWNER_URL: databaseOwnerUrl! },
          PORTICO_KEYRING: testServer().keyring,
        },
        [process.execPath, '-r', '@swc-node/register', 'test/support/counting-process.ts'],
      )
      try {
        await child.says(/ready/)
        await until(async () => (await isBlocked()).length > 0)
      } finally {
        await child.end('SIGKILL')
      }
      await blocker.query('COMMIT')
    })
    await until(async () => (await isBlocked()).length === 0)
    await until(async () => (await marks()) === waiting)
    await world.do(rollUpInsight, {})
    expect(await marks()).toBe(0)
    expect(await differing()).toEqual([])
  })

  test('and a difference is found, and put right by counting all anew', async () => {
    await world.db.query(`UPDATE insight_rollups SET count = count + 1 WHERE facts = 'comments'`)
    await world.db.query(`DELETE FROM insight_rollups WHERE facts = 'posts' AND slot_at < '2025-06-01'`)
    expect((await differing()).map(({ facts }) => facts)).toEqual(['posts', 'comments'])
    const found = await rebuild({ db: world.db, stopping: new AbortController().signal }, { all: true })
    expect(found.filter(({ differences }) => differences > 0).map(({ facts }) => facts)).toEqual([
      'posts',
      'comments',
    ])
    expect(await differing()).toEqual([])
  })
})

const NOBODY = '00000000-0000-4000-8000-0000000000aa'
