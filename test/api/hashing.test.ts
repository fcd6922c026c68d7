import { SIGN_IN } from '../support/account'
import { until } from '../support/until'
import { unique, useWorld } from '../support/world'

const world = useWorld({ BCRYPT_COST: '10', TRUSTED_PROXIES: '127.0.0.1' })

test('R26 of two hundred who sign in at once a few wait, the rest are told to come again, and others are answered meanwhile', async () => {
  const person = await world.person()
  const { hasher } = world.db.tools
  const seen = { running: 0, waiting: 0 }
  let answered = 0
  const signIns = Array.from({ length: 200 }, async (_, index) => {
    const { data, errors } = await world.anonymous
      .with({ 'x-forwarded-for': `198.51.100.${index}` })
      .send(SIGN_IN, { input: { login: unique('nobody'), password: 'not the password' } })
    answered++
    return (errors?.[0]?.extensions ?? data.signIn.userErrors[0]) as { code: string; retryAfter?: number }
  })
  await until(() => hasher.load.waiting > 0)
  for (let query = 0; query < 10; query++) {
    const { running, waiting } = hasher.load
    seen.running = Math.max(seen.running, running)
    seen.waiting = Math.max(seen.waiting, waiting)
    expect((await person.api.data('{ viewer { id } }')).viewer.id).toBe(person.globalId)
  }
  // There were hashes under way to the last of these queries.
  expect(answered).toBeLessThan(200)
  expect(hasher.load.running).toBeGreaterThan(0)
  expect(seen.waiting).toBeLessThanOrEqual(32)

  const answers = await Promise.all(signIns)
  const refused = answers.filter(({ code }) => code === 'RATE_LIMITED')
  expect(refused.length).toBeGreaterThan(0)
  for (const { retryAfter } of refused) expect(retryAfter).toBeGreaterThan(0)
  const hashed = answers.filter(({ code }) => code === 'INVALID_CREDENTIALS')
  expect(hashed.length).toBeGreaterThan(0)
  expect(hashed.length + refused.length).toBe(200)
  expect(hasher.load).toEqual({ running: 0, waiting: 0 })
})
