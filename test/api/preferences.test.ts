import type { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { builtInPreferences } from '../../src/config/preferences'
import { useWorld, type Person } from '../support/world'

const PREFERENCE_KEYS = builtInPreferences().map(({ key }) => key)

const world = useWorld()

const SET = `mutation ($input: SetPreferencesInput!) {
  setPreferences(input: $input) { preferences { key value updatedAt } userErrors { code field message } }
}`

const READ = '{ viewer { preferences { key value updatedAt } } }'

interface Preference {
  key: string
  value: unknown
  updatedAt: string | null
}

const set = async (person: Person, preferences: { key: string; value: unknown }[]) =>
  (await person.api.data(SET, { input: { preferences } })).setPreferences

const valuesOf = async (person: Person): Promise<Record<string, unknown>> => {
  const { viewer } = await person.api.data(READ)
  return Object.fromEntries(viewer.preferences.map(({ key, value }: Preference) => [key, value]))
}

const DEFAULTS = {
  language: 'en',
  theme: 'system',
  timeFormat: '24h',
  weekStart: 'monday',
  pageSize: 20,
  reducedMotion: false,
  'notifications.email': true,
  'notifications.digest': 'weekly',
  'notifications.digestAt': '08:00',
  'notifications.quietHours': { from: '00:00', to: '00:00' },
  'notifications.mutedUntil': '1970-01-01T00:00:00Z',
  'notifications.mentions': ['in-app', 'email'],
  'notifications.replies': ['in-app', 'email'],
  'notifications.messages': ['in-app', 'email'],
  'notifications.product': ['in-app'],
}

const CHANGED = {
  language: 'pt-BR',
  theme: 'dark',
  timeFormat: '12h',
  weekStart: 'sunday',
  pageSize: 100,
  reducedMotion: true,
  'notifications.email': false,
  'notifications.digest': 'never',
  'notifications.digestAt': '18:30',
  'notifications.quietHours': { from: '22:00', to: '07:00' },
  'notifications.mutedUntil': '2099-01-01T00:00:00Z',
  'notifications.mentions': ['in-app'],
  'notifications.replies': ['email'],
  'notifications.messages': [],
  'notifications.product': ['in-app', 'email'],
}

const asList = (values: object) =>
  Object.entries(values).map(([key, value]) => ({ key, value: value as unknown }))

describe('preferences', () => {
  test('each has a meaning, a default and a schema, which a client can build a form from', async () => {
    const person = await world.person()
    const { viewer } = await person.api.data(
      '{ viewer { preferences { key value defaultValue description schema updatedAt } } }',
    )
    expect(viewer.preferences.map(({ key }: Preference) => key)).toEqual(PREFERENCE_KEYS)
    expect(await valuesOf(person)).toEqual(DEFAULTS)
    for (const preference of viewer.preferences) {
      expect(preference).toMatchObject({ defaultValue: preference.value, updatedAt: null })
      expect(preference.description).toMatch(/^[A-Z].{10,}\.$/)
      const kind = Array.isArray(preference.value) ? 'array' : typeof preference.value
      expect(preference.schema).toMatchObject({ type: kind === 'number' ? 'integer' : kind })
    }
    const schemas = Object.fromEntries(
      viewer.preferences.map(({ key, schema }: { key: string; schema: object }) => [key, schema]),
    )
    expect(schemas).toMatchObject({
      theme: { enum: ['system', 'light', 'dark'] },
      pageSize: { minimum: 5, maximum: 100 },
      language: { maxLength: 35, pattern: expect.any(String) },
    })
  })

  test('are set, some or all, and read back as they were set', async () => {
    const person = await world.person()
    const { preferences, userErrors } = await set(person, [{ key: 'theme', value: 'dark' }])
    expect(userErrors).toEqual([])
    expect(preferences).toEqual([{ key: 'theme', value: 'dark', updatedAt: expect.any(String) }])
    expect(await valuesOf(person)).toEqual({ ...DEFAULTS, theme: 'dark' })
    await set(person, asList(CHANGED))
    expect(await valuesOf(person)).toEqual(CHANGED)
    const { viewer } = await person.api.data(
      '{ viewer { set: preference(key: "theme") { value updatedAt } none: preference(key: "mood") { value } } }',
    )
    expect(viewer).toEqual({ set: { value: 'dark', updatedAt: expect.any(String) }, none: null })
  })

  test('are everybody’s own', async () => {
    const [one, other] = [await world.person(), await world.person()]
    await set(one, [{ key: 'theme', value: 'dark' }])
    expect(await valuesOf(other)).toEqual(DEFAULTS)
    const { errors } = await other.api.send(
      'query ($id: ID!) { user(id: $id) { preferences { value } preference(key: "theme") { value } } }',
      {
        id: one.globalId,
      },
    )
    expect(errors!.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })

  test.each([
    ['language', 5, 'Use a BCP 47 tag such as `en` or `pt-BR`.'],
    ['language', 'EN_us', 'Use a BCP 47 tag such as `en` or `pt-BR`.'],
    ['language', 'en-us', 'Use a BCP 47 tag such as `en` or `pt-BR`.'],
    ['language', `en-${'x'.repeat(40)}`, 'Use a BCP 47 tag such as `en` or `pt-BR`.'],
    ['theme', 'purple', 'Use one of system, light, dark.'],
    ['theme', 'Dark', 'Use one of system, light, dark.'],
    ['theme', ['dark'], 'Use one of system, light, dark.'],
    ['timeFormat', 24, 'Use one of 12h, 24h.'],
    ['weekStart', 'tuesday', 'Use one of monday, saturday, sunday.'],
    ['pageSize', 4, 'Use a whole number from 5 to 100.'],
    ['pageSize', 101, 'Use a whole number from 5 to 100.'],
    ['pageSize', 20.5, 'Use a whole number from 5 to 100.'],
    ['pageSize', '20', 'Use a whole number from 5 to 100.'],
    ['pageSize', 1e300, 'Use a whole number from 5 to 100.'],
    ['reducedMotion', 'yes', 'Use true or false.'],
    ['notifications.email', 0, 'Use true or false.'],
    ['notifications.digest', { often: true }, 'Use one of never, daily, weekly.'],
    ['notifications.digestAt', '24:00', 'Use a time of day such as 22:30.'],
    ['notifications.mutedUntil', 'tomorrow', 'Use a moment such as 2026-11-29T08:00:00Z.'],
    ['notifications.mutedUntil', '2026-02-30T00:00:00Z', 'Use a moment such as 2026-11-29T08:00:00Z.'],
  ])('%s cannot be %j', async (key, value, message) => {
    const person = await world.person()
    const answer = await set(person, [{ key, value }])
    expect(answer).toEqual({
      preferences: null,
      userErrors: [{ code: 'INVALID', field: ['preferences', '0', 'value'], message }],
    })
    expect(await valuesOf(person)).toEqual(DEFAULTS)
  })

  test('all are set, or none, and every problem is named', async () => {
    const person = await world.person()
    const { preferences, userErrors } = await set(person, [
      { key: 'theme', value: 'dark' },
      { key: 'pageSize', value: 1 },
      { key: 'mood', value: 'sunny' },
      { key: '__proto__', value: { theme: 'dark' } },
      { key: 'constructor', value: true },
    ])
    expect(preferences).toBeNull()
    expect(
      userErrors.map(({ code, field }: { code: string; field: string[] }) => `${code} ${field.join('.')}`),
    ).toEqual([
      'INVALID preferences.1.value',
      'NOT_FOUND preferences.2.key',
      'NOT_FOUND preferences.3.key',
      'NOT_FOUND preferences.4.key',
    ])
    expect(userErrors[1].message).toBe(
      'There is no such preference. `preferences` lists those that there are.',
    )
    expect(await valuesOf(person)).toEqual(DEFAULTS)
  })

  test('one that stands in the list twice is refused, for which of the two was meant?', async () => {
    const person = await world.person()
    const { userErrors } = await set(person, [
      { key: 'theme', value: 'dark' },
      { key: 'pageSize', value: 50 },
      { key: 'theme', value: 'light' },
    ])
    expect(userErrors).toEqual([
      {
        code: 'INVALID',
        field: ['preferences', '2', 'key'],
        message: 'This preference stands in the list twice.',
      },
    ])
    expect(await valuesOf(person)).toEqual(DEFAULTS)
  })

  test('R64 a list holds 1 to 50', async () => {
    const person = await world.person()
    const list = (length: number) => Array.from({ length }, () => ({ key: 'theme', value: 'dark' }))
    expect((await set(person, list(0))).userErrors).toEqual([
      { code: 'REQUIRED', field: ['preferences'], message: 'Give at least one.' },
    ])
    expect((await set(person, list(51))).userErrors).toEqual([
      { code: 'TOO_LONG', field: ['preferences'], message: 'At most 50 are allowed.' },
    ])
    expect((await set(person, list(50))).userErrors).toHaveLength(49)
    expect(await valuesOf(person)).toEqual(DEFAULTS)
  })

  test('null is no value, in the variables and in the document', async () => {
    const person = await world.person()
    expect(await person.api.errorCode(SET, { input: { preferences: [{ key: 'theme', value: null }] } })).toBe(
      'BAD_USER_INPUT',
    )
    expect(await person.api.errorCode(SET, { input: { preferences: [null] } })).toBe('BAD_USER_INPUT')
    const literal =
      'mutation { setPreferences(input: { preferences: [{ key: "theme", value: null }] }) { userErrors { code } } }'
    expect(await person.api.errorCode(literal)).toBe('BAD_USER_INPUT')
    expect(await valuesOf(person)).toEqual(DEFAULTS)
  })

  test('R80 R81 a change and its event are one transaction, and the event names the keys', async () => {
    const person = await world.person()
    await set(person, [{ key: 'pageSize', value: 3 }])
    await set(person, asList({ theme: 'light', pageSize: 30 }))
    const [event, ...more] = await world.db.query<AuditEvent & { transaction: string }>(
      `SELECT *, xmin::text AS transaction FROM audit_events WHERE action = 'preferences.updated' AND actor_id = $1`,
      [person.id],
    )
    expect(event).toMatchObject({
      target: person.globalId,
      details: { keys: ['theme', 'pageSize'], isOnDevice: false },
    })
    expect(more).toEqual([])
    const rows = await world.db.query(
      'SELECT xmin::text AS transaction FROM preferences WHERE user_id = $1',
      [person.id],
    )
    expect(rows).toEqual([{ transaction: event!.transaction }, { transaction: event!.transaction }])
  })

  test('are set in any order by many at once, and the last one stands', async () => {
    const person = await world.person()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        set(person, index % 2 ? asList(CHANGED) : asList(DEFAULTS).reverse()),
      ),
    )
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([])
    expect([DEFAULTS, CHANGED]).toContainEqual(await valuesOf(person))
  })
})
