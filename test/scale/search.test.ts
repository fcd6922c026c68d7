import { authorityOf } from '../../src/core/authority'
import { ALL_PERMISSIONS } from '../../src/core/permission'
import type { Viewer } from '../../src/core/viewer'
import type { Database } from '../../src/db/database'
import { newId } from '../../src/core/id'
import { Client } from 'pg'
import { toCursor, type PageRequest } from '../../src/core/page'
import type { Id } from '../../src/core/id'
import { UserStatus } from '../../src/modules/user/user-status'
import {
  UserOrder,
  UserRepository,
  type UserFilter,
  type UserRow,
} from '../../src/modules/user/user.repository'
import { flatten, type Explained, type Plan } from '../support/plans'
import { useWorld } from '../support/world'

const world = useWorld()

/** The database as somebody has it who may find everybody, or the members of a group. */
function asReader(over: GroupName | null = null): Database {
  const viewer: Viewer = {
    kind: 'signed-in',
    userId: newId(),
    sessionId: newId(),
    username: 'reader',
    authenticatedAt: world.clock.now(),
    ...authorityOf([{ permissions: ALL_PERMISSIONS, groupId: over && groups[over], requiresReason: false }]),
  }
  return world.db.as({ viewer, requestId: null, address: null })
}

const PEOPLE = 1_000_000
const PAGE = 20
const { NEWEST_FIRST, OLDEST_FIRST, USERNAME } = UserOrder
const ORDERS = [NEWEST_FIRST, OLDEST_FIRST, USERNAME]

/** The moment at which so much of the five years has passed in which people came. */
const after = (share: number): Date => new Date(Date.UTC(2021, 0, 1) + share * 5 * 365 * 86_400_000)

const FIRST_NAMES =
  'Maria Anna José Peter Anders Björn Łukasz Sophie Zoë Mehmet Ayşe Dmitri Olga Νίκος Ирина Chen Wei Yuki Fatima Omar Liam Noah Emma Olivia Ava Mia Lucas Élodie François Jürgen'
const BEGINNINGS = 'Mül Schnei Han Bau Lind Berg Ro Sil Gar Mar Lo Fer Gon Rod Kow Wis Nak Tan Su Wat'
const ENDS = 'ler der sen mann qvist ström ssi va cia tinez pez nandez zález riguez alski niewski amura aka'

/**
 * People in an order of rows that has nothing to do with any list. By their names are found: one, a hundred, a hundredth, half
 * of all, scattered; and a hundredth and half of all that came first. Of the suspensions a third has no end, one is going to
 * end, and one is over.
 */
const MAKE_PEOPLE = `
  INSERT INTO users (id, username, display_name, locale, time_zone, status, suspended_until, last_seen_at, created_at, updated_at, version)
  SELECT lpad(to_hex(number), 32, '0')::uuid,
    trim('_' FROM regexp_replace(folded(first || '_' || last), '[^a-z0-9]+', '_', 'g')) || number,
    first || CASE WHEN number % 2 = 0 THEN ' von der' ELSE '' END || ' ' || last
      || CASE WHEN number % 100 = 3 THEN ' Featherstone' ELSE '' END
      || CASE WHEN number % 10000 = 7 THEN ' Quetzalcoatl' ELSE '' END
      || CASE WHEN number = 4711 THEN ' Xylophilus' ELSE '' END
      || CASE WHEN age < 0.01 THEN ' Oldtimer' ELSE '' END
      || CASE WHEN age < 0.5 THEN ' Founder' ELSE '' END,
    'en', 'Europe/Berlin', CASE WHEN number % 97 = 3 THEN 'suspended' ELSE 'active' END,
    CASE WHEN number % 97 = 3 THEN CASE number % 3 WHEN 1 THEN $3::timestamptz + interval '1 day' WHEN 2 THEN $3 END END,
    CASE number % 5 WHEN 0 THEN NULL
      WHEN 1 THEN greatest(came, $2::timestamptz + ln(1 - chance) * interval '20 days')
      ELSE came + ($2::timestamptz - came) * power(chance, 3) END,
    came, came, 1
  FROM (
    SELECT number, age, random() AS chance,
      $1::timestamptz + age * ($2::timestamptz - $1::timestamptz) AS came,
      first[1 + floor(power(random(), 2) * cardinality(first))::int] AS first,
      (beginnings[1 + floor(random() * cardinality(beginnings))::int] || ends[1 + floor(random() * cardinality(ends))::int]) AS last
    FROM (SELECT number, random() AS age FROM generate_series(1, ${PEOPLE}) AS number) numbers,
      (SELECT string_to_array('${FIRST_NAMES}', ' ') AS first, string_to_array('${BEGINNINGS}', ' ') AS beginnings,
        string_to_array('${ENDS}', ' ') AS ends) names
  ) people`

/** Roles and whom they are granted to. */
const ROLES = {
  everybody: 'true',
  'a tenth': 'random() < 0.1',
  'a hundredth': 'random() < 0.01',
  'a hundred': 'random() < 0.0001',
  'the oldest': `created_at < '${after(0.005).toISOString()}'`,
}
type RoleName = keyof typeof ROLES
const roles = {} as Record<RoleName, Id>

/** Groups and who is in them. */
const GROUPS = {
  fifty: 'random() < 0.00005',
  'five thousand': 'random() < 0.005',
  'a tenth': 'random() < 0.1',
  'the oldest': ROLES['the oldest'],
}
type GroupName = keyof typeof GROUPS
const groups = {} as Record<GroupName, Id>

/** As the owner of the schema. What many rows are added to is indexed afterwards, as whoever moves in with many would. */
async function makePeople(): Promise<void> {
  const owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
  await owner.connect()
  try {
    const { rows: indexes } = await owner.query<{ name: string; sql: string }>(
      `SELECT indexname AS name, indexdef AS sql FROM pg_indexes
       WHERE schemaname = 'public' AND tablename IN ('user_search', 'users', 'role_grants', 'group_members') AND indexname !~ '_p?key$'`,
    )
    await owner.query(`DROP INDEX ${indexes.map(({ name }) => name).join(', ')}`)
    // A million look-ups that are not what is measured.
    await owner.query(
      'ALTER TABLE role_grants DROP CONSTRAINT role_grants_user_id_fkey, DROP CONSTRAINT role_grants_role_id_fkey',
    )
    await owner.query('ALTER TABLE group_members DROP CONSTRAINT group_members_user_id_fkey')
    await owner.query('SELECT setseed(0.5)')
    await owner.query(MAKE_PEOPLE, [after(0), after(1), world.clock.now()])
    for (const [name, condition] of Object.entries(ROLES)) {
      const { rows } = await owner.query<{ id: Id }>(
        `INSERT INTO roles (id, name, description, permissions, is_built_in, version, created_at)
         VALUES (gen_random_uuid(), $1, '', '{}', false, 1, now()) RETURNING id`,
        [name],
      )
      roles[name as RoleName] = rows[0]!.id
      await owner.query(
        `INSERT INTO role_grants (id, user_id, role_id, created_at)
         SELECT gen_random_uuid(), id, $1, now() FROM users WHERE ${condition} ORDER BY id`,
        [rows[0]!.id],
      )
    }
    for (const [name, condition] of Object.entries(GROUPS)) {
      const { rows } = await owner.query<{ id: Id }>(
        `INSERT INTO groups (id, name, description, version, created_at)
         VALUES (gen_random_uuid(), $1, '', 1, now()) RETURNING id`,
        [name],
      )
      groups[name as GroupName] = rows[0]!.id
      await owner.query(
        `INSERT INTO group_members (id, group_id, user_id, created_at)
         SELECT gen_random_uuid(), $1, id, now() FROM users WHERE ${condition} ORDER BY id`,
        [rows[0]!.id],
      )
    }
    for (const { sql } of indexes) await owner.query(sql)
    await owner.query('VACUUM ANALYZE users, user_search, role_grants, group_members')
  } finally {
    await owner.end()
  }
}

beforeAll(async () => {
  const start = performance.now()
  await makePeople()
  report(`A million people were made in ${Math.round((performance.now() - start) / 1_000)} s.\n`)
}, 300_000)

const report = (text: string) => process.stderr.write(text)

interface Cost {
  /** Of all statements, in milliseconds. */
  time: number
  /** Pages of 8 KiB that were touched. */
  blocks: number
  /** Which way the rows were found. */
  way: string
  nodes: Plan[]
  rows: UserRow[]
}

/** What a page costs in the database once it is warm: every statement that it takes, carried out as it was sent. */
async function costOf(
  filter: UserFilter,
  order: UserOrder,
  page: PageRequest,
  over: GroupName | null,
): Promise<Cost> {
  let rows: UserRow[] = []
  const sent = await world.sent(async () => {
    rows = (await new UserRepository(asReader(over)).list(filter, order, page)).rows
  })
  let best: Cost | undefined
  for (let round = 0; round < 3; round++) {
    const cost = await world.db.transaction(async (tx): Promise<Cost> => {
      const sum: Cost = { time: 0, blocks: 0, way: '', nodes: [], rows }
      for (const [sql, parameters] of sent) {
        if (sql.startsWith('SET')) await tx.query(sql)
        if (!sql.includes('SELECT')) continue
        const [answer] = await tx.query<{ 'QUERY PLAN': [Explained] }>(
          `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${sql}`,
          [...parameters],
        )
        const [{ Plan: plan, 'Execution Time': time }] = answer!['QUERY PLAN']
        sum.time += time
        sum.blocks += plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
        sum.nodes.push(...flatten(plan))
        sum.way += sum.way === '' ? '' : ', '
        sum.way += `${sql.includes('candidates') ? 'collected' : 'walked'} ${time.toFixed(1)}`
      }
      return sum
    })
    if (!best || cost.time < best.time) best = cost
  }
  return best!
}

/** What took longer than a page should, however busy the machine was. */
const GOAL = 20
const times: number[] = []
const late: string[] = []
afterAll(() =>
  report(
    `${late.length} of ${times.length} pages took more than ${GOAL} ms of the database's time:\n${late.join('')}`,
  ),
)

/** Reads a page, says what it cost, and makes sure that no table was read from one end to the other. */
async function read(
  name: string,
  filter: UserFilter,
  order: UserOrder,
  page: PageRequest = { first: PAGE },
  over: GroupName | null = null,
): Promise<Cost> {
  const cost = await costOf(filter, order, page, over)
  const line =
    `${cost.time.toFixed(1).padStart(7)} ms ${String(cost.blocks).padStart(7)} pages  ` +
    `${name}, ${order.toLowerCase().replace('_', ' ')}: ${cost.way}\n`
  report(line)
  times.push(cost.time)
  if (cost.time > GOAL) late.push(line)
  const tablesRead = cost.nodes
    .filter((node) => node['Node Type'].endsWith('Seq Scan'))
    .map((node) => node['Relation Name'])
  expect([name, order, tablesRead]).toEqual([name, order, []])
  expect(cost.nodes.map((node) => node['Index Name']).join()).toMatch(
    /user_search_|users_|role_grants_|group_members_/,
  )
  return cost
}

/** A place in a list, so many rows into it. */
async function cursorAt(order: UserOrder, depth: number): Promise<string> {
  const sort = {
    [NEWEST_FIRST]: 'created_at DESC, id DESC',
    [OLDEST_FIRST]: 'created_at, id',
    [USERNAME]: 'username',
  }[order]
  const [row] = await world.db.query<{ id: Id; created_at: Date; username: string }>(
    `SELECT id, created_at, username FROM user_search ORDER BY ${sort} LIMIT 1 OFFSET ${depth}`,
  )
  return order === USERNAME
    ? toCursor('user+username', [row!.username])
    : toCursor(`user${order === NEWEST_FIRST ? '-' : '+'}createdAt,id`, [row!.created_at.getTime(), row!.id])
}

/**
 * What the entries that are walked at first and the candidates that are collected lie on at most: a page for each candidate, and
 * four where another table led to it.
 */
const bound = ({ roleId, groupId, lastSeenSince, lastSeenBefore }: UserFilter): number =>
  roleId || groupId || lastSeenSince || lastSeenBefore ? 64_000 : 16_000

test.each(ORDERS)(
  'a page of all people by %s touches as much at any depth, forwards and backwards',
  async (order) => {
    const first = await read('all people', {}, order)
    const costs = [first, await read('all people, the end', {}, order, { last: PAGE })]
    for (const depth of [500_000, PEOPLE - PAGE - 1]) {
      const cursor = await cursorAt(order, depth)
      costs.push(
        await read(`all people after ${depth}`, {}, order, { first: PAGE, after: cursor }),
        await read(`all people before ${depth}`, {}, order, { last: PAGE, before: cursor }),
      )
    }
    for (const { rows, blocks } of costs) {
      expect(rows).toHaveLength(PAGE)
      expect(blocks).toBeLessThan(200)
    }
  },
)

const WORDS = {
  nobody: 'zzyzx',
  one: 'xylophilus',
  'a hundred': 'quetzal',
  'a hundredth': 'featherstone',
  half: 'von der',
}
const DAY = 1 / (5 * 365)

const roleFilters = Object.fromEntries(
  (Object.keys(ROLES) as RoleName[]).map((name) => [`held by ${name}`, () => ({ roleId: roles[name] })]),
)
/** Made when they are asked for, because roles have no id before. */
const FILTERS: Record<string, () => UserFilter> = {
  'usernames with maria': () => ({ usernamePrefix: 'maria' }),
  'usernames with zoe_mul': () => ({ usernamePrefix: 'zoe_mul' }),
  'usernames with o': () => ({ usernamePrefix: 'o' }),
  suspended: () => ({ status: UserStatus.SUSPENDED }),
  active: () => ({ status: UserStatus.ACTIVE }),
  'the last day': () => ({ createdSince: after(1 - DAY) }),
  'the last year': () => ({ createdSince: after(0.8) }),
  'the first year': () => ({ createdBefore: after(0.2) }),
  'a day years ago': () => ({ createdSince: after(0.4), createdBefore: after(0.4 + DAY) }),
  'seen in the last hour': () => ({ lastSeenSince: after(1 - DAY / 24) }),
  'seen in the last day': () => ({ lastSeenSince: after(1 - DAY) }),
  'seen in the last month': () => ({ lastSeenSince: after(1 - 30 * DAY) }),
  'not seen for a day': () => ({ lastSeenBefore: after(1 - DAY) }),
  'not seen for a year': () => ({ lastSeenBefore: after(0.8) }),
  'not seen for almost five years': () => ({ lastSeenBefore: after(0.01) }),
  ...roleFilters,
  'in the group of fifty': () => ({ groupId: groups.fifty }),
  'in the group of a tenth': () => ({ groupId: groups['a tenth'] }),
}

describe('a first page', () => {
  test.each(Object.entries(WORDS))(
    'of people whose names have what those of %s have',
    async (who, search) => {
      for (const order of ORDERS) {
        const { blocks } = await read(`in names of ${who}`, { search }, order)
        expect(blocks).toBeLessThan(bound({ search }))
        const hundred = await read(`in names of ${who}, a hundred`, { search }, order, { first: 100 })
        expect(hundred.blocks).toBeLessThan(bound({ search }))
      }
    },
  )

  test.each(['m', 'ma', 'q', 'xy', 'zz', 'ma pe', 'ma von der qu'])(
    'of people whose names have words that begin with “%s”',
    async (search) => {
      for (const order of ORDERS) {
        const { blocks } = await read(`words with ${search}`, { search }, order)
        expect(blocks).toBeLessThan(bound({ search }))
      }
    },
  )

  test.each(Object.keys(FILTERS))('of those who are %s, with and without words', async (name) => {
    for (const order of ORDERS) {
      const filter = FILTERS[name]!()
      const { blocks } = await read(name, filter, order)
      expect(blocks).toBeLessThan(bound(filter))
      for (const who of ['a hundred', 'a hundredth', 'half'] as const) {
        const narrowed = { ...filter, search: WORDS[who] }
        const searched = await read(`${name}, in names of ${who}`, narrowed, order)
        expect(searched.blocks).toBeLessThan(bound(narrowed))
      }
    }
  })
})

const SCOPED: Record<string, () => UserFilter> = {
  'all people': () => ({}),
  'in names of a hundred': () => ({ search: WORDS['a hundred'] }),
  'in names of a hundredth': () => ({ search: WORDS['a hundredth'] }),
  'in names of half': () => ({ search: WORDS.half }),
  suspended: () => ({ status: UserStatus.SUSPENDED }),
  active: () => ({ status: UserStatus.ACTIVE }),
  'usernames with maria': () => ({ usernamePrefix: 'maria' }),
  'seen in the last month': () => ({ lastSeenSince: after(1 - 30 * DAY) }),
  'held by a hundredth': () => ({ roleId: roles['a hundredth'] }),
}

test.each(Object.keys(GROUPS) as GroupName[])(
  'a page of those whom somebody may find who looks after the group of %s',
  async (over) => {
    for (const order of ORDERS) {
      for (const [name, filter] of Object.entries(SCOPED)) {
        const page = { first: PAGE }
        const { blocks } = await read(`${name}, of the group of ${over}`, filter(), order, page, over)
        expect(blocks).toBeLessThan(64_000)
      }
      const half = { first: PAGE, after: await cursorAt(order, 500_000) }
      const { blocks } = await read(`all after 500000, of the group of ${over}`, {}, order, half, over)
      expect(blocks).toBeLessThan(64_000)
    }
  },
)

test.each(ORDERS)('a page of people who are searched by %s touches as little at any depth', async (order) => {
  for (const depth of [500_000, PEOPLE - 100]) {
    const cursor = await cursorAt(order, depth)
    for (const [who, search] of Object.entries(WORDS)) {
      const onward = { first: PAGE, after: cursor }
      const back = { last: PAGE, before: cursor }
      const costs = [
        await read(`in names of ${who} after ${depth}`, { search }, order, onward),
        await read(`in names of ${who} before ${depth}`, { search }, order, back),
      ]
      for (const { blocks } of costs) expect(blocks).toBeLessThan(bound({ search }))
    }
  }
})

/** What many people meet, none of whom stands near the place in the order. */
const FAR: [string, UserFilter, UserOrder][] = [
  ['the name of a hundredth, all of whom came first', { search: 'oldtimer' }, NEWEST_FIRST],
  ['the name of the half that came first', { search: 'founder' }, NEWEST_FIRST],
  ['a first name', { search: 'maria' }, USERNAME],
  ['a first name in the last year', { search: 'maria', createdSince: after(0.8) }, USERNAME],
]

test.each(FAR)('a page with %s takes a long walk, but along an index', async (name, filter, order) => {
  const { rows, blocks } = await read(name, filter, order)
  expect(rows).toHaveLength(PAGE)
  expect(blocks).toBeLessThan(100_000)
})

/** The end of a suspension lies a day ahead, or is this moment. */
const IS_ACTIVE = `(status = 'active' OR coalesce(suspended_until < current_timestamp + interval '12 hours', false))`
const inGroup = (name: GroupName) =>
  `id IN (SELECT user_id FROM group_members JOIN groups ON groups.id = group_id WHERE name = '${name}')`

/** What each way finds, and how to find it by looking at everybody. */
interface Same {
  filter: () => UserFilter
  /** Of `users`. */
  condition: string
  over?: GroupName
}
const SAME: Same[] = [
  { filter: () => ({ search: 'xylo' }), condition: `display_name ILIKE '%xylo%'` },
  { filter: () => ({ search: 'FEATHERSTONE' }), condition: `display_name ILIKE '%featherstone%'` },
  { filter: () => ({ search: 'oldtimer' }), condition: `display_name ILIKE '%oldtimer%'` },
  { filter: () => ({ search: 'von der' }), condition: `display_name ILIKE '% von der %'` },
  {
    filter: () => ({ search: 'quetzal', status: UserStatus.ACTIVE }),
    condition: `display_name ILIKE '%quetzal%' AND ${IS_ACTIVE}`,
  },
  { filter: () => ({ status: UserStatus.SUSPENDED }), condition: `NOT ${IS_ACTIVE}` },
  {
    filter: () => ({ search: 'featherstone', status: UserStatus.SUSPENDED }),
    condition: `display_name ILIKE '%featherstone%' AND NOT ${IS_ACTIVE}`,
  },
  { filter: () => ({}), condition: inGroup('fifty'), over: 'fifty' },
  {
    filter: () => ({ search: 'featherstone' }),
    condition: `display_name ILIKE '%featherstone%' AND ${inGroup('a tenth')}`,
    over: 'a tenth',
  },
  {
    filter: () => ({ status: UserStatus.SUSPENDED }),
    condition: `NOT ${IS_ACTIVE} AND ${inGroup('five thousand')}`,
    over: 'five thousand',
  },
  {
    filter: () => ({ search: 'featherstone', roleId: roles['a hundredth'] }),
    condition: `display_name ILIKE '%featherstone%' AND id IN (
      SELECT user_id FROM role_grants JOIN roles ON roles.id = role_id WHERE name = 'a hundredth')`,
  },
  {
    filter: () => ({ search: 'featherstone', lastSeenBefore: after(0.02) }),
    condition: `display_name ILIKE '%featherstone%'
      AND coalesce(last_seen_at, created_at) < '${after(0.02).toISOString()}'`,
  },
  {
    filter: () => ({ usernamePrefix: 'lukasz', lastSeenSince: after(1 - 30 * DAY) }),
    condition: `username LIKE 'lukasz%' AND last_seen_at >= '${after(1 - 30 * DAY).toISOString()}'`,
  },
]

test.each(SAME)('those of whom $condition are found as by looking at everybody', async (same) => {
  const { condition, over } = same
  const filter = same.filter()
  for (const [order, sort] of [
    [NEWEST_FIRST, 'created_at DESC, id DESC'],
    [USERNAME, 'username COLLATE "C"'],
  ] as const) {
    const depth = await cursorAt(NEWEST_FIRST, 300_000)
    const { rows } = await new UserRepository(asReader(over)).list(filter, order, { first: 30 })
    const expected = await world.db.query<{ id: Id }>(
      `SELECT id FROM users WHERE ${condition} ORDER BY ${sort} LIMIT 30`,
    )
    expect(rows.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
    if (order !== NEWEST_FIRST) continue
    const onward = await new UserRepository(asReader(over)).list(filter, order, { first: 30, after: depth })
    const further = await world.db.query<{ id: Id }>(
      `SELECT id FROM users WHERE ${condition} AND (created_at, id) <
         (SELECT created_at, id FROM users ORDER BY created_at DESC, id DESC OFFSET 300000 LIMIT 1) ORDER BY ${sort} LIMIT 30`,
    )
    expect(onward.rows.map(({ id }) => id)).toEqual(further.map(({ id }) => id))
  }
})

test('people are counted within the time that a statement may take', async () => {
  const count = async (name: string, filter: UserFilter): Promise<number> => {
    const start = performance.now()
    const counted = await new UserRepository(asReader()).count(filter)
    report(`${(performance.now() - start).toFixed(0).padStart(7)} ms to count ${counted}: ${name}\n`)
    return counted
  }
  expect(await count('all people', {})).toBe(PEOPLE)
  const found = []
  for (const [who, search] of Object.entries(WORDS)) found.push(await count(`in names of ${who}`, { search }))
  expect(found).toEqual([0, 1, 100, 10_000, 500_000])
  for (const [name, filter] of Object.entries(FILTERS)) {
    const all = await count(name, filter())
    expect(await count(`${name}, in names of half`, { ...filter(), search: WORDS.half })).toBeLessThan(all)
  }
})
