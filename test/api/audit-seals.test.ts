import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientBase } from 'pg'
import { DAY, HOUR, MINUTE } from '../../src/core/clock'
import { newId, toGlobalId } from '../../src/core/id'
import { addKey, generateKeyring, parseKeyring } from '../../src/crypto/keyring'
import { connected } from '../../src/db/connection'
import { AuditService } from '../../src/modules/audit/audit.service'
import { examineTrail, makeTrailPartitions, sealNewEvents } from '../../src/modules/audit/audit.task'
import { LARGEST_SEAL } from '../../src/modules/audit/seal'
import { sealTrail } from '../../src/modules/audit/seal-trail'
import { examineTrail as examine, parseHead, verifyTrail } from '../../src/modules/audit/verify-trail'
import { examineNow, fillTrail, flipOneBit, Intruder, names, sealNow } from '../support/tampering'
import { until } from '../support/until'
import { useWorld } from '../support/world'

const world = useWorld()
const intruder = new Intruder(world)
const FLIPS = 100

beforeAll(() => fillTrail(world))

const record = (count = 1) =>
  new AuditService(world.db).recordAll(
    'post.created',
    Array.from({ length: count }, () => ({})),
  )
const kinds = (problems: readonly { kind: string }[]) => [...new Set(problems.map(({ kind }) => kind))]

describe('R82 the seals of the trail', () => {
  test('hold every event and every record of access once, and nothing is wrong with them', async () => {
    await record()
    await sealNow(world)
    const { problems, problemCount, unsealed, rows, seals, head } = await examineNow(world)
    expect({ problems, problemCount, unsealed }).toEqual({
      problems: [],
      problemCount: 0,
      unsealed: { count: 0, oldest: null, isLate: false },
    })
    const [held] = await world.db.query<{ rows: number }>(
      'SELECT ((SELECT count(*) FROM audit_events) + (SELECT count(*) FROM access_records))::int AS rows',
    )
    expect(rows).toBe(held!.rows)
    expect(seals).toBeGreaterThanOrEqual(7)
    expect(head).toMatch(new RegExp(`^${seals}:[0-9a-f]{64}$`))
  })

  test(`find each of ${FLIPS} bits that were turned over, wherever, and name the row`, async () => {
    await connected(intruder.ownerUrl, async (client) => {
      for (let flip = 0; flip < FLIPS; flip++) {
        await client.query('BEGIN')
        const hit = await flipOneBit(client)
        const { problems } = await examine(client, { ...world.db.tools, now: world.clock.now() })
        await client.query('ROLLBACK')
        if (!names(problems, hit)) throw new Error(`Not found: ${JSON.stringify({ hit, problems })}`)
      }
    })
    expect((await examineNow(world)).problemCount).toBe(0)
  })

  test('name an event that is gone, by its id and time, and a record of access', async () => {
    for (const [table, kind] of [
      ['audit_events', 'event'],
      ['access_records', 'access_record'],
    ] as const) {
      const [row] = await world.db.query<{ id: string; at: Date }>(
        `SELECT id, occurred_at AS at FROM ${table} ORDER BY random() LIMIT 1`,
      )
      const problems = await intruder.problemsAfter(`DELETE FROM public.${table} WHERE id = $1`, [row!.id])
      expect(problems).toMatchObject([{ kind: 'row-missing', row: { trail: table, id: row!.id } }])
      expect(problems[0]!.says).toContain(
        `${toGlobalId(kind, row!.id)} of ${row!.at.toISOString().slice(0, 10)}`,
      )
    }
  })

  test('name an event that was put in with an old date, be it new or a copy of another', async () => {
    const id = newId()
    const inserted = (values: string) =>
      intruder.problemsAfter(
        `INSERT INTO public.audit_events (id, occurred_at, action, outcome, owner_id, is_security_event, details) ${values}`,
        [id],
      )
    const made = await inserted(
      `VALUES ($1, now() - interval '2 hours', 'post.created', 'success', gen_random_uuid(), false, '{}')`,
    )
    expect(made).toMatchObject([{ kind: 'row-inserted', row: { id } }])
    const copied = await inserted(
      `SELECT id, now() - interval '70 days', action, outcome, owner_id, is_security_event, details FROM public.audit_events
       WHERE id <> $1 LIMIT 1`,
    )
    expect(kinds(copied)).toEqual(['row-inserted'])
    // It is not sealed either, so that it stays found.
    await connected(intruder.ownerUrl, (client) =>
      client.query(
        `INSERT INTO public.audit_events (id, occurred_at, action, outcome, owner_id, is_security_event, details)
         VALUES ($1, now() - interval '2 hours', 'post.created', 'success', gen_random_uuid(), false, '{}')`,
        [id],
      ),
    )
    await record()
    await sealNow(world)
    expect((await examineNow(world)).problems).toMatchObject([{ kind: 'row-inserted', row: { id } }])
    await connected(intruder.ownerUrl, (client) =>
      client.query('DELETE FROM public.audit_events WHERE id = $1', [id]),
    )
    expect((await examineNow(world)).problemCount).toBe(0)
  })

  test('name both of two events whose contents, dates or ids were exchanged', async () => {
    const two = await world.db.query<{ id: string }>(
      `SELECT id FROM audit_events WHERE action IN ('post.created', 'profile.updated') ORDER BY action, id LIMIT 2`,
    )
    const ids = two.map(({ id }) => id).sort()
    const columns = ['target', 'subject_id, actor_id, owner_id', 'occurred_at']
    for (const column of columns) {
      const set = column.split(', ').map((name) => `${name} = other.${name}`)
      const problems = await intruder.problemsAfter(
        `UPDATE public.audit_events AS one SET ${set.join(', ')} FROM public.audit_events AS other
         WHERE one.id = ANY ($1) AND other.id = ANY ($1) AND one.id <> other.id`,
        [ids],
      )
      expect([column, problems.map(({ kind, row }) => `${kind} ${row!.id}`).sort()]).toEqual([
        column,
        ids.map((id) => `row-changed ${id}`),
      ])
    }
    const problems = (
      await intruder.finds(async (client) => {
        const spare = newId()
        const rename = (from: string, to: string) =>
          client.query('UPDATE public.audit_events SET id = $2 WHERE id = $1', [from, to])
        await rename(ids[0]!, spare)
        await rename(ids[1]!, ids[0]!)
        await rename(spare, ids[1]!)
      })
    ).problems
    expect(new Set(problems.map(({ row }) => row!.id))).toEqual(new Set(ids))
  })

  test('name an entry that is gone or was put in, and the seal whose entries stand in another order', async () => {
    const gone = await intruder.problemsAfter('DELETE FROM public.audit_seal_entries WHERE position = 5')
    expect(gone).toContainEqual(
      expect.objectContaining({
        kind: 'entry-missing',
        says: expect.stringMatching(/^Entry 5 of seal \d+ is missing/),
      }),
    )
    const put = await intruder.problemsAfter(
      `INSERT INTO public.audit_seal_entries SELECT 1000000, trail, gen_random_uuid(), occurred_at, digest FROM public.audit_seal_entries LIMIT 1`,
    )
    expect(put).toMatchObject([{ kind: 'entry-inserted' }])
    const exchanged = await intruder.finds(async (client) => {
      for (const [from, to] of [
        [1, 0],
        [2, 1],
        [0, 2],
      ])
        await client.query('UPDATE public.audit_seal_entries SET position = $2 WHERE position = $1', [
          from,
          to,
        ])
    })
    expect(exchanged.problems).toMatchObject([{ kind: 'entries-reordered', seal: 1 }])
  })

  test('are named themselves when they are gone, exchanged, or replaced by others of their kind', async () => {
    expect(
      await intruder.problemsAfter('DELETE FROM public.audit_seals WHERE number IN (3, 4)'),
    ).toContainEqual({
      kind: 'seal-missing',
      seal: 3,
      says: 'Seals 3 to 4 are missing.',
    })
    const exchanged = await intruder.finds(async (client) => {
      for (const [from, to] of [
        [2, 0],
        [3, 2],
        [0, 3],
      ])
        await client.query('UPDATE public.audit_seals SET number = $2 WHERE number = $1', [from, to])
    })
    expect(exchanged.problems).toEqual(
      expect.arrayContaining([2, 3].map((seal) => expect.objectContaining({ kind: 'seal-altered', seal }))),
    )
  })

  test('with numbers that cannot be theirs are told, and keep no examination from ending', async () => {
    const renumbered = await intruder.problemsAfter(
      'UPDATE public.audit_seals SET number = 2 ^ 58 WHERE number = 3',
    )
    expect(renumbered).toContainEqual(expect.objectContaining({ kind: 'seal-inserted', seal: 2 ** 58 }))
    const strange = await intruder.problemsAfter(
      `INSERT INTO public.audit_seals
       SELECT number + 5, version, (2 ^ 60)::bigint, count, root, previous, sealed_at, complete_until, 'unknown', signature
       FROM public.audit_seals ORDER BY number DESC LIMIT 1`,
    )
    expect(kinds(strange)).toEqual(expect.arrayContaining(['seal-missing', 'seal-unvouched', 'seal-altered']))
  })

  test('that were made anew with another key are told', async () => {
    const { problems } = await verifyTrail(world.db.tools.database.appUrl, {
      keyring: parseKeyring(generateKeyring()),
      now: world.clock.now(),
    })
    expect(problems).toMatchObject([{ kind: 'seal-unvouched', seal: 1 }])
    expect(problems[0]!.says).toMatch(/^No key of this keyring vouches for seals 1 to \d+:/)
  })

  test('show who knows an earlier head that everything after it was cut off, or all made anew', async () => {
    const { head } = await examineNow(world)
    const since = parseHead(head!)!
    await record()
    await sealNow(world)
    expect((await examineNow(world, since)).problemCount).toBe(0)
    const cutOff = (client: ClientBase) =>
      client.query(`
        WITH cut AS (DELETE FROM public.audit_seals WHERE number >= ${since.number} RETURNING first_position),
          entries AS (DELETE FROM public.audit_seal_entries WHERE position >= (SELECT min(first_position) FROM cut) RETURNING row_id)
        DELETE FROM public.audit_events WHERE id IN (SELECT row_id FROM entries)`)
    expect((await intruder.finds(cutOff)).problemCount).toBe(0)
    expect((await intruder.finds(cutOff, since)).problems).toMatchObject([{ kind: 'head-missing' }])
    const other = { number: since.number, hash: '0'.repeat(64) }
    expect((await examineNow(world, other)).problems).toMatchObject([{ kind: 'head-missing' }])
    for (const text of ['', '12', '0:aa', `1:${'g'.repeat(64)}`]) expect(parseHead(text)).toBeNull()
  })

  test('hold although the key of whom an event concerns is destroyed', async () => {
    const [personal] = await world.db.query<{ id: string; owner: string }>(
      `SELECT id, subject_id AS owner FROM audit_events WHERE personal_details IS NOT NULL LIMIT 1`,
    )
    const { problemCount, rows } = await intruder.finds(async (client) => {
      const { rowCount } = await client.query('DELETE FROM public.data_keys WHERE owner_id = $1', [
        personal!.owner,
      ])
      expect(rowCount).toBe(1)
      await client.query('DELETE FROM public.data_keys')
    })
    expect(problemCount).toBe(0)
    expect(rows).toBeGreaterThan(20)
  })

  test('hold when a column is added later, and find what is put into it', async () => {
    const add = 'ALTER TABLE public.audit_events ADD COLUMN later text'
    expect((await intruder.finds((client) => client.query(add))).problemCount).toBe(0)
    const { problems } = await intruder.finds(async (client) => {
      await client.query(add)
      await client.query(
        `UPDATE public.audit_events SET later = 'x' WHERE id = (SELECT max(id::text)::uuid FROM public.audit_events)`,
      )
    })
    expect(kinds(problems)).toEqual(['row-changed'])
  })

  test('go on under a new key, and the older ones hold when theirs has left the keyring', async () => {
    const { appUrl } = world.db.tools.database
    const text = addKey(JSON.stringify(JSON.parse(generateKeyring())))
    const file = JSON.parse(text) as { active: string; keys: Record<string, string> }
    const rotated = parseKeyring(text)
    await record()
    await sealTrail({ url: appUrl, keyring: rotated, now: world.db.now })
    const without = parseKeyring(JSON.stringify({ ...file, keys: { [file.active]: file.keys[file.active] } }))
    // All that came before is signed with keys that this ring does not hold; the last seal vouches for them.
    expect((await verifyTrail(appUrl, { keyring: without, now: world.db.now })).problemCount).toBe(0)
    expect((await examineNow(world)).problems).toMatchObject([{ kind: 'seal-unvouched' }])
    await record()
    await sealNow(world)
    expect((await examineNow(world)).problemCount).toBe(0)
  })
})

describe('R82 sealing', () => {
  test('misses nothing that commits later than what came after it, and keeps no writer waiting', async () => {
    let release!: () => void
    const held = new Promise<void>((resolve) => (release = resolve))
    let written = 0
    const late = [1, 2].map(() =>
      world.db.transaction(async (tx) => {
        await new AuditService(tx).record('post.created')
        written++
        await held
      }),
    )
    await until(() => written === 2)
    world.clock.advance(MINUTE)
    await record(3)
    expect(await sealNow(world)).toBe(3)
    world.clock.advance(50 * MINUTE)
    await record()
    expect(await sealNow(world)).toBe(1)
    release()
    await Promise.all(late)
    expect((await examineNow(world)).unsealed).toMatchObject({ count: 2 })
    expect(await sealNow(world)).toBe(2)
    expect(await examineNow(world)).toMatchObject({ problemCount: 0, unsealed: { count: 0 } })
  })

  test('writers go on while a seal is being made', async () => {
    await record()
    await connected(intruder.ownerUrl, async (blocker) => {
      // The sealer stands still before its last step.
      await blocker.query('BEGIN; LOCK TABLE public.audit_seal_entries IN SHARE MODE')
      const sealing = sealNow(world)
      await until(async () => (await waiting()) > 0)
      await record(2)
      // Another sealer does not wait either.
      expect(await sealNow(world)).toBe(0)
      await blocker.query('COMMIT')
      expect(await sealing).toBe(1)
    })
    expect(await sealNow(world)).toBe(2)
    expect((await examineNow(world)).problemCount).toBe(0)
  })

  test('takes many in seals of bounded size, and what was written by many at once exactly once', async () => {
    world.clock.advance(2 * HOUR)
    const writers = Array.from({ length: 8 }, async () => {
      for (let round = 0; round < 5; round++)
        await world.db.transaction(async (tx) => {
          await new AuditService(tx).recordAll(
            'post.created',
            Array.from({ length: 110 }, () => ({})),
          )
        })
    })
    const sealers = Array.from({ length: 3 }, () => sealNow(world))
    await Promise.all([...writers, ...sealers])
    await record(LARGEST_SEAL)
    await sealNow(world)
    const [seals] = await world.db.query<{ largest: number }>('SELECT max(count) AS largest FROM audit_seals')
    expect(seals!.largest).toBeLessThanOrEqual(LARGEST_SEAL)
    expect(await examineNow(world)).toMatchObject({ problemCount: 0, unsealed: { count: 0 } })
  })

  test('that has not been done for minutes is told, and is not taken for tampering', async () => {
    await record()
    expect((await examineNow(world)).unsealed).toMatchObject({ count: 1, isLate: false })
    world.clock.advance(DAY)
    expect(await examineNow(world)).toMatchObject({ problemCount: 0, unsealed: { count: 1, isLate: true } })
    await world.do(sealNewEvents, {})
    expect(await examineNow(world)).toMatchObject({ problemCount: 0, unsealed: { count: 0 } })
  })

  const waiting = async () =>
    (
      await world.db.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'portico-work' AND wait_event_type = 'Lock'`,
      )
    ).length
})

describe('R82 each night', () => {
  test('the trail is compared with its seals, and the head goes into the log and the trail', async () => {
    await world.do(sealNewEvents, {})
    const { head } = await examineNow(world)
    await world.do(examineTrail, {})
    const events = await world.db.query(`SELECT details FROM audit_events WHERE action = 'audit.verified'`)
    expect(events).toMatchObject([{ details: { head } }])
    expect(world.logLines.filter((line) => line.includes(head!))).toHaveLength(1)
  })

  test('what was changed is recorded, and the job fails', async () => {
    await world.do(sealNewEvents, {})
    const [row] = await world.db.query<{ id: string; target: string }>(
      `SELECT id FROM audit_events WHERE action = 'profile.updated' LIMIT 1`,
    )
    const change = (request: string) =>
      connected(intruder.ownerUrl, (client) =>
        client.query(`UPDATE public.audit_events SET request_id = ${request} || request_id WHERE id = $1`, [
          row!.id,
        ]),
      )
    await change(`'x'`)
    await expect(world.do(examineTrail, {})).rejects.toThrow(
      `The trail is not what was sealed: ${toGlobalId('event', row!.id)} of `,
    )
    const events = await world.db.query(
      `SELECT outcome, details->'problems' AS problems FROM audit_events WHERE action = 'audit.tampered'`,
    )
    expect(events).toEqual([{ outcome: 'failure', problems: 1 }])
  })
})

describe('the partitions of the trail', () => {
  const partitions = () =>
    connected(intruder.ownerUrl, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        `SELECT relid::regclass::text AS name FROM pg_partition_tree('public.audit_events') WHERE isleaf ORDER BY 1`,
      )
      return rows.map(({ name }) => name)
    })

  test('R82 are out of the reach of the role that requests run as, each of them', async () => {
    const all = await partitions()
    expect(all.length).toBeGreaterThanOrEqual(4)
    for (const name of all) {
      for (const sql of [
        `UPDATE ${name} SET action = 'post.created'`,
        `DELETE FROM ${name}`,
        `TRUNCATE ${name}`,
        `INSERT INTO ${name} SELECT * FROM audit_events`,
        `SELECT FROM ${name}`,
        `ALTER TABLE audit_events DETACH PARTITION ${name}`,
        `DROP TABLE ${name}`,
      ]) {
        const failure = await world.db.query(sql).then(
          () => null,
          (error: { driverError: { code: string } }) => error.driverError.code,
        )
        expect([sql, failure]).toEqual([sql, '42501'])
      }
    }
  })

  const ofMonth = (name: string) => /_\d{4}_\d\d$/.test(name)

  test('are made three months ahead by the role of requests, once', async () => {
    const before = await partitions()
    expect(before.filter(ofMonth)).toHaveLength(3)
    await connected(intruder.ownerUrl, async (client) => {
      for (const name of before.filter(ofMonth)) await client.query(`DROP TABLE ${name}`)
    })
    for (let run = 0; run < 2; run++) {
      await world.do(makeTrailPartitions, {})
      expect(await partitions()).toEqual(before)
    }
  })

  test('are made while nobody waits who writes, and once nobody reads for long', async () => {
    const before = await partitions()
    const lost = before.filter(ofMonth).at(-1)!
    let made: Promise<unknown> | undefined
    await connected(intruder.ownerUrl, async (client) => {
      await client.query(`DROP TABLE ${lost}`)
      await client.query('BEGIN; SELECT FROM public.audit_events LIMIT 1')
      made = world.do(makeTrailPartitions, {})
      // It gives up each time, so that nobody queues up behind it, and has by then tried more than once.
      await sleep(500)
      await record(10)
      expect(await partitions()).not.toContain(lost)
      await client.query('COMMIT')
    })
    await made
    expect(await partitions()).toEqual(before)
  })

  test('take an event whose month nobody has made, and leave it where it is when its month is due', async () => {
    const before = await partitions()
    const lost = before.filter(ofMonth).at(-1)!
    await connected(intruder.ownerUrl, (client) => client.query(`DROP TABLE ${lost}`))
    const [year, month] = lost.split('_').slice(-2).map(Number) as [number, number]
    const moment = new Date(Date.UTC(year, month - 1, 15))
    const id = newId(moment)
    await world.db.query(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, owner_id, is_security_event, details)
       VALUES ($1, $2, 'post.created', 'success', $1, false, '{}')`,
      [id, moment],
    )
    await world.do(makeTrailPartitions, {})
    expect(await partitions()).toEqual(before.filter((name) => name !== lost))
    expect(
      await world.db.query('SELECT tableoid::regclass::text AS at FROM audit_events WHERE id = $1', [id]),
    ).toEqual([{ at: 'partitions.audit_events_default' }])
  })
})
