import { HOUR, later, MINUTE } from '../../src/core/clock'
import { newId, toGlobalId, type Id } from '../../src/core/id'
import { AuditService } from '../../src/modules/audit/audit.service'
import type { UnusualActivity } from '../../src/modules/mail/mail-template'
import { RULES } from '../../src/modules/unusual-activity/rules'
import { findUnusualActivity } from '../../src/modules/unusual-activity/unusual-activity.task'
import { useWorld, type Person } from '../support/world'

const world = useWorld({ TRUSTED_PROXIES: '127.0.0.1,::1' })

interface Found {
  rule: UnusualActivity
  key: string
  about: string | null
  count: number
}

const look = () => world.do(findUnusualActivity, {})

/** What was found of somebody, or by a rule about no person. */
const foundOf = async (rule: UnusualActivity, about: Id | null): Promise<Found[]> =>
  (
    await world.db.query<{ details: Found }>(
      `SELECT details FROM audit_events WHERE action = 'unusual-activity.found' AND details ->> 'rule' = $1
         AND details ->> 'about' IS NOT DISTINCT FROM $2`,
      [rule, about && toGlobalId('user', about)],
    )
  ).map(({ details }) => details)

/** How something comes about so many times, which a rule is to find. */
const HAPPENS: Record<UnusualActivity, (personId: Id, times: number, address: string) => Promise<unknown>> = {
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
  'new-device': (personId, times) =>
    new AuditService(world.db).recordAll(
      'session.started',
      Array.from({ length: times }, () => ({
        actorId: personId,
        details: { transport: 'bearer', methods: ['password'], isNewDevice: true },
      })),
    ),
  'password-guessing': (personId, times) =>
    new AuditService(world.db).recordAll(
      'session.sign-in-failed',
      Array.from({ length: times }, () => ({ actorId: null, subjectId: personId })),
    ),
  'password-spraying': (_personId, times, address) =>
    new AuditService(world.db.as({ ...world.db.caller, address })).recordAll(
      'session.sign-in-failed',
      Array.from({ length: times }, () => ({ actorId: null, subjectId: newId() })),
    ),
}

const RULE_NAMES = Object.keys(RULES) as UnusualActivity[]
const isAboutAddress = (rule: UnusualActivity) => rule === 'password-spraying'

describe.each(RULE_NAMES)('unusual activity, %s,', (rule) => {
  const { bound, window } = RULES[rule]
  const about = (id: Id) => (isAboutAddress(rule) ? null : id)
  const somebody = async (): Promise<Id> =>
    rule === 'new-device' ? (await world.person({ permissions: ['users:read'] })).id : newId()
  const [address, other] = [`198.51.100.${RULE_NAMES.indexOf(rule)}`, `203.0.113.${RULE_NAMES.indexOf(rule)}`]

  test('is nothing below its bound', async () => {
    const id = await somebody()
    await HAPPENS[rule](id, bound - 1, other)
    await look()
    expect(await foundOf(rule, about(id))).toEqual([])
  })

  test('is found once, whoever looks at the same time and however often, and again in another window', async () => {
    const id = await somebody()
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

/** The same mail comes once more only for what is new. */
const mailsTo = ({ email }: Person, subject: string): string[] =>
  world.portico
    .mailbox!.read(email)
    .filter((mail) => mail.subject === subject)
    .map(({ text }) => text)
const toStaff = (person: Person) => mailsTo(person, 'There was unusual activity')

const PASSWORD = 'harbour lantern at dusk'

describe('unusual activity', () => {
  test('is written to those who may read the whole trail, once an hour for each rule, and to nobody about themselves', async () => {
    world.clock.advance(2 * HOUR)
    const [reader, suspect] = [
      await world.person({ permissions: ['audit:read'] }),
      await world.person({ role: 'admin' }),
    ]
    const others = [
      await world.person({ permissions: ['users:read'] }),
      await world.person({ permissions: ['audit:read'], over: await world.group() }),
    ]
    await HAPPENS.refusals(suspect.id, RULES.refusals.bound, '')
    await look()
    expect(toStaff(reader)).toEqual([
      expect.stringContaining('Somebody tries again and again what they may not do.'),
    ])
    expect([suspect, ...others].flatMap(toStaff)).toEqual([])
    await HAPPENS.refusals(newId(), RULES.refusals.bound, '')
    await look()
    expect(toStaff(reader)).toHaveLength(1)
    await HAPPENS['token-reuse'](newId(), 1, '')
    await look()
    expect(toStaff(reader)).toHaveLength(2)
    world.clock.advance(HOUR + MINUTE)
    await HAPPENS.refusals(suspect.id, RULES.refusals.bound, '')
    await HAPPENS.refusals(newId(), RULES.refusals.bound, '')
    await look()
    expect([reader, suspect].map((each) => toStaff(each).length)).toEqual([3, 2])
  })

  test('is told whoever somebody tries passwords for, once a day', async () => {
    const person = await world.person()
    const told = () => mailsTo(person, 'Somebody tries passwords for your account')
    await HAPPENS['password-guessing'](person.id, RULES['password-guessing'].bound - 1, '')
    await look()
    expect(told()).toEqual([])
    await HAPPENS['password-guessing'](person.id, 1, '')
    await look()
    await HAPPENS['password-guessing'](person.id, 1, '')
    await look()
    expect(told()).toEqual([expect.stringContaining('None of them was right')])
  })

  test('is a sign-in on a new device where it is one of the staff, however it comes about', async () => {
    const staff = await world.person({ permissions: ['users:read'], password: PASSWORD })
    const person = await world.person({ password: PASSWORD })
    const signIn = async ({ email }: Person, address: string) => {
      const api = world.anonymous.with({ 'x-forwarded-for': address })
      const { signIn: signedIn } = await api.data(
        'mutation ($input: SignInInput!) { signIn(input: $input) { token userErrors { code } } }',
        { input: { login: email, password: PASSWORD } },
      )
      expect(signedIn.userErrors).toEqual([])
    }
    const found = async () => [await foundOf('new-device', staff.id), await foundOf('new-device', person.id)]
    for (const each of [staff, person]) await signIn(each, '192.0.2.1')
    await look()
    const before = await found()
    world.clock.advance(2 * HOUR)
    for (const each of [staff, person]) await signIn(each, '192.0.2.2')
    await look()
    expect(await found()).toEqual(before)
    for (const each of [staff, person]) await signIn(each, '203.0.113.77')
    await look()
    expect([before[1], (await found())[0]!.length - before[0]!.length, (await found())[1]]).toEqual([
      [],
      1,
      [],
    ])
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
