import { later, MINUTE } from '../../src/core/clock'
import { newId, toGlobalId, type Id } from '../../src/core/id'
import { AuditService } from '../../src/modules/audit/audit.service'
import { RULES, type RuleName } from '../../src/modules/unusual-activity/rules'
import { findUnusualActivity } from '../../src/modules/unusual-activity/unusual-activity.task'
import { useWorld } from '../support/world'

const world = useWorld()

interface Found {
  rule: RuleName
  key: string
  about: string | null
  count: number
}

const look = () => world.do(findUnusualActivity, {})

/** What was found of somebody, or by a rule about no person. */
const foundOf = async (rule: RuleName, about: Id | null): Promise<Found[]> =>
  (
    await world.db.query<{ details: Found }>(
      `SELECT details FROM audit_events WHERE action = 'unusual-activity.found' AND details ->> 'rule' = $1
         AND details ->> 'about' IS NOT DISTINCT FROM $2`,
      [rule, about && toGlobalId('user', about)],
    )
  ).map(({ details }) => details)

/** How something comes about so many times, which a rule is to find. */
const HAPPENS: Record<RuleName, (personId: Id, times: number, address: string) => Promise<unknown>> = {
  refusals: (personId, times) =>
    new AuditService(world.db).recordAll(
      'access.refused',
      Array.from({ length: times }, () => ({ actorId: personId, details: { fields: ['Query.users'] } })),
    ),
  'mass-reading': (personId, times) =>
    world.db.query(
      `INSERT INTO access_records (id, occurred_at, reader_id, subject_id, roles, fields)
       SELECT gen_random_uuid(), $2, $1, gen_random_uuid(), '{}', '{email}' FROM generate_series(1, $3::int)`,
      [personId, world.clock.now(), times],
    ),
  'token-reuse': (personId, times) =>
    new AuditService(world.db).recordAll(
      'session.token-reused',
      Array.from({ length: times }, () => ({ actorId: null, subjectId: personId })),
    ),
  'password-spraying': (_personId, times, address) =>
    new AuditService(world.db.as({ ...world.db.caller, address })).recordAll(
      'session.sign-in-failed',
      Array.from({ length: times }, () => ({ actorId: null, subjectId: newId() })),
    ),
}

const RULE_NAMES = Object.keys(RULES) as RuleName[]
const isAboutAddress = (rule: RuleName) => rule === 'password-spraying'

describe.each(RULE_NAMES)('unusual activity, %s,', (rule) => {
  const { bound, window } = RULES[rule]
  const about = (id: Id) => (isAboutAddress(rule) ? null : id)
  const [address, other] = [`198.51.100.${RULE_NAMES.indexOf(rule)}`, `203.0.113.${RULE_NAMES.indexOf(rule)}`]

  test('is nothing below its bound', async () => {
    const id = newId()
    await HAPPENS[rule](id, bound - 1, other)
    await look()
    expect(await foundOf(rule, about(id))).toEqual([])
  })

  test('is found once, whoever looks at the same time and however often, and again in another window', async () => {
    const id = newId()
    await HAPPENS[rule](id, bound, address)
    await Promise.all([look(), look(), look()])
    await look()
    const key = isAboutAddress(rule) ? expect.stringMatching(/^[0-9a-f]{4}$/) : id
    const finding = { rule, key, about: about(id) && toGlobalId('user', id), count: bound }
    expect(await foundOf(rule, about(id))).toEqual([finding])
    world.clock.advance(window + MINUTE)
    await look()
    expect(await foundOf(rule, about(id))).toEqual([finding])
    await HAPPENS[rule](id, bound, address)
    await look()
    expect(await foundOf(rule, about(id))).toEqual([finding, finding])
  })
})

test('what is older than a window counts no more', async () => {
  const id = newId()
  const { bound, window } = RULES.refusals
  await HAPPENS.refusals(id, bound - 1, '')
  world.clock.advance(window + MINUTE)
  await HAPPENS.refusals(id, 1, '')
  await look()
  expect(await foundOf('refusals', id)).toEqual([])
})

test('is told to holders of audit:read, and not to whom it is about', async () => {
  const [admin, suspect] = [await world.person({ role: 'admin' }), await world.person({ role: 'admin' })]
  await HAPPENS.refusals(suspect.id, RULES.refusals.bound, '')
  await look()
  const list = `{ auditEvents(filter: { severities: [CRITICAL], since: "${later(world.clock.now(), -MINUTE).toISOString()}" }, first: 100) {
    edges { node { action severity details } } } }`
  const seenBy = async ({ api }: typeof admin) =>
    (await api.data(list)).auditEvents.edges.filter(
      ({ node }: { node: { details: Found } }) => node.details.about === suspect.globalId,
    ).length
  expect([await seenBy(admin), await seenBy(suspect)]).toEqual([1, 0])
})
