import { connected } from '../../src/db/connection'
import { idOf } from '../../src/core/id'
import { AuditService } from '../../src/modules/audit/audit.service'
import { PorticoProcess } from '../cli/portico-process'
import { examineNow, sealNow } from '../support/tampering'
import { testServer } from '../support/test-server'
import { until } from '../support/until'
import { useWorld } from '../support/world'

const world = useWorld()

/** One of the programs of test/support, as a process of its own on the database of the world. */
function start(program: string, ...words: string[]): PorticoProcess {
  const { databaseUrl, databaseOwnerUrl } = world.portico.config
  return new PorticoProcess(
    {
      NODE_ENV: 'test',
      DATABASE_URL: databaseUrl!,
      DATABASE_OWNER_URL: databaseOwnerUrl!,
      PORTICO_KEYRING: testServer().keyring,
    },
    [process.execPath, '-r', '@swc-node/register', `test/support/${program}.ts`, ...words],
  )
}

const sessions = (condition: string) =>
  world.db.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${condition}`,
  )

test('R82 a sealer that is killed in the middle leaves nothing half-done, and the next one goes on', async () => {
  await new AuditService(world.db).recordAll(
    'post.created',
    Array.from({ length: 5 }, () => ({})),
  )
  await sealNow(world)
  await new AuditService(world.db).recordAll(
    'post.created',
    Array.from({ length: 5 }, () => ({})),
  )
  const before = (await examineNow(world)).head
  const isSealing = `application_name = 'portico-work' AND usename = current_user`
  await connected(world.portico.config.databaseOwnerUrl!, async (blocker) => {
    // It has added its seal and stands still before the entries.
    await blocker.query('BEGIN; LOCK TABLE public.audit_seal_entries IN SHARE MODE')
    const child = start('seal-process')
    try {
      await until(async () => (await sessions(`${isSealing} AND wait_event_type = 'Lock'`)).length > 0)
    } finally {
      await child.end('SIGKILL')
    }
    await blocker.query('COMMIT')
  })
  await until(async () => (await sessions(isSealing)).length === 0)
  expect(await examineNow(world)).toMatchObject({ head: before, problemCount: 0, unsealed: { count: 5 } })
  expect(await sealNow(world)).toBe(5)
  expect(await examineNow(world)).toMatchObject({ problemCount: 0, unsealed: { count: 0 } })
}, 90_000)

test('R81 after kill -9 there is no change without its event, and no event without its change', async () => {
  const person = await world.person()
  const child = start('writing-process', person.id)
  await child.says(/begun/).finally(() => child.end('SIGKILL'))
  await until(
    async () =>
      (await sessions(`application_name = 'portico' AND query LIKE '%posts%' AND state <> 'idle'`)).length ===
      0,
  )
  const posts = await world.db.query<{ id: string }>('SELECT id FROM posts WHERE author_id = $1', [person.id])
  const events = async (action: string) =>
    (
      await world.db.query<{ target: string }>(
        'SELECT target FROM audit_events WHERE actor_id = $1 AND action = $2',
        [person.id, action],
      )
    ).map(({ target }) => idOf('post', target))
  expect(posts.length).toBeGreaterThan(10)
  const ids = posts.map(({ id }) => id).sort()
  expect((await events('post.created')).sort()).toEqual(ids)
  expect((await events('post.published')).sort()).toEqual(ids)
}, 90_000)
