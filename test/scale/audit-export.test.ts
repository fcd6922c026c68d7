import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { connected } from '../../src/db/connection'
import { system } from '../../src/core/caller'
import { exportTrail } from '../../src/modules/audit/export-trail'
import { useWorld } from '../support/world'

const world = useWorld()

const ROWS = 300_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

beforeAll(() =>
  connected(world.portico.config.databaseOwnerUrl!, async (client) => {
    await client.query(
      `INSERT INTO public.audit_events (id, occurred_at, action, outcome, owner_id, is_security_event, details)
       SELECT md5(i::text)::uuid, now() - i * interval '1 second', 'profile.updated', 'success', md5(i::text)::uuid, false, '{"fields": ["bio"]}'
       FROM generate_series(1, ${ROWS}) i`,
    )
    await client.query('ANALYZE public.audit_events')
  }),
)

/** What is in use once what is not has been let go, in bytes. */
function inUse(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test('the trail is exported in memory that does not grow with it', async () => {
  let lines = 0
  let most = 0
  let before = 0
  for await (const text of exportTrail(
    () => Promise.resolve(world.db.as(system)),
    {},
    { format: 'ndjson', isUnlimited: true },
  )) {
    lines += text.split('\n').length - 1
    // By then all that is kept has been made.
    if (lines === 20_000) before = inUse()
    else if (lines > 20_000 && lines % 40_000 === 0) most = Math.max(most, inUse())
  }
  expect(lines).toBeGreaterThanOrEqual(ROWS)
  expect(most - before).toBeLessThan(40 * 1024 * 1024)
})
