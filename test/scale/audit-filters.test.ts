import type { ClientBase } from 'pg'
import { authorityOf } from '../../src/core/authority'
import { newId, type Id } from '../../src/core/id'
import { ALL_PERMISSIONS } from '../../src/core/permission'
import type { Viewer } from '../../src/core/viewer'
import { connected } from '../../src/db/connection'
import { indexesOf } from '../../src/modules/audit/address-index'
import {
  ALL_ACTIONS,
  AuditOutcome,
  AuditSeverity,
  outcomeOf,
  type AuditAction,
} from '../../src/modules/audit/audit-event'
import { AuditEventRepository, type AuditEventFilter } from '../../src/modules/audit/audit-event.repository'
import { monthAgo, makeOldMonths } from '../support/old-months'
import { explain, flatten, type Explained, type Plan } from '../support/plans'
import { useWorld } from '../support/world'

const ROWS = Number(process.env['AUDIT_ROWS'] ?? 10_000_000)
const MONTHS = 12

/** What a first page may read, whatever it asks for: index entries and rows, those included that are left out. */
const MOST_READ = 12_000
const MOST_PAGES_OF_MEMORY = 40_000
const ROUNDS = 3

const world = useWorld()

const [ROBOT, RARE, STAFF]: [Id, Id, Id] = [newId(), newId(), newId()]
const BUSY_ADDRESS = '198.51.100.7'
const QUIET_ADDRESS = '203.0.113.9'
const MIDDLING_ADDRESS = '192.0.2.9'

/** What happens day by day; of the rest each action is a few thousandths, and the last of these nearly nothing. */
const COMMON = [
  'session.started',
  'session.ended',
  'session.sign-in-failed',
  'profile.updated',
  'preferences.updated',
  'post.created',
  'post.updated',
  'post.published',
  'comment.added',
  'reaction.added',
  'access.refused',
  'audit.read',
] as const satisfies readonly AuditAction[]
const NEARLY_NEVER = [
  'audit.tampered',
  'keys.removed',
  'account.disowned',
] as const satisfies readonly AuditAction[]
const RARELY = ALL_ACTIONS.filter((action) => ![...COMMON, ...NEARLY_NEVER].includes(action as never))

/** Whoever may see everything. */
const viewer: Viewer = {
  kind: 'signed-in',
  userId: newId(),
  sessionId: newId(),
  username: 'auditor',
  authenticatedAt: new Date(),
  ...authorityOf([{ permissions: ALL_PERMISSIONS, groupId: null, requiresReason: false }]),
}
/** Somebody who sees what they have done and what concerns them, which is a tenth of all. */
const robot: Viewer = { ...viewer, userId: ROBOT, ...authorityOf([]) }

const random = (salt: number, below: number) => `(abs(hashint8extended(i, ${salt})) % ${below})`

/** A tenth of all is done by one, a fifth comes from one address, and who did it has nothing to do with what it was. */
async function makeTrail(client: ClientBase): Promise<void> {
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
     WHERE indrelid IN ('public.audit_events'::regclass, 'public.audit_addresses'::regclass) AND NOT indisprimary`,
  )
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`)
  const { addressIndex, networkIndex } = indexesOf(world.db.tools.keyring, BUSY_ADDRESS)!
  const quiet = indexesOf(world.db.tools.keyring, QUIET_ADDRESS)!
  const from = monthAgo(MONTHS)
  await client.query(
    `CREATE UNLOGGED TABLE made AS
     SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0'))::uuid AS id, i, at,
       CASE WHEN roll < 970000 THEN ($4::text[])[1 + ${random(2, COMMON.length)}]
         WHEN roll < 999999 THEN ($5::text[])[1 + ${random(3, RARELY.length)}]
         ELSE ($6::text[])[1 + ${random(4, NEARLY_NEVER.length)}] END AS action,
       CASE WHEN ${random(5, 10)} = 0 THEN $7::uuid WHEN ${random(6, 200_000)} = 0 THEN $8::uuid
         ELSE md5(${random(7, 100_000)}::text)::uuid END AS actor_id,
       CASE WHEN ${random(8, 2_000)} = 0 THEN $9::uuid END AS impersonator_id,
       CASE WHEN ${random(9, 8)} = 0 THEN md5(${random(10, 100_000)}::text)::uuid END AS other_id,
       CASE WHEN ${random(11, 5)} = 0 THEN $10::bytea WHEN ${random(12, 100_000)} = 0 THEN $12 WHEN ${random(14, 300)} = 0 THEN $13 ELSE decode(md5(${random(13, 300_000)}::text), 'hex') END AS address_index
     FROM (SELECT i, ${random(1, 1_000_000)} AS roll,
             date_trunc('milliseconds', $1::timestamptz + interval '1 second' * (extract(epoch FROM $2::timestamptz - $1::timestamptz) * i / $3)::float) AS at
           FROM generate_series(0, $3 - 1) i) numbered`
      .replaceAll('$10', `'\\x${addressIndex.toString('hex')}'`)
      .replaceAll(
        '$13',
        `'\\x${indexesOf(world.db.tools.keyring, MIDDLING_ADDRESS)!.addressIndex.toString('hex')}'`,
      )
      .replaceAll('$12', `'\\x${quiet.addressIndex.toString('hex')}'`)
      .replaceAll('$1', `'${from.toISOString()}'`)
      .replaceAll('$2', `'${new Date().toISOString()}'`)
      .replaceAll('$3', `${ROWS}::bigint`)
      .replaceAll('$4', arrayOf(COMMON))
      .replaceAll('$5', arrayOf(RARELY))
      .replaceAll('$6', arrayOf(NEARLY_NEVER))
      .replaceAll('$7', `'${ROBOT}'`)
      .replaceAll('$8', `'${RARE}'`)
      .replaceAll('$9', `'${STAFF}'`),
  )
  const outcomes = (outcome: AuditOutcome) =>
    arrayOf(ALL_ACTIONS.filter((action) => outcomeOf(action) === outcome))
  await client.query(
    `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_id, impersonator_id, subject_id, owner_id, is_security_event, request_id, details)
     SELECT id, at, action, CASE WHEN action = ANY(${outcomes(AuditOutcome.FAILURE)}) THEN 'failure'
         WHEN action = ANY(${outcomes(AuditOutcome.REFUSED)}) THEN 'refused' ELSE 'success' END,
       actor_id, impersonator_id, coalesce(other_id, actor_id), coalesce(impersonator_id, actor_id), false, 'request-' || i / 2, '{}' FROM made`,
  )
  await client.query(
    `INSERT INTO audit_addresses (event_id, occurred_at, action, owner_id, address_index, network_index)
     SELECT id, at, action, coalesce(impersonator_id, actor_id), address_index,
       CASE WHEN address_index = '\\x${addressIndex.toString('hex')}' THEN '\\x${networkIndex.toString('hex')}'::bytea
         WHEN address_index = '\\x${quiet.addressIndex.toString('hex')}' THEN '\\x${quiet.networkIndex.toString('hex')}'::bytea
         ELSE decode(md5('network' || ${random(13, 50_000)}), 'hex') END
     FROM made`,
  )
  await client.query('DROP TABLE made')
  for (const { definition } of indexes) await client.query(definition.replace(' ON ONLY ', ' ON '))
  await client.query('VACUUM (ANALYZE) audit_events')
  await client.query('VACUUM (ANALYZE) audit_addresses')
}

const arrayOf = (texts: readonly string[]) => `ARRAY['${texts.join("', '")}']::text[]`

beforeAll(async () => {
  await makeOldMonths(
    world,
    Array.from({ length: MONTHS }, (_, index) => MONTHS - index),
  )
  await connected(world.portico.config.databaseOwnerUrl!, async (client) => {
    await client.query(
      `SET search_path = public; SET statement_timeout = 0; SET maintenance_work_mem = '512MB'; SET synchronous_commit = off`,
    )
    await makeTrail(client)
  })
}, 1_800_000)

/** Index entries and rows that a plan has read, those included that it left out. */
const readBy = (plan: Plan): number =>
  flatten(plan)
    .filter(
      ({ 'Node Type': type }) => /Scan$/.test(type) && !/Subquery|CTE|Function|Values|Bitmap Heap/.test(type),
    )
    .reduce(
      (sum, { 'Actual Rows': rows, 'Actual Loops': loops, 'Rows Removed by Filter': removed = 0 }) =>
        sum + (rows + removed) * loops,
      0,
    )

const { INFO, NOTICE, WARNING, CRITICAL } = AuditSeverity
const { FAILURE, REFUSED, SUCCESS } = AuditOutcome
const person = (): Id => 'c4ca4238-a0b9-2382-0dcc-509a6f75849b'
const week: AuditEventFilter = { since: monthAgo(6), until: new Date(monthAgo(6).getTime() + 7 * 86_400_000) }

const FILTERS: Record<string, AuditEventFilter> = {
  nothing: {},
  'a week half a year ago': week,
  'a person': { personId: person() },
  'whoever does a tenth of all': { personId: ROBOT },
  'what somebody did': { actorId: person() },
  'what the busiest did': { actorId: ROBOT },
  'whom it concerns': { subjectId: person() },
  'somebody rare': { actorId: RARE },
  'who acted as others': { impersonatorId: STAFF },
  'a common action': { actions: ['session.started'] },
  'an action that happens nearly never': { actions: ['keys.removed'] },
  'all actions': { actions: ALL_ACTIONS },
  INFO: { severities: [INFO] },
  'NOTICE and WARNING': { severities: [NOTICE, WARNING] },
  CRITICAL: { severities: [CRITICAL] },
  'what failed': { outcome: FAILURE },
  'what was refused': { outcome: REFUSED },
  'what succeeded': { outcome: SUCCESS },
  'a busy address': { address: BUSY_ADDRESS },
  'a quiet address': { address: QUIET_ADDRESS },
  'a busy network': { address: '198.51.100.0/24' },
  'a middling address': { address: MIDDLING_ADDRESS },
  'the busiest from a middling address, INFO': {
    actorId: ROBOT,
    address: MIDDLING_ADDRESS,
    severities: [INFO],
  },
  'an address from which nothing came': { address: '192.0.2.1' },
  'a request': { requestId: `request-${ROWS / 4}` },
  'the busiest, an action that happens nearly never': { actorId: ROBOT, actions: ['keys.removed'] },
  'the busiest, CRITICAL': { actorId: ROBOT, severities: [CRITICAL] },
  'the busiest as a person, CRITICAL': { personId: ROBOT, severities: [CRITICAL] },
  'the busiest, refused': { actorId: ROBOT, outcome: REFUSED },
  'the busiest, NOTICE, a week': { actorId: ROBOT, severities: [NOTICE], ...week },
  'somebody, what failed': { personId: person(), outcome: FAILURE },
  'somebody, INFO': { personId: person(), severities: [INFO] },
  'a busy address, CRITICAL': { address: BUSY_ADDRESS, severities: [CRITICAL] },
  'a busy address, failed sign-ins': { address: BUSY_ADDRESS, actions: ['session.sign-in-failed'] },
  'a busy network, nearly never': { address: '198.51.100.0/24', actions: ['account.disowned'] },
  'the busiest from a busy address': { actorId: ROBOT, address: BUSY_ADDRESS },
  'the busiest from a quiet address': { actorId: ROBOT, address: QUIET_ADDRESS },
  'somebody from a busy address': { actorId: person(), address: BUSY_ADDRESS },
  'somebody rare from a busy address': { actorId: RARE, address: BUSY_ADDRESS },
  'a request of the busiest, what failed': { actorId: ROBOT, requestId: 'request-77', outcome: FAILURE },
  'who acted as others, CRITICAL': { impersonatorId: STAFF, severities: [CRITICAL] },
  'everything at once': {
    actorId: ROBOT,
    subjectId: ROBOT,
    severities: [WARNING],
    outcome: FAILURE,
    address: BUSY_ADDRESS,
    ...week,
  },
}

const told: string[] = []
afterAll(() => process.stdout.write(`${told.join('\n')}\n`))

describe.each([
  ['holders of audit:read', viewer, Object.entries(FILTERS)],
  [
    'people of their own',
    robot,
    Object.entries({
      'all of it': {},
      'as a person': { personId: ROBOT },
      CRITICAL: { personId: ROBOT, severities: [CRITICAL] },
    }),
  ],
] as const)(`of ${ROWS} events the first page, for %s,`, (who, by, filters) => {
  const db = () => world.db.as({ viewer: by, requestId: null, address: null })

  test.each(filters)('is read without what the filter leaves out: %s', async (name, filter) => {
    const events = new AuditEventRepository(db())
    const sent = await world.sent(() => events.list(filter, { first: 20 }))
    const plans = await explain(
      world,
      sent.filter(([sql]) => /SELECT|SET LOCAL/.test(sql)),
      ROUNDS,
    )
    const sum = (of: (one: Explained) => number) => plans.reduce((total, one) => total + of(one), 0)
    const [read, pages] = [
      sum(({ Plan: plan }) => readBy(plan)),
      sum(({ Plan: plan }) => plan['Shared Hit Blocks'] + plan['Shared Read Blocks']),
    ]
    told.push(
      `${who}: ${name}: ${sum((one) => one['Execution Time']).toFixed(1)} ms, ${Math.round(read)} rows, ${pages} pages`,
    )
    if (process.env['SHOW_PLAN'] === name)
      process.stdout.write(`${JSON.stringify({ sent, plans }, null, 1)}\n`)
    expect({ read: read <= MOST_READ, pages: pages <= MOST_PAGES_OF_MEMORY }).toEqual({
      read: true,
      pages: true,
    })
  })
})
