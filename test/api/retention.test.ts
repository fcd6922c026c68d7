import { randomUUID } from 'node:crypto'
import { DAY, HOUR } from '../../src/core/clock'
import { unique, useWorld } from '../support/world'

const world = useWorld()

const count = async (table: string): Promise<number> =>
  Number((await world.db.query<{ count: string }>(`SELECT count(*) FROM ${table}`))[0]!.count)

const signUp = () =>
  world.anonymous.data(
    `mutation ($input: SignUpInput!) { signUp(input: $input) { challenge { id } userErrors { code } } }`,
    {
      input: {
        username: unique('u'),
        email: `${unique('u')}@example.com`,
        password: 'a long enough sentence',
      },
    },
  )

test('a sign-up that was never finished is forgotten, and with it the key of whoever it was', async () => {
  await signUp()
  const keys = await count('data_keys')
  world.clock.advance(HOUR)
  await signUp()
  expect(await count('challenges')).toBe(1)
  expect(await count('data_keys')).toBe(keys)
})

test('an answer that was kept for a repetition is forgotten after a day', async () => {
  const person = await world.person()
  const set = () =>
    person.api
      .with({ 'idempotency-key': randomUUID() })
      .data(
        `mutation { setPreferences(input: { preferences: [{ key: "theme", value: "dark" }] }) { userErrors { code } } }`,
      )
  await set()
  await set()
  expect(await count('idempotency_records')).toBe(2)
  world.clock.advance(DAY + HOUR)
  await set()
  expect(await count('idempotency_records')).toBe(1)
})
