import { MINUTE } from '../../src/core/clock'
import { toGlobalId, type Id } from '../../src/core/id'
import { storedAccessToken } from '../support/access-token'
import { ApiClient } from '../support/api-client'
import { useWorld, type Person } from '../support/world'

/** What an application registers: another default for one of Portico's, and some of its own. */
const world = useWorld({
  PREFERENCES: JSON.stringify([
    { key: 'weekStart', default: 'sunday' },
    {
      key: 'editor.fontSize',
      description: 'How large the text of the editor is.',
      schema: { type: 'integer', minimum: 8, maximum: 40 },
      default: 14,
      isForDevices: true,
      isForGroups: true,
    },
    {
      key: 'editor.keys.mode',
      description: 'Which keys the editor listens to.',
      schema: { type: 'string', enum: ['plain', 'vim'] },
      default: 'plain',
    },
    {
      key: 'quietHours',
      description: 'When nobody calls.',
      schema: {
        anyOf: [
          { const: false },
          {
            type: 'object',
            properties: { from: { type: 'integer', minimum: 0, maximum: 23 }, to: { type: 'integer' } },
            required: ['from', 'to'],
            additionalProperties: false,
          },
        ],
      },
      default: false,
    },
  ]),
})

interface Preference {
  key: string
  value: unknown
  source: string
  version: number
}

const PREFERENCE = 'key value source inheritedValue defaultValue updatedAt version'

const read = async (person: Person, key: string, deviceId?: string) => {
  const query = `query ($key: String!, $deviceId: String) {
    viewer { preference(key: $key, deviceId: $deviceId) { ${PREFERENCE} namespace isForDevices isForGroups group { name } } }
  }`
  return (await person.api.data(query, { key, deviceId })).viewer.preference
}

/** Value and source alone. */
const says = async (person: Person, key: string, deviceId?: string) => {
  const { value, source } = await read(person, key, deviceId)
  return [value, source]
}

const ask = async (
  person: Person,
  mutation: string,
  input: object,
  select = `preferences { ${PREFERENCE} }`,
) => {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`
  const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${select} userErrors { code field message } } }`
  return (await person.api.data(document, { input }))[mutation]
}

const set = (person: Person, values: object, deviceId?: string) =>
  ask(person, 'setPreferences', { preferences: listOf(values), deviceId })
const reset = (person: Person, preferences: object, where: object = {}) =>
  ask(person, 'resetPreferences', { preferences, ...where })
const setForGroup = (person: Person, groupId: Id, values: object) =>
  ask(
    person,
    'setGroupPreferences',
    { groupId: toGlobalId('group', groupId), preferences: listOf(values) },
    'group { id }',
  )

const listOf = (values: object) =>
  Object.entries(values).map(([key, value]) => ({ key, value: value as unknown }))

const historyOf = async (person: Person, key?: string) => {
  const query = `query ($key: String) { viewer { preferenceHistory(key: $key, first: 100) {
    totalCount edges { node { id key number deviceId before after changedAt changedBy { username } } } } } }`
  const { preferenceHistory } = (await person.api.data(query, { key })).viewer
  expect(preferenceHistory.totalCount).toBe(preferenceHistory.edges.length)
  return preferenceHistory.edges.map(({ node }: { node: unknown }) => node)
}

let admin: Person
beforeAll(async () => {
  admin = await world.person({ role: 'admin' })
})

describe('a preference is what the nearest level says', () => {
  test('Portico, the application, a group, the person, the device: each goes before the ones before', async () => {
    const person = await world.person()
    expect(await says(person, 'theme')).toEqual(['system', 'BUILT_IN'])
    expect(await says(person, 'weekStart')).toEqual(['sunday', 'APPLICATION'])
    expect(await says(person, 'editor.fontSize', 'phone')).toEqual([14, 'APPLICATION'])

    const groupId = await world.group(person)
    await setForGroup(admin, groupId, { 'editor.fontSize': 16, theme: 'light' })
    expect(await says(person, 'editor.fontSize', 'phone')).toEqual([16, 'GROUP'])
    expect(await says(person, 'theme')).toEqual(['light', 'GROUP'])

    await set(person, { 'editor.fontSize': 18 })
    expect(await says(person, 'editor.fontSize', 'phone')).toEqual([18, 'PERSON'])

    await set(person, { 'editor.fontSize': 20 }, 'phone')
    expect(await says(person, 'editor.fontSize', 'phone')).toEqual([20, 'DEVICE'])
    expect(await says(person, 'editor.fontSize', 'laptop')).toEqual([18, 'PERSON'])
    expect(await says(person, 'editor.fontSize')).toEqual([18, 'PERSON'])
    expect(await read(person, 'editor.fontSize', 'phone')).toMatchObject({
      namespace: 'editor',
      inheritedValue: 16,
      defaultValue: 14,
      isForDevices: true,
      isForGroups: true,
      version: 2,
      group: null,
    })
  })

  test('of several groups the one says it in which the person has been the longest, and the person is told which', async () => {
    const person = await world.person()
    const groups = [await world.group(person), await world.group(person), await world.group(person)]
    // The last one that was made was joined first.
    for (const [index, groupId] of [...groups].reverse().entries())
      await world.db.query('UPDATE group_members SET created_at = $2 WHERE group_id = $1', [
        groupId,
        new Date(world.clock.now().getTime() + index * MINUTE),
      ])
    await setForGroup(admin, groups[0]!, { theme: 'light' })
    await setForGroup(admin, groups[1]!, { theme: 'dark', pageSize: 30 })
    expect(await says(person, 'theme')).toEqual(['dark', 'GROUP'])
    const [group] = await world.db.query<{ name: string }>('SELECT name FROM groups WHERE id = $1', [
      groups[1],
    ])
    expect((await read(person, 'theme')).group).toEqual(group)
    // The first of all says nothing of it, until it does.
    await setForGroup(admin, groups[2]!, { theme: 'system' })
    expect(await says(person, 'theme')).toEqual(['system', 'GROUP'])
    expect(await says(person, 'pageSize')).toEqual([30, 'GROUP'])
    await world.db.query('DELETE FROM group_members WHERE group_id = $1', [groups[2]])
    expect(await says(person, 'theme')).toEqual(['dark', 'GROUP'])
    await ask(admin, 'deleteGroup', { groupId: toGlobalId('group', groups[1]!) }, 'deletedGroupId')
    expect(await says(person, 'theme')).toEqual(['light', 'GROUP'])
  })

  test('what was set and is not allowed any more is passed over, and not lost', async () => {
    const person = await world.person()
    await set(person, { 'editor.fontSize': 20 }, 'phone')
    await set(person, { 'editor.fontSize': 18 })
    await world.db.query(`UPDATE device_preferences SET value = '99' WHERE user_id = $1`, [person.id])
    expect(await says(person, 'editor.fontSize', 'phone')).toEqual([18, 'PERSON'])
    await world.db.query(`UPDATE preferences SET value = '"large"' WHERE user_id = $1`, [person.id])
    expect(await says(person, 'editor.fontSize', 'phone')).toEqual([14, 'APPLICATION'])
    const kept = await world.db.query('SELECT value FROM preferences WHERE user_id = $1', [person.id])
    expect(kept).toEqual([{ value: 'large' }])
  })

  test('those of a namespace are listed with those within it', async () => {
    const { api } = await world.person()
    const query = 'query ($namespace: String) { viewer { preferences(namespace: $namespace) { key } } }'
    const keys = async (namespace?: string) =>
      (await api.data(query, { namespace })).viewer.preferences.map(({ key }: Preference) => key)
    expect(await keys('editor')).toEqual(['editor.fontSize', 'editor.keys.mode'])
    expect(await keys('editor.keys')).toEqual(['editor.keys.mode'])
    expect(await keys('notifications')).toEqual(
      (await keys()).filter((key: string) => key.startsWith('notifications.')),
    )
    expect(await keys('notifications')).toContain('notifications.digest')
    expect(await keys('edit')).toEqual([])
    expect(await keys()).toHaveLength(18)
  })

  test('what cannot be set on a device, or for a group, is refused with what to do', async () => {
    const person = await world.person()
    expect(await set(person, { language: 'de', theme: 'dark' }, 'phone')).toEqual({
      preferences: null,
      userErrors: [
        {
          code: 'INVALID',
          field: ['preferences', '0', 'key'],
          message: 'This preference is the same on all devices; leave `deviceId` out.',
        },
      ],
    })
    expect(await says(person, 'theme', 'phone')).toEqual(['system', 'BUILT_IN'])
    const { userErrors } = await setForGroup(admin, await world.group(person), {
      reducedMotion: true,
      'editor.fontSize': 3,
      'editor.fontsize': 9,
    })
    expect(userErrors).toEqual([
      {
        code: 'INVALID',
        field: ['preferences', '0', 'key'],
        message: 'This preference is not one that a group can have.',
      },
      {
        code: 'INVALID',
        field: ['preferences', '1', 'value'],
        message: 'Use a whole number from 8 to 40.',
      },
      {
        code: 'NOT_FOUND',
        field: ['preferences', '2', 'key'],
        message: 'There is no such preference. Did you mean "editor.fontSize"?',
      },
    ])
  })

  test.each(['', 'a b', 'x'.repeat(65), 'é'])('a device is not called %j', async (deviceId) => {
    const person = await world.person()
    const { userErrors } = await set(person, { theme: 'dark' }, deviceId)
    expect(userErrors).toMatchObject([{ field: ['deviceId'] }])
    const query = 'query ($deviceId: String) { viewer { preferences(deviceId: $deviceId) { key } } }'
    expect(await person.api.errorCode(query, { deviceId })).toBe('BAD_USER_INPUT')
  })
})

describe('what is set on a device is for nobody but its owner', () => {
  const ON_DEVICE = `query ($id: ID!) { user(id: $id) {
    preference(key: "theme", deviceId: "phone") { value source group { name } }
    preferenceHistory { totalCount edges { node { deviceId after } } } } }`

  test('not for staff who may read preferences, nor for whoever acts as the person', async () => {
    const person = await world.person()
    const groupId = await world.group(person)
    await setForGroup(admin, groupId, { theme: 'light' })
    await set(person, { theme: 'dark' }, 'phone')
    const own = (await person.api.data(ON_DEVICE, { id: person.globalId })).user
    expect(own).toMatchObject({ preference: { value: 'dark' }, preferenceHistory: { totalCount: 1 } })

    const staff = await world.person({ permissions: ['preferences:read'] })
    await world.join(groupId, staff)
    const impersonation = await world.person({ permissions: ['users:impersonate', 'preferences:read'] })
    const start = `mutation ($id: ID!) { startImpersonation(input: { userId: $id, reason: "Helps with a ticket" }) { token userErrors { message } } }`
    const { token } = (await impersonation.api.data(start, { id: person.globalId })).startImpersonation
    for (const api of [staff.api, admin.api, new ApiClient(world.url, token)]) {
      const { user } = await api.data(ON_DEVICE, { id: person.globalId })
      expect(user).toEqual({
        // That somebody is in a group is for `groups:read` to see.
        preference: { value: 'light', source: 'GROUP', group: null },
        preferenceHistory: { totalCount: 0, edges: [] },
      })
    }
  })

  test('two people who call their devices alike share nothing', async () => {
    const [one, other] = [await world.person(), await world.person()]
    await set(one, { theme: 'dark' }, 'phone')
    expect(await says(other, 'theme', 'phone')).toEqual(['system', 'BUILT_IN'])
    await reset(other, { all: true }, { on: 'DEVICE' })
    expect(await says(one, 'theme', 'phone')).toEqual(['dark', 'DEVICE'])
  })

  test('an access token of its owner sets it as well', async () => {
    const person = await world.person()
    const { api } = await storedAccessToken(world, person.id)
    await set({ ...person, api }, { theme: 'dark' }, 'phone')
    expect(await says(person, 'theme', 'phone')).toEqual(['dark', 'DEVICE'])
  })
})

describe('optimistic concurrency', () => {
  test('a version that is not the current one is a conflict that says what is there, and nothing is set', async () => {
    const person = await world.person()
    const answer = await set(person, { theme: 'dark' })
    expect(answer.preferences).toMatchObject([{ key: 'theme', version: 1 }])
    const input = (expectedVersion: number) => ({
      preferences: [
        { key: 'pageSize', value: 50, expectedVersion: 0 },
        { key: 'theme', value: 'light', expectedVersion },
      ],
    })
    const document = `mutation ($input: SetPreferencesInput!) { setPreferences(input: $input) { preferences { key version } userErrors { code } } }`
    const { errors } = await person.api.send(document, { input: input(0) })
    expect(errors![0]!.extensions).toMatchObject({
      code: 'CONFLICT',
      currentVersion: 1,
      current: { key: 'theme', value: 'dark' },
    })
    expect(await says(person, 'pageSize')).toEqual([20, 'BUILT_IN'])
    const { setPreferences } = await person.api.data(document, { input: input(1) })
    expect(setPreferences.preferences).toEqual([
      { key: 'theme', version: 2 },
      { key: 'pageSize', version: 1 },
    ])
  })

  test('it counts what is set on devices, and goes on counting after a reset', async () => {
    const person = await world.person()
    await set(person, { theme: 'dark' }, 'phone')
    await set(person, { theme: 'dark' })
    await reset(person, { keys: ['theme'] })
    expect(await read(person, 'theme')).toMatchObject({ value: 'system', version: 3, updatedAt: null })
    await set(person, { theme: 'dark' })
    expect((await read(person, 'theme')).version).toBe(4)
  })

  test('of many who set it on top of the same version, one does', async () => {
    const person = await world.person()
    const sizes = [10, 20, 30, 40, 50, 60]
    const outcomes = await Promise.all(
      sizes.map((value) =>
        person.api
          .send(
            `mutation ($value: JSON!) { setPreferences(input: { preferences: [{ key: "pageSize", value: $value, expectedVersion: 0 }] }) { userErrors { code } } }`,
            { value },
          )
          .then(({ errors }) => errors?.[0]?.extensions.code ?? 'done'),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'CONFLICT')).toHaveLength(sizes.length - 1)
    expect(await historyOf(person)).toHaveLength(1)
  })

  test('setting what is set already changes nothing and records nothing', async () => {
    const person = await world.person()
    await set(person, { theme: 'dark' })
    const [, answer] = [await historyOf(person), await set(person, { theme: 'dark' })]
    expect(answer.preferences).toMatchObject([{ key: 'theme', value: 'dark', version: 1 }])
    expect(await historyOf(person)).toHaveLength(1)
    const events = await world.db.query(
      `SELECT FROM audit_events WHERE action = 'preferences.updated' AND actor_id = $1`,
      [person.id],
    )
    expect(events).toHaveLength(1)
  })
})

test('a value that is an object is set in a document as in the variables, and is the same to both', async () => {
  const person = await world.person()
  await set(person, { quietHours: { to: 7, from: 22 } })
  const literal = (value: string) =>
    person.api.data(
      `mutation { setPreferences(input: { preferences: [{ key: "quietHours", value: ${value} }] }) { preferences { value version } userErrors { message } } }`,
    )
  expect((await literal('{ from: 22, to: 7 }')).setPreferences).toEqual({
    preferences: [{ value: { from: 22, to: 7 }, version: 1 }],
    userErrors: [],
  })
  expect((await literal('{ from: 24, to: 7 }')).setPreferences.userErrors).toEqual([
    { message: 'Use false, or an object with from, to.' },
  ])
  expect((await literal('{ from: 23, to: 7 }')).setPreferences.preferences).toMatchObject([{ version: 2 }])
})

describe('the history', () => {
  test('tells what became of each preference, from what to what, when and by whom, the latest first', async () => {
    const person = await world.person()
    await set(person, { theme: 'dark', pageSize: 50 })
    await set(person, { theme: 'light' }, 'phone')
    await set(person, { theme: 'system' })
    await reset(person, { keys: ['theme'] })
    const by = {
      changedBy: { username: person.username },
      id: expect.any(String),
      changedAt: expect.any(String),
    }
    expect(await historyOf(person, 'theme')).toEqual([
      { ...by, key: 'theme', number: 4, deviceId: null, before: 'system', after: null },
      { ...by, key: 'theme', number: 3, deviceId: null, before: 'dark', after: 'system' },
      { ...by, key: 'theme', number: 2, deviceId: 'phone', before: null, after: 'light' },
      { ...by, key: 'theme', number: 1, deviceId: null, before: null, after: 'dark' },
    ])
    expect(await historyOf(person)).toHaveLength(5)
    expect(await historyOf(person, 'mood')).toEqual([])
  })

  test('is undone change by change, on the device where it was made', async () => {
    const person = await world.person()
    await set(person, { theme: 'dark' })
    await set(person, { theme: 'light' })
    await set(person, { theme: 'system' }, 'phone')
    const [onPhone, second, first] = await historyOf(person, 'theme')
    const restore = (change: { id: string }, more = {}) =>
      ask(
        person,
        'restorePreference',
        { changeId: change.id, ...more },
        'preference { value source version }',
      )

    expect(await restore(second)).toEqual({
      preference: { value: 'dark', source: 'PERSON', version: 4 },
      userErrors: [],
    })
    expect(await restore(onPhone)).toEqual({
      preference: { value: 'dark', source: 'PERSON', version: 5 },
      userErrors: [],
    })
    expect(await says(person, 'theme', 'phone')).toEqual(['dark', 'PERSON'])
    expect(await restore(first)).toEqual({
      preference: { value: 'system', source: 'BUILT_IN', version: 6 },
      userErrors: [],
    })
    // What was undone is a change like any other.
    const [undone] = await historyOf(person, 'theme')
    expect(await restore(undone)).toMatchObject({ preference: { value: 'dark', version: 7 } })
    const stale = `mutation ($input: RestorePreferenceInput!) { restorePreference(input: $input) { userErrors { code } } }`
    expect(await person.api.errorCode(stale, { input: { changeId: undone.id, expectedVersion: 6 } })).toBe(
      'CONFLICT',
    )
  })

  test('gives back nothing that is not one’s own, not there, or not allowed any more', async () => {
    const [person, other] = [await world.person(), await world.person()]
    await set(person, { 'editor.fontSize': 20 })
    await set(person, { 'editor.fontSize': 21 })
    const [change] = await historyOf(person)
    const restore = async (who: Person, changeId: string) =>
      (await ask(who, 'restorePreference', { changeId }, 'preference { value }')).userErrors
    expect(await restore(other, change.id)).toEqual([
      { code: 'NOT_FOUND', field: ['changeId'], message: 'There is no such change of yours.' },
    ])
    const numberIs = (before: string) =>
      world.db.query('UPDATE preference_changes SET before = $2 WHERE user_id = $1', [person.id, before])
    await numberIs('99')
    expect(await restore(person, change.id)).toEqual([
      {
        code: 'INVALID',
        field: ['changeId'],
        message: 'What it was is not allowed any more. Use a whole number from 8 to 40.',
      },
    ])
    await world.db.query(`UPDATE preference_changes SET key = 'gone.by' WHERE user_id = $1`, [person.id])
    expect(await restore(person, change.id)).toEqual([
      { code: 'NOT_FOUND', field: ['changeId'], message: 'This preference is not there any more.' },
    ])
    expect(await says(person, 'editor.fontSize')).toEqual([21, 'PERSON'])
  })

  test('is read page by page, and by staff whom it is shown to', async () => {
    const person = await world.person()
    for (const size of [10, 11, 12]) await set(person, { pageSize: size })
    const staff = await world.person({ permissions: ['preferences:read'] })
    const query = `query ($id: ID!, $after: String) { user(id: $id) { preferenceHistory(first: 2, after: $after) {
      edges { node { after } } pageInfo { hasNextPage endCursor } } } }`
    const page = async (after?: string) =>
      (await staff.api.data(query, { id: person.globalId, after })).user.preferenceHistory
    const first = await page()
    expect(first).toMatchObject({
      edges: [{ node: { after: 12 } }, { node: { after: 11 } }],
      pageInfo: { hasNextPage: true },
    })
    expect(await page(first.pageInfo.endCursor)).toMatchObject({
      edges: [{ node: { after: 10 } }],
      pageInfo: { hasNextPage: false },
    })
  })
})

describe('resetPreferences', () => {
  const prepared = async () => {
    const person = await world.person()
    await set(person, { theme: 'dark', 'notifications.email': false, 'notifications.digest': 'never' })
    await set(person, { theme: 'light', pageSize: 10 }, 'phone')
    await set(person, { theme: 'light' }, 'laptop')
    return person
  }

  test('gives back what is inherited: by key, by namespace, all of it, and no more than that', async () => {
    const person = await prepared()
    const groupId = await world.group(person)
    await setForGroup(admin, groupId, { 'notifications.digest': 'daily' })
    const { preferences, userErrors } = await reset(person, { namespace: 'notifications' })
    expect(userErrors).toEqual([])
    expect(preferences.slice(0, 2)).toMatchObject([
      { key: 'notifications.email', value: true, source: 'BUILT_IN' },
      { key: 'notifications.digest', value: 'daily', source: 'GROUP' },
    ])
    expect(preferences.every(({ key }: Preference) => key.startsWith('notifications.'))).toBe(true)
    expect(await says(person, 'theme')).toEqual(['dark', 'PERSON'])
    expect((await reset(person, { keys: ['theme'] })).preferences).toMatchObject([
      { key: 'theme', value: 'system', inheritedValue: 'system' },
    ])
    expect(await says(person, 'theme', 'phone')).toEqual(['light', 'DEVICE'])
    await set(person, { weekStart: 'monday' })
    expect((await reset(person, { all: true })).preferences).toHaveLength(18)
    expect(await says(person, 'weekStart')).toEqual(['sunday', 'APPLICATION'])
  })

  test('on a device, or on each of them', async () => {
    const person = await prepared()
    await reset(person, { keys: ['theme'] }, { on: 'DEVICE', deviceId: 'phone' })
    expect(await says(person, 'theme', 'phone')).toEqual(['dark', 'PERSON'])
    expect(await says(person, 'theme', 'laptop')).toEqual(['light', 'DEVICE'])
    expect(await says(person, 'pageSize', 'phone')).toEqual([10, 'DEVICE'])
    await reset(person, { all: true }, { on: 'DEVICE' })
    expect(await says(person, 'theme', 'laptop')).toEqual(['dark', 'PERSON'])
    expect(await says(person, 'pageSize', 'phone')).toEqual([20, 'BUILT_IN'])
    expect(await says(person, 'theme')).toEqual(['dark', 'PERSON'])
    const [left] = await world.db.query<{ count: string }>(
      'SELECT count(*) FROM device_preferences WHERE user_id = $1',
      [person.id],
    )
    expect(left).toEqual({ count: '0' })
  })

  test('reaches with `all` what is not defined any more', async () => {
    const person = await world.person()
    await world.db.query(
      `INSERT INTO preferences (user_id, key, value, updated_at) VALUES ($1, 'gone.by', '1', now())`,
      [person.id],
    )
    await reset(person, { all: true })
    const rows = await world.db.query('SELECT key, value FROM preferences WHERE user_id = $1', [person.id])
    expect(rows).toEqual([{ key: 'gone.by', value: null }])
  })

  test.each([
    [{}, {}, 'INVALID', ['preferences'], 'Say which are meant: `keys`, `namespace` or `all`, one of them.'],
    [
      { keys: ['theme'], all: true },
      {},
      'INVALID',
      ['preferences'],
      'Say which are meant: `keys`, `namespace` or `all`, one of them.',
    ],
    [
      { all: false },
      {},
      'INVALID',
      ['preferences'],
      'Say which are meant: `keys`, `namespace` or `all`, one of them.',
    ],
    [
      { keys: ['theme', 'tehme'] },
      {},
      'NOT_FOUND',
      ['preferences', 'keys', '1'],
      'There is no such preference. Did you mean "theme"?',
    ],
    [{ keys: [] }, {}, 'REQUIRED', ['preferences', 'keys'], 'Give at least one.'],
    [
      { namespace: 'nowhere' },
      {},
      'NOT_FOUND',
      ['preferences', 'namespace'],
      'There is no preference in this namespace.',
    ],
    [{ all: true }, { deviceId: 'phone' }, 'INVALID', ['deviceId'], 'Name a device only with `on: DEVICE`.'],
  ])('with %j and %j is refused', async (preferences, where, code, field, message) => {
    const person = await prepared()
    expect(await reset(person, preferences, where)).toEqual({
      preferences: null,
      userErrors: [{ code, field, message }],
    })
    expect(await says(person, 'theme', 'phone')).toEqual(['light', 'DEVICE'])
  })
})

describe('the preferences of a group', () => {
  const GROUP = `query ($id: ID!) { node(id: $id) { ... on Group {
    preferences { key value source updatedAt version }
    preferenceHistory { edges { node { key number before after changedBy { username } } } } } } }`

  const groupOf = async (person: Person, groupId: Id) =>
    (await person.api.send(GROUP, { id: toGlobalId('group', groupId) })).data!.node

  test('are set and reset by staff, shown to its members, and their history to staff', async () => {
    const [member, stranger] = [await world.person(), await world.person()]
    const groupId = await world.group(member)
    await setForGroup(admin, groupId, { theme: 'dark', pageSize: 50 })
    await setForGroup(admin, groupId, { theme: 'light' })
    const resetting = { groupId: toGlobalId('group', groupId), preferences: { keys: ['pageSize'] } }
    expect(await ask(admin, 'resetGroupPreferences', resetting, 'group { id }')).toMatchObject({
      userErrors: [],
    })

    const shown = await groupOf(member, groupId)
    const keys = shown.preferences.map(({ key }: Preference) => key)
    expect(keys).toEqual(expect.arrayContaining(['theme', 'editor.fontSize']))
    expect(keys).not.toContain('reducedMotion')
    expect(shown.preferences).toEqual(
      expect.arrayContaining([
        { key: 'theme', value: 'light', source: 'GROUP', updatedAt: expect.any(String), version: 2 },
        { key: 'pageSize', value: 20, source: 'BUILT_IN', updatedAt: null, version: 2 },
        { key: 'weekStart', value: 'sunday', source: 'APPLICATION', updatedAt: null, version: 0 },
      ]),
    )
    expect(shown.preferenceHistory).toBeNull()
    expect(await groupOf(stranger, groupId)).toBeNull()

    const changedBy = { username: admin.username }
    expect((await groupOf(admin, groupId)).preferenceHistory.edges).toEqual(
      expect.arrayContaining([
        { node: { key: 'pageSize', number: 2, before: 50, after: null, changedBy } },
        { node: { key: 'theme', number: 2, before: 'dark', after: 'light', changedBy } },
        { node: { key: 'theme', number: 1, before: null, after: 'dark', changedBy } },
      ]),
    )
  })

  test('have a history for those staff alone to whom the group is within reach', async () => {
    const [one, other] = [await world.group(), await world.group()]
    await setForGroup(admin, one, { theme: 'dark' })
    const [reader, elsewhere] = [
      await world.person({ permissions: ['groups:read'], over: one }),
      await world.person({ permissions: ['groups:read'], over: other }),
    ]
    // In the group, so that they see it.
    await world.join(one, elsewhere)
    expect((await groupOf(reader, one)).preferenceHistory.edges).toHaveLength(1)
    expect((await groupOf(elsewhere, one)).preferenceHistory.edges).toEqual([])
  })

  test('take a permission over everybody, a group that is there, and the current version', async () => {
    const member = await world.person()
    const groupId = await world.group(member)
    const document = `mutation ($input: SetGroupPreferencesInput!) { setGroupPreferences(input: $input) { userErrors { code } } }`
    const input = (id: Id, expectedVersion?: number) => ({
      input: {
        groupId: toGlobalId('group', id),
        preferences: [{ key: 'theme', value: 'dark', expectedVersion }],
      },
    })
    const over = await world.person({ permissions: ['groups:write'], over: groupId })
    for (const { api } of [member, over])
      expect(await api.errorCode(document, input(groupId))).toBe('FORBIDDEN')
    const missing = (await world.person()).id
    expect(await admin.api.errorCode(document, input(missing))).toBe('NOT_FOUND')
    await admin.api.data(document, input(groupId, 0))
    expect(await admin.api.errorCode(document, input(groupId, 0))).toBe('CONFLICT')
  })

  test('go with the group', async () => {
    const groupId = await world.group()
    await setForGroup(admin, groupId, { theme: 'dark' })
    await ask(admin, 'deleteGroup', { groupId: toGlobalId('group', groupId) }, 'deletedGroupId')
    for (const table of ['group_preferences', 'group_preference_changes'])
      expect(await world.db.query(`SELECT FROM ${table} WHERE group_id = $1`, [groupId])).toEqual([])
  })
})

describe('statements', () => {
  test('one for the preferences of many people, of many groups, whatever is asked of them', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => world.person()))
    for (const person of people) {
      await setForGroup(admin, await world.group(person), { theme: 'light' })
      await set(person, { pageSize: 30 })
    }
    const count = async (ids: string[], fields: string) => {
      const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { id ${fields} } } }`
      const statements = await world.statements(() => admin.api.data(query, { ids }))
      return statements.filter((sql) => /\b(device_|group_)?preferences\b/.test(sql)).length
    }
    const ids = people.map(({ globalId }) => globalId)
    const all = 'preferences { key value source inheritedValue updatedAt version group { name } }'
    for (const fields of [
      all,
      'preference(key: "theme") { value }',
      `${all} one: preference(key: "theme") { value } some: preferences(namespace: "editor") { key }`,
    ]) {
      expect(await count(ids, fields)).toBe(1)
      expect(await count(ids.slice(0, 1), fields)).toBe(1)
    }
    const groups = '{ groups(first: 50) { edges { node { preferences { key value } } } } }'
    const statements = await world.statements(() => admin.api.data(groups))
    expect(statements.filter((sql) => sql.includes('group_preferences'))).toHaveLength(1)
  })
})
