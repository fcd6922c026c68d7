import { Client } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { DAY, later } from '../../src/core/clock'
import { newId } from '../../src/core/id'
import { connected } from '../../src/db/connection'
import { dropOldTrail, makeTrailPartitions } from '../../src/modules/audit/audit.task'
import { eventAt, makeOldMonths, monthAgo, partitionOf } from '../support/old-months'
import { useWorld } from '../support/world'

const world = useWorld()

const asOwner = <Row extends object>(sql: string) =>
  connected(world.portico.config.databaseOwnerUrl!, async (client) => (await client.query<Row>(sql)).rows)

const partitions = async () =>
  (
    await asOwner<{ name: string }>(
      `SELECT relname::text AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid
       WHERE inhparent IN ('public.audit_events'::regclass, 'public.access_records'::regclass)`,
    )
  ).map(({ name }) => name)

const ADD = `INSERT INTO audit_events (id, occurred_at, action, outcome, owner_id, is_security_event, details)
  VALUES ($1, now(), 'post.created', 'success', $1, false, '{}')`

/** How long somebody who writes to the trail may wait for a lock, in milliseconds. */
const LONGEST_WAIT = 100

async function writer(): Promise<Client> {
  const client = new Client({ connectionString: world.portico.config.databaseUrl! })
  await client.connect()
  await client.query(`SET lock_timeout = ${LONGEST_WAIT}`)
  return client
}

/** Writes to the trail over and over while `work` runs, and beside it one that takes its time; returns how often. */
async function whileWriting(work: () => Promise<void>): Promise<number> {
  const [quick, slow] = [await writer(), await writer()]
  let isOver = false
  let written = 0
  const quickly = async () => {
    while (!isOver) {
      await quick.query(ADD, [newId()])
      written++
    }
  }
  const slowly = async () => {
    // In between there is a moment in which nobody holds anything.
    while (!isOver) {
      await slow.query('BEGIN')
      await slow.query(ADD, [newId()])
      await sleep(300)
      await slow.query('COMMIT')
      await sleep(100)
    }
  }
  const writing = Promise.all([quickly(), slowly()])
  await Promise.race([work().finally(() => (isOver = true)), writing])
  await writing
  await Promise.all([quick.end(), slow.end()])
  return written
}

test('a partition of the trail is dropped without holding up anybody who writes to it for a tenth of a second', async () => {
  const past = [74, 73]
  await makeOldMonths(world, past)
  for (const months of past) await eventAt(world, { at: later(monthAgo(months), 10 * DAY) })
  const gone = past.map((months) => partitionOf('audit_events', months))
  expect(await partitions()).toEqual(expect.arrayContaining(gone))
  const written = await whileWriting(() => world.do(dropOldTrail, {}))
  expect(written).toBeGreaterThan(10)
  expect((await partitions()).filter((name) => gone.includes(name))).toEqual([])
})

test('and so is one made', async () => {
  const ahead = partitionOf('audit_events', -3)
  await asOwner(`DROP TABLE partitions.${ahead}`)
  const written = await whileWriting(() => world.do(makeTrailPartitions, {}))
  expect(written).toBeGreaterThan(0)
  expect(await partitions()).toContain(ahead)
})
