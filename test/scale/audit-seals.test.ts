import { connected } from '../../src/db/connection'
import { execFileSync } from 'node:child_process'
import { examineTrail, type Examination } from '../../src/modules/audit/verify-trail'
import { PorticoProcess, ROOT } from '../cli/portico-process'
import { fillTrail, flipOneBit, Intruder, names, sealNow } from '../support/tampering'
import { testServer } from '../support/test-server'
import { useWorld } from '../support/world'

const world = useWorld()
const FLIPS = 1_000
const EVENTS = 300_000
/** What a process that compares may hold in its heap, in MiB: all rows at once would take more than three times as much. */
const HEAP = 128

test(`R82 each of ${FLIPS} bits that are turned over in the trail or its seals is found, and the row is named`, async () => {
  await fillTrail(world)
  const found: Record<string, number> = {}
  await connected(new Intruder(world).ownerUrl, async (client) => {
    for (let flip = 0; flip < FLIPS; flip++) {
      await client.query('BEGIN')
      const hit = await flipOneBit(client)
      const { problems } = await examineTrail(client, { ...world.db.tools, now: world.clock.now() })
      await client.query('ROLLBACK')
      if (!names(problems, hit)) throw new Error(`Not found: ${JSON.stringify({ hit, problems })}`)
      const column = `${hit.table}.${hit.column}`
      found[column] = (found[column] ?? 0) + 1
    }
  })
  process.stderr.write(`${JSON.stringify(found)}\n`)
  expect(Object.keys(found).length).toBeGreaterThan(25)
})

test('R82 a large trail is sealed and compared in memory that does not grow with it', async () => {
  await connected(new Intruder(world).ownerUrl, (client) =>
    client.query(
      `INSERT INTO public.audit_events (id, occurred_at, action, outcome, actor_id, subject_id, owner_id, address, details, is_security_event)
       SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
         at, 'session.started', 'success', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), sha256(n::text::bytea), '{"method": "PASSWORD"}', true
       FROM (SELECT n, $1::timestamptz(3) + n * interval '1 millisecond' AS at FROM generate_series(1, ${EVENTS}) n) events`,
      [world.clock.now()],
    ),
  )
  world.clock.advance(EVENTS)
  const start = performance.now()
  await sealNow(world)
  const sealed = performance.now()
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'ignore' })
  const { databaseUrl, databaseOwnerUrl } = world.portico.config
  const built = performance.now()
  const comparing = new PorticoProcess(
    {
      DATABASE_URL: databaseUrl!,
      DATABASE_OWNER_URL: databaseOwnerUrl!,
      PORTICO_KEYRING: testServer().keyring,
    },
    [process.execPath, `--max-old-space-size=${HEAP}`, 'bin/portico.js', 'audit', 'verify', '--json'],
  )
  const { code, stdout, stderr } = await comparing.end()
  const examined = performance.now()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const examination = JSON.parse(stdout) as Examination
  expect(examination.rows).toBeGreaterThanOrEqual(EVENTS)
  process.stderr.write(
    `${examination.rows} rows under ${examination.seals} seals: sealed in ${Math.round(sealed - start)} ms, compared in ${Math.round(examined - built)} ms by a process with a heap of ${HEAP} MiB\n`,
  )
})
