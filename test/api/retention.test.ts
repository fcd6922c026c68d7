import { randomUUID } from 'node:crypto'
import { DAY, HOUR, MINUTE } from '../../src/core/clock'
import { sweep } from '../../src/db/sweep'
import { forgetOldAccessTokens } from '../../src/modules/access-token/access-token.task'
import { forgetExpiredChallenges } from '../../src/modules/challenge/challenge.task'
import { forgetReplacedAddresses } from '../../src/modules/email/email.task'
import { forgetExpiredAnswers } from '../../src/modules/idempotency/idempotency-record.task'
import { forgetOldTries } from '../../src/modules/throttle/throttle.task'
import { forgetFailedJobs } from '../../src/jobs/failed-jobs.task'
import { storedAccessToken } from '../support/access-token'
import { changeEmailOf } from '../support/recovery'
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
  world.clock.advance(MINUTE)
  await world.do(forgetExpiredChallenges, {})
  expect([await count('challenges'), await count('data_keys')]).toEqual([1, keys])
  world.clock.advance(HOUR)
  await world.do(forgetExpiredChallenges, {})
  expect([await count('challenges'), await count('data_keys')]).toEqual([0, keys - 1])
})

test('an answer that was kept for a repetition is forgotten after a day', async () => {
  const person = await world.person()
  await person.api
    .with({ 'idempotency-key': randomUUID() })
    .data(
      `mutation { setPreferences(input: { preferences: [{ key: "theme", value: "dark" }] }) { userErrors { code } } }`,
    )
  world.clock.advance(DAY - HOUR)
  await world.do(forgetExpiredAnswers, {})
  expect(await count('idempotency_records')).toBe(1)
  world.clock.advance(2 * HOUR)
  await world.do(forgetExpiredAnswers, {})
  expect(await count('idempotency_records')).toBe(0)
})

test('tries are forgotten a day after the last', async () => {
  await world.db.query('DELETE FROM throttles')
  const wrong = `mutation { signIn(input: { login: "nobody", password: "wrong by any measure" }) { token } }`
  await world.anonymous.data(wrong)
  const tries = await count('throttles')
  expect(tries).toBeGreaterThan(0)
  world.clock.advance(DAY - HOUR)
  await world.do(forgetOldTries, {})
  expect(await count('throttles')).toBe(tries)
  world.clock.advance(2 * HOUR)
  await world.do(forgetOldTries, {})
  expect(await count('throttles')).toBe(0)
})

test('an address that was replaced is forgotten a week later', async () => {
  const person = await world.person()
  const emails = await count('emails')
  await changeEmailOf(world, person)
  world.clock.advance(7 * DAY - HOUR)
  await world.do(forgetReplacedAddresses, {})
  expect(await count('emails')).toBe(emails + 1)
  world.clock.advance(2 * HOUR)
  await world.do(forgetReplacedAddresses, {})
  expect(await count('emails')).toBe(emails)
})

test('an access token is forgotten 90 days after it could have been used for the last time', async () => {
  await storedAccessToken(world, (await world.person()).id, { expiresAt: world.clock.now() })
  world.clock.advance(89 * DAY)
  await world.do(forgetOldAccessTokens, {})
  expect(await count('access_tokens')).toBe(1)
  world.clock.advance(2 * DAY)
  await world.do(forgetOldAccessTokens, {})
  expect(await count('access_tokens')).toBe(0)
})

test('a job that has failed is forgotten a month after its last try, and one that may still succeed never', async () => {
  await world.db.enqueue(forgetOldTries, {})
  await world.db.enqueue(forgetOldTries, {}, { maxAttempts: 1 })
  await world.db.query(
    `UPDATE graphile_worker._private_jobs SET attempts = 1, run_at = now() - interval '29 days'`,
  )
  await world.do(forgetFailedJobs, {})
  expect(await count('graphile_worker.jobs')).toBe(2)
  await world.db.query(`UPDATE graphile_worker._private_jobs SET run_at = run_at - interval '2 days'`)
  await world.do(forgetFailedJobs, {})
  expect(await count('graphile_worker.jobs WHERE attempts < max_attempts')).toBe(1)
  expect(await count('graphile_worker.jobs')).toBe(1)
})

describe('a sweep', () => {
  test('goes on until there is nothing left', async () => {
    let left = 2_500
    const limits: number[] = []
    await sweep({ stopping: new AbortController().signal }, async (limit) => {
      limits.push(limit)
      const removed = Math.min(left, limit)
      left -= removed
      return removed
    })
    expect([left, limits]).toEqual([0, [1_000, 1_000, 1_000]])
  })

  test('makes way between two batches for a process that stops', async () => {
    const stopping = new AbortController()
    let batches = 0
    const swept = sweep({ stopping: stopping.signal }, async (limit) => {
      if (++batches === 2) stopping.abort()
      return limit
    })
    await expect(swept).rejects.toThrow('aborted')
    expect(batches).toBe(2)
  })
})
