import { newId, type Id } from '../../src/core/id'
import { SECOND } from '../../src/core/clock'
import {
  KEPT_CHANGES,
  MAX_DEVICES,
  PreferenceRepository,
  type Change,
  type Owner,
} from '../../src/modules/preference/preference.repository'
import { useWorld } from '../support/world'

const world = useWorld()

const change = (given: Partial<Change>): Change => ({
  id: newId(),
  key: 'theme',
  number: 1,
  deviceId: null,
  before: null,
  after: 'dark',
  changedById: null,
  changedAt: world.clock.now(),
  ...given,
})

test('preferences: every question, after every step', async () => {
  const [one, other] = [await world.person(), await world.person()]
  const [first, second] = [await world.group(one), await world.group(one, other)]
  const preferences = new PreferenceRepository(world.db)
  const updatedAt = world.clock.now()
  const nameOf = (id: Id | null) =>
    ({ [one.id]: 'one', [other.id]: 'other', [first]: 'first', [second]: 'second' })[id!]
  const levels = async (deviceIds: string[] = [], deviceOwner: Id | null = one.id) =>
    (await preferences.levelsOf([one.id, other.id], deviceIds, deviceOwner)).map(
      ({ userId, level, deviceId, groupId, key, value }) =>
        [
          nameOf(userId),
          level,
          deviceId ?? nameOf(groupId),
          key,
          value === undefined ? undefined : String(value as string),
        ]
          .filter((each) => each !== undefined)
          .join(' '),
    )
  const save = (owner: Owner, given: Record<string, unknown>, version = 1) =>
    preferences.save(
      owner,
      Object.entries(given).map(([key, value]) => ({ key, value, updatedAt, version })),
    )
  expect(await levels(['phone'])).toEqual([])
  expect(await preferences.ofGroups([first, second])).toEqual([])
  expect(await preferences.stateOf({ userId: one.id }, null)).toEqual([])

  await save({ userId: one.id }, { theme: 'dark', pageSize: 5 })
  await save({ userId: other.id }, { theme: 'light' })
  expect((await levels()).sort()).toEqual([
    'one person pageSize 5',
    'one person theme dark',
    'other person theme light',
  ])

  await preferences.setOnDevice(one.id, 'phone', [{ key: 'theme', value: 'light' }], updatedAt)
  await preferences.setOnDevice(other.id, 'phone', [{ key: 'theme', value: 'dark' }], updatedAt)
  expect(await levels()).toHaveLength(3)
  expect((await levels(['phone'])).filter((each) => each.includes('device'))).toEqual([
    'one device phone theme light',
  ])
  expect(await levels(['phone'], null)).toHaveLength(3)

  await save({ groupId: second }, { theme: 'system', pageSize: 7 })
  await save({ groupId: first }, { theme: 'dark' })
  const ofGroups = (await levels()).filter((each) => each.includes('group'))
  // Whoever is in several groups has the word of the one that they joined first before the others.
  expect(ofGroups.find((each) => each.startsWith('one'))).toBe('one group first theme dark')
  expect(ofGroups.sort()).toEqual([
    'one group first theme dark',
    ...['one group second pageSize 7', 'one group second theme system'],
    ...['other group second pageSize 7', 'other group second theme system'],
  ])
  expect(await preferences.standingOf(other.id)).toEqual([
    expect.objectContaining({ groupId: second, key: 'theme', version: 1 }),
    expect.objectContaining({ groupId: second, key: 'pageSize', version: 1 }),
  ])

  await save({ groupId: second }, { theme: null }, 2)
  expect((await levels()).filter((each) => each.includes('second')).sort()).toEqual([
    'one group second pageSize 7',
    'other group second pageSize 7',
  ])
  expect(await preferences.stateOf({ groupId: second }, ['theme'])).toEqual([
    { key: 'theme', deviceId: null, value: null, updatedAt, version: 2 },
  ])
  expect(await preferences.ofGroups([first])).toEqual([
    { groupId: first, key: 'theme', value: 'dark', updatedAt, version: 1 },
  ])

  expect(await preferences.stateOf({ userId: one.id }, ['theme'])).toEqual([
    { key: 'theme', deviceId: null, value: 'dark', updatedAt, version: 1 },
    { key: 'theme', deviceId: 'phone', value: 'light', updatedAt, version: 0 },
  ])
  expect(await preferences.stateOf({ userId: one.id }, null)).toHaveLength(3)

  await preferences.removeFromDevices(one.id, [{ deviceId: 'phone', key: 'theme' }])
  expect(await preferences.stateOf({ userId: one.id }, ['theme'])).toHaveLength(1)
  expect(await preferences.stateOf({ userId: other.id }, ['theme'])).toHaveLength(2)
})

test('of more devices than somebody can have, the one that was left alone for the longest goes', async () => {
  const [person, other] = [await world.person(), await world.person()]
  const preferences = new PreferenceRepository(world.db)
  const set = async (userId: Id, deviceId: string) => {
    world.clock.advance(SECOND)
    await preferences.setOnDevice(userId, deviceId, [{ key: 'theme', value: 'dark' }], world.clock.now())
  }
  await set(other.id, 'one')
  for (let index = 1; index <= MAX_DEVICES; index++) await set(person.id, `device ${index}`)
  // It is used again, so another one is the oldest.
  await set(person.id, 'device 1')
  await set(person.id, 'a new one')
  const devices = (await preferences.stateOf({ userId: person.id }, null)).map(({ deviceId }) => deviceId)
  expect(devices).toHaveLength(MAX_DEVICES)
  expect(devices).toEqual(expect.arrayContaining(['device 1', 'device 3', 'a new one']))
  expect(devices).not.toContain('device 2')
  expect(await preferences.stateOf({ userId: other.id }, null)).toHaveLength(1)
})

test.each(['person', 'group'])('of each preference of a %s the last changes are kept', async (kind) => {
  const person = await world.person()
  const owner: Owner = kind === 'person' ? { userId: person.id } : { groupId: await world.group() }
  const [table, column, id] =
    'userId' in owner
      ? ['preference_changes', 'user_id', owner.userId]
      : ['group_preference_changes', 'group_id', owner.groupId]
  const preferences = new PreferenceRepository(world.db)
  const numbers = async (key: string) =>
    (
      await world.db.query<{ number: number }>(
        `SELECT number FROM ${table} WHERE ${column} = $1 AND key = $2 ORDER BY number`,
        [id, key],
      )
    ).map(({ number }) => number)
  await preferences.addChanges(owner, [change({ key: 'pageSize' })])
  for (let number = 1; number <= KEPT_CHANGES; number++)
    await preferences.addChanges(owner, [change({ number })])
  expect(await numbers('theme')).toHaveLength(KEPT_CHANGES)
  await preferences.addChanges(owner, [
    change({ number: KEPT_CHANGES + 1 }),
    change({ number: KEPT_CHANGES + 2 }),
  ])
  const kept = await numbers('theme')
  expect(kept).toHaveLength(KEPT_CHANGES)
  expect([kept[0], kept.at(-1)]).toEqual([3, KEPT_CHANGES + 2])
  expect(await numbers('pageSize')).toEqual([1])
})

test.each([
  'text',
  '',
  '"quoted" \\ {braces}, NULL',
  'null',
  'é 😀 \n',
  0,
  -1.5,
  1e21,
  true,
  false,
  [1, 'two', [null]],
  { a: { b: ['{}'] }, '"': '\\' },
])('%j is read as it was written, at every level and in the history', async (value) => {
  const { id: userId } = await world.person()
  const preferences = new PreferenceRepository(world.db)
  const updatedAt = world.clock.now()
  await preferences.save({ userId }, [{ key: 'anything', value, updatedAt, version: 1 }])
  await preferences.setOnDevice(userId, 'phone', [{ key: 'anything', value }], updatedAt)
  const state = await preferences.stateOf({ userId }, null)
  expect(state.map((row) => row.value)).toEqual([value, value])
  await preferences.addChanges({ userId }, [change({ before: value, after: value })])
  const kept = await world.db.query('SELECT before, after FROM preference_changes WHERE user_id = $1', [
    userId,
  ])
  expect(kept).toEqual([{ before: value, after: value }])
})

test('those of newcomers are added for many at once', async () => {
  const [one, other] = [await world.person(), await world.person()]
  const preferences = new PreferenceRepository(world.db)
  await preferences.add(
    [
      { userId: one.id, key: 'theme', value: 'dark' },
      { userId: other.id, key: 'theme', value: 'light' },
      { userId: other.id, key: 'pageSize', value: 5 },
    ],
    world.clock.now(),
  )
  const rows = await preferences.levelsOf([one.id, other.id], [], null)
  expect(rows.map(({ value, version }) => [value, version])).toEqual(
    expect.arrayContaining([
      ['dark', 1],
      ['light', 1],
      [5, 1],
    ]),
  )
})
