import { PreferenceRepository } from '../../src/modules/preference/preference.repository'
import { useWorld } from '../support/world'

const world = useWorld()

test('preferences: every question, after every step', async () => {
  const [one, other] = [await world.person(), await world.person()]
  const preferences = new PreferenceRepository(world.db)
  const values = async (...people: { id: string }[]) => {
    const rows = await preferences.findByUsers(people.map(({ id }) => id))
    return Object.fromEntries(
      rows.map(({ userId, key, value }) => [`${userId === one.id ? 'one' : 'other'}.${key}`, value]),
    )
  }
  const set = (userId: string, given: Record<string, unknown>) =>
    preferences.set(
      Object.entries(given).map(([key, value]) => ({ userId, key, value, updatedAt: world.clock.now() })),
    )
  expect(await values(one, other)).toEqual({})
  expect(await values()).toEqual({})

  await set(one.id, { theme: 'dark' })
  expect(await values(one)).toEqual({ 'one.theme': 'dark' })
  expect(await values(other)).toEqual({})
  expect(await values(one, other)).toEqual({ 'one.theme': 'dark' })

  await set(other.id, { theme: 'light', size: 5 })
  await set(one.id, { size: 7, theme: 'system' })
  expect(await values(one)).toEqual({ 'one.theme': 'system', 'one.size': 7 })
  expect(await values(other)).toEqual({ 'other.theme': 'light', 'other.size': 5 })
  expect(await values(one, other)).toEqual({
    'one.theme': 'system',
    'one.size': 7,
    'other.theme': 'light',
    'other.size': 5,
  })
})

test('rows are written in one order, whatever order they are given in, so that writers do not deadlock', async () => {
  const { id: userId } = await world.person()
  const given = ['c', 'a', 'd', 'b'].map((key) => ({ userId, key, value: 1, updatedAt: world.clock.now() }))
  await new PreferenceRepository(world.db).set(given)
  const written = await world.db.query('SELECT key FROM preferences WHERE user_id = $1 ORDER BY ctid', [
    userId,
  ])
  expect(written).toEqual(['a', 'b', 'c', 'd'].map((key) => ({ key })))
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
])('%j is read as it was written', async (value) => {
  const { id: userId } = await world.person()
  const preferences = new PreferenceRepository(world.db)
  const updatedAt = world.clock.now()
  await preferences.set([{ userId, key: 'anything', value, updatedAt }])
  expect(await preferences.findByUsers([userId])).toEqual([{ userId, key: 'anything', value, updatedAt }])
})
