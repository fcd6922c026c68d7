import { toGlobalId, type Id } from '../../src/core/id'
import { toCursor } from '../../src/core/page'
import { listOf, preferencesTopic } from '../../src/modules/preference/preferences-changed'
import { beginningOf, follow } from '../support/follower'
import { startSecondProcess } from '../support/second-process'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const FOLLOW = `subscription ($after: String, $deviceId: String) {
  viewerPreferencesChanged(after: $after, deviceId: $deviceId) { cursor preferences { key value source } }
}`

interface Told {
  cursor: string
  preferences: { key: string; value: unknown; source: string }[]
}

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const end of open.splice(0)) await end()
})

let admin: Person
beforeAll(async () => {
  admin = await world.person({ role: 'admin' })
})

/** How many there are: all are told to whoever comes with a cursor from before something that nobody can name. */
const ALL = 15

/** Follows from before anything was known of one's groups, so that the first that is told says that it has begun. */
async function followOwn(
  person: Person,
  { at = world, deviceId }: { at?: { url: string }; deviceId?: string } = {},
) {
  const after = toCursor(listOf(person.id), [await lastOwn(person), ''])
  const follower = follow<Told>(at, person, FOLLOW, { after, deviceId })
  open.push(follower.end)
  await until(() => follower.told.length === 1)
  expect(follower.told.splice(0)[0]!.preferences).toHaveLength(ALL)
  return follower
}

/** The place of the last event of one's own. */
async function lastOwn({ id }: Person): Promise<string> {
  const topic = preferencesTopic(id)
  const [row] = await world.db.query<{ last: string }>(
    'SELECT last_number AS last FROM stream_topics WHERE name = $1',
    [topic],
  )
  return row ? toCursor(`stream:${topic}`, [Number(row.last)]) : beginningOf(topic)
}

const said = (told: readonly Told[]) =>
  told.map(({ preferences }) =>
    preferences.map(({ key, value, source }) => `${key} ${String(value)} ${source}`).join(', '),
  )

const run = async ({ api }: Person, mutation: string, input: object) => {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`
  const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { code message } } }`
  expect((await api.data(document, { input }))[mutation].userErrors).toEqual([])
}

const listed = (values: object) =>
  Object.entries(values).map(([key, value]) => ({ key, value: value as unknown }))
const set = (person: Person, values: object, deviceId?: string) =>
  run(person, 'setPreferences', { preferences: listed(values), deviceId })
const setForGroup = (groupId: Id, values: object) =>
  run(admin, 'setGroupPreferences', { groupId: toGlobalId('group', groupId), preferences: listed(values) })
const membership = (mutation: 'addGroupMember' | 'removeGroupMember', groupId: Id, person: Person) =>
  run(admin, mutation, { groupId: toGlobalId('group', groupId), userId: person.globalId })

describe('viewerPreferencesChanged', () => {
  test('tells each of a person’s devices once what is set on another, on whichever process they are', async () => {
    const [person, other] = [await world.person(), await world.person()]
    const second = await startSecondProcess(world)
    open.push(() => second.stop())
    const here = await followOwn(person)
    const there = await followOwn(person, { at: { url: `${second.url}/graphql` } })
    const others = await followOwn(other)
    await set(person, { theme: 'dark', pageSize: 50 })
    await set(person, { theme: 'light' })
    await run(person, 'resetPreferences', { preferences: { keys: ['pageSize'] } })
    await until(() => [here, there].every(({ told }) => told.length === 3))
    for (const { told } of [here, there])
      expect(said(told).slice(1)).toEqual(['theme light PERSON', 'pageSize 20 BUILT_IN'])
    // What it says is what is so when it is told.
    expect(here.told[0]!.preferences.map(({ key }) => key)).toEqual(['theme', 'pageSize'])
    expect(others.told).toEqual([])
  })

  test('tells what is set on a device to that device alone, and what it then has', async () => {
    const person = await world.person()
    const [phone, laptop] = [
      await followOwn(person, { deviceId: 'phone' }),
      await followOwn(person, { deviceId: 'laptop' }),
    ]
    await set(person, { theme: 'dark' }, 'phone')
    await set(person, { theme: 'light' })
    await until(() => phone.told.length === 2 && laptop.told.length === 1)
    expect(said(phone.told)).toEqual(['theme dark DEVICE', 'theme dark DEVICE'])
    expect(said(laptop.told)).toEqual(['theme light PERSON'])
    await run(person, 'resetPreferences', { preferences: { all: true }, on: 'DEVICE' })
    await until(() => phone.told.length === 3 && laptop.told.length === 2)
    expect(said(phone.told.slice(2))).toEqual(['theme light PERSON'])
  })

  test('goes on after a cursor, and misses nothing of one’s own', async () => {
    const person = await world.person()
    const first = await followOwn(person)
    await set(person, { theme: 'dark' })
    await until(() => first.told.length === 1)
    await first.end()
    await set(person, { pageSize: 50 })
    await set(person, { language: 'de' })
    const again = follow<Told>(world, person, FOLLOW, { after: first.told[0]!.cursor })
    open.push(again.end)
    await until(() => again.told.length === 2)
    expect(said(again.told)).toEqual(['pageSize 50 PERSON', 'language de PERSON'])
  })

  test.each([
    ['of somebody else', (person: Person) => toCursor(listOf(person.sessionId), ['', ''])],
    ['of another list', (person: Person) => beginningOf(preferencesTopic(person.id))],
    ['with something else in it', (person: Person) => toCursor(listOf(person.id), [5, null])],
    ['that is none', () => 'nonsense'],
  ])('refuses a cursor %s', async (_what, cursorOf) => {
    const person = await world.person()
    const follower = follow<Told>(world, person, FOLLOW, { after: cursorOf(person) })
    open.push(follower.end)
    await until(() => follower.codes.length > 0)
    expect(follower.codes).toEqual(['BAD_USER_INPUT'])
  })
})

describe('what a group says reaches its members', () => {
  test('with one message, however many they are, on whichever process, and nobody else', async () => {
    const members = await Promise.all(Array.from({ length: 4 }, () => world.person()))
    const outsider = await world.person()
    const groupId = await world.group(...members)
    const second = await startSecondProcess(world)
    open.push(() => second.stop())
    const followers = await Promise.all(
      members.map((person, index) =>
        followOwn(person, { at: index % 2 ? world : { url: `${second.url}/graphql` } }),
      ),
    )
    const theirs = await followOwn(outsider)
    await set(members[0]!, { pageSize: 10 })
    await until(() => followers[0]!.told.length === 1)
    const events = () => world.db.query<{ count: number }>('SELECT count(*)::int AS count FROM stream_events')
    const before = await events()
    const statements = await world.statements(() => setForGroup(groupId, { theme: 'dark', pageSize: 50 }))
    expect(statements.filter((sql) => sql.includes('pg_notify'))).toHaveLength(1)
    await until(() => followers.every(({ told }) => told.length > 0) && followers[0]!.told.length === 2)
    expect(await events()).toEqual(before)
    for (const { told } of followers.slice(1))
      expect(said(told)).toEqual(['theme dark GROUP, pageSize 50 GROUP'])
    expect(said(followers[0]!.told)).toEqual(['pageSize 10 PERSON', 'theme dark GROUP, pageSize 10 PERSON'])
    expect(theirs.told).toEqual([])
    await setForGroup(groupId, { theme: 'dark', pageSize: 30 })
    await until(() => followers[1]!.told.length === 2)
    expect(said(followers[1]!.told)[1]).toBe('pageSize 30 GROUP')
  })

  test('also when they join, when they leave, and when the group is deleted', async () => {
    const person = await world.person()
    const groupId = await world.group()
    await setForGroup(groupId, { theme: 'dark' })
    const follower = await followOwn(person)
    await membership('addGroupMember', groupId, person)
    await until(() => follower.told.length === 1)
    // Of a group that was joined a moment ago, too.
    await setForGroup(groupId, { theme: 'light' })
    await until(() => follower.told.length === 2)
    await membership('removeGroupMember', groupId, person)
    await until(() => follower.told.length === 3)
    await setForGroup(groupId, { theme: 'dark' })
    await membership('addGroupMember', groupId, person)
    await until(() => follower.told.length === 4)
    await run(admin, 'deleteGroup', { groupId: toGlobalId('group', groupId) })
    await until(() => follower.told.length === 5)
    expect(said(follower.told)).toEqual([
      'theme dark GROUP',
      'theme light GROUP',
      'theme system BUILT_IN',
      'theme dark GROUP',
      'theme system BUILT_IN',
    ])
  })

  test('whoever comes back is told everything where a group has said something else meanwhile, and nothing where not', async () => {
    const person = await world.person()
    const groupId = await world.group(person)
    const first = await followOwn(person)
    await set(person, { pageSize: 10 })
    await until(() => first.told.length === 1)
    await first.end()
    const after = first.told[0]!.cursor

    const same = follow<Told>(world, person, FOLLOW, { after })
    open.push(same.end)
    await set(person, { pageSize: 11 })
    await until(() => same.told.length === 1)
    expect(said(same.told)).toEqual(['pageSize 11 PERSON'])
    await same.end()

    await setForGroup(groupId, { theme: 'dark' })
    const again = follow<Told>(world, person, FOLLOW, { after })
    open.push(again.end)
    await until(() => again.told.length === 2)
    expect(again.told[0]!.preferences).toHaveLength(ALL)
    expect(said(again.told)[0]).toContain('theme dark GROUP')
    expect(said(again.told)[1]).toBe('pageSize 11 PERSON')
  })

  test('after the connection was lost over which it is told', async () => {
    const person = await world.person()
    const groupId = await world.group(person)
    const follower = await followOwn(person)
    const ended = await world.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'portico-listen' AND datname = current_database() AND pid <> pg_backend_pid()`,
    )
    expect(ended.length).toBeGreaterThan(0)
    await setForGroup(groupId, { theme: 'dark' })
    await set(person, { pageSize: 10 })
    await until(() => follower.told.length === 2)
    expect(said(follower.told).sort()).toEqual(['pageSize 10 PERSON', 'theme dark GROUP'])
  })
})

test('a default that the application gives after an update is told to whoever comes back', async () => {
  const person = await world.person()
  const first = await followOwn(person)
  await set(person, { pageSize: 10 })
  await until(() => first.told.length === 1)
  const definitions = new Map(world.db.tools.preferences)
  definitions.set('theme', { ...definitions.get('theme')!, default: 'dark', isDefaultOfApplication: true })
  const updated = await startSecondProcess(world, { preferences: definitions })
  open.push(() => updated.stop())
  const again = follow<Told>({ url: `${updated.url}/graphql` }, person, FOLLOW, {
    after: first.told[0]!.cursor,
  })
  open.push(again.end)
  await until(() => again.told.length === 1)
  expect(said(again.told)[0]).toContain('theme dark APPLICATION')
})

test('many changes at once by many end in what is so, for each who follows', async () => {
  const person = await world.person()
  const groupId = await world.group(person)
  const followers = [await followOwn(person), await followOwn(person)]
  await Promise.all([
    ...[10, 20, 30, 40].map((pageSize) => set(person, { pageSize })),
    ...['light', 'dark', 'light', 'dark'].map((theme) => setForGroup(groupId, { theme })),
    ...['12h', '24h', '12h'].map((timeFormat) => set(person, { timeFormat })),
  ])
  const query = '{ viewer { preferences { key value } } }'
  const { preferences } = (await person.api.data(query)).viewer
  const isSo = new Map<string, unknown>(
    preferences.map(({ key, value }: { key: string; value: unknown }) => [key, value]),
  )
  const lastTold = ({ told }: { told: readonly Told[] }, key: string) =>
    told.flatMap((event) => event.preferences).findLast((each) => each.key === key)?.value
  for (const follower of followers)
    for (const key of ['pageSize', 'theme', 'timeFormat'])
      await until(() => lastTold(follower, key) === isSo.get(key))
})
