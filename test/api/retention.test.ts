import { randomUUID } from 'node:crypto'
import { DAY, HOUR, MINUTE } from '../../src/core/clock'
import { newId } from '../../src/core/id'
import { sweep } from '../../src/db/sweep'
import { forgetOldAccessTokens } from '../../src/modules/access-token/access-token.task'
import { forgetExpiredChallenges } from '../../src/modules/challenge/challenge.task'
import { forgetReplacedAddresses } from '../../src/modules/email/email.task'
import { EmailService } from '../../src/modules/email/email.service'
import { forgetExpiredAnswers } from '../../src/modules/idempotency/idempotency-record.task'
import { forgetOldBulkJobs } from '../../src/modules/bulk-job/bulk-job.task'
import { forgetExpiredExports } from '../../src/modules/data-export/data-export.task'
import { forgetOldErasures } from '../../src/modules/erasure/erasure.task'
import { forgetReleasedHolds } from '../../src/modules/legal-hold/legal-hold.task'
import { forgetOldRequests } from '../../src/modules/privacy-request/privacy-request.task'
import { forgetOldSessions } from '../../src/modules/session/session.task'
import { forgetOldTries } from '../../src/modules/throttle/throttle.task'
import { forgetFailedJobs } from '../../src/jobs/failed-jobs.task'
import { storedAccessToken } from '../support/access-token'
import { changeEmailOf } from '../support/recovery'
import { dataExportOf, legalHoldOn } from '../support/privacy'
import { until } from '../support/until'
import { unique, useWorld, type Person } from '../support/world'

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

const YEAR = 366 * DAY

describe('R95 what proves that somebody was answered', () => {
  test.each([
    [
      'a request',
      forgetOldRequests,
      `INSERT INTO privacy_requests (id, user_id, kind, status, received_at, due_at, done_at, version)
       VALUES ($1, $2, 'rectification', 'done', $3, $3, $3, 1)`,
      'privacy_requests',
    ],
    [
      'an erasure that was taken back',
      forgetOldErasures,
      `INSERT INTO erasures (id, user_id, requested_at, erases_at, cancelled_at) VALUES ($1, $2, $3, $3, $3)`,
      'erasures',
    ],
    [
      'a hold that was released',
      forgetReleasedHolds,
      `INSERT INTO legal_holds (id, user_id, hold_reason, placed_at, released_at) VALUES ($1, $2, '', $3, $3)`,
      'legal_holds',
    ],
  ])('R95 %s is forgotten six years after it is over', async (_, task, insert, table) => {
    const { id } = await world.person()
    const rowId = newId()
    const left = () => count(`${table} WHERE id = '${rowId}'`)
    await world.db.query(insert, [rowId, id, new Date(world.clock.now().getTime() - 5 * YEAR)])
    await world.do(task, {})
    expect(await left()).toBe(1)
    await world.db.query(
      `UPDATE ${table} SET ${{ privacy_requests: 'done_at', erasures: 'cancelled_at', legal_holds: 'released_at' }[table]} = $2 WHERE id = $1`,
      [rowId, new Date(world.clock.now().getTime() - 6 * YEAR)],
    )
    await world.do(task, {})
    expect(await left()).toBe(0)
  })

  test('R95 is kept for as long as it is not over', async () => {
    const person = await world.person()
    const hold = await legalHoldOn(world, person)
    await world.db.query(`UPDATE legal_holds SET placed_at = now() - interval '9 years' WHERE user_id = $1`, [
      person.id,
    ])
    await world.do(forgetReleasedHolds, {})
    expect(hold).toMatch(/^legal_hold_/)
    expect(await count(`legal_holds WHERE user_id = '${person.id}'`)).toBe(1)
  })
})

describe('R95 a legal hold', () => {
  const release = ({ id }: Pick<Person, 'id'>) =>
    world.db.query('UPDATE legal_holds SET released_at = now() WHERE user_id = $1', [id])

  const endSessionOf = ({ id }: Pick<Person, 'id'>) =>
    world.db.query('UPDATE sessions SET ended_at = $2 WHERE user_id = $1', [
      id,
      new Date(world.clock.now().getTime() - 91 * DAY),
    ])

  test('R95 keeps what is due of the person, and of nobody else, until it is released', async () => {
    const [held, other] = [await world.person(), await world.person()]
    await legalHoldOn(world, held)
    for (const person of [held, other]) await endSessionOf(person)
    await world.db.query(
      `INSERT INTO superseded_tokens (token_hash, session_id, superseded_at, is_void) VALUES ('\\x01', $1, now(), false), ('\\x02', $2, now(), false)`,
      [held.sessionId, other.sessionId],
    )
    await world.do(forgetOldSessions, {})
    const left = await world.db.query<{ user_id: string }>(
      'SELECT user_id FROM sessions WHERE user_id = ANY($1)',
      [[held.id, other.id]],
    )
    expect(left).toEqual([{ user_id: held.id }])
    expect(await count('superseded_tokens')).toBe(1)
    await release(held)
    await world.do(forgetOldSessions, {})
    expect(await count(`sessions WHERE user_id = '${held.id}'`)).toBe(0)
    expect(await count('superseded_tokens')).toBe(0)
  })

  test('R95 keeps a bulk job that is about the person, whoever started it', async () => {
    const [held, author] = [await world.person(), await world.person()]
    await legalHoldOn(world, held)
    const jobs = [newId(), newId()]
    const [about, notAbout] = jobs
    for (const id of jobs)
      await world.db.query(
        `INSERT INTO bulk_jobs (id, action, started_by_id, session_id, work_order, total, is_found, done_count, failed_count, created_at, ended_at, is_cancelled)
         VALUES ($1, 'sessions:end', $2, $3, '', 1, true, 1, 0, $4, $4, false)`,
        [id, author.id, author.sessionId, new Date(world.clock.now().getTime() - 91 * DAY)],
      )
    await world.db.query(
      `INSERT INTO bulk_job_items (job_id, position, user_id, outcome) VALUES ($1, 1, $3, 'done'), ($2, 1, $4, 'done')`,
      [about, notAbout, held.id, author.id],
    )
    await world.do(forgetOldBulkJobs, {})
    expect(await world.db.query('SELECT id FROM bulk_jobs WHERE id = ANY($1)', [jobs])).toEqual([
      { id: about },
    ])
    expect(await count('bulk_job_items')).toBe(1)
  })

  test('R95 that is being placed is waited for', async () => {
    const person = await world.person()
    await endSessionOf(person)
    let removing: Promise<void> | undefined
    await world.db.transaction(async (tx) => {
      await tx.query(
        `INSERT INTO legal_holds (id, user_id, hold_reason, placed_at) VALUES ($1, $2, '', now())`,
        [newId(), person.id],
      )
      removing = world.do(forgetOldSessions, {})
      const waits = `pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE legal_holds%'`
      await until(async () => (await count(waits)) > 0)
    })
    await removing
    expect(await count(`sessions WHERE user_id = '${person.id}'`)).toBe(1)
  })

  test('R95 keeps an address that was replaced, which nobody else can have until it is released', async () => {
    const person = await world.person()
    await changeEmailOf(world, person)
    await legalHoldOn(world, person)
    world.clock.advance(8 * DAY)
    await world.do(forgetReplacedAddresses, {})
    expect(await count(`emails WHERE user_id = '${person.id}'`)).toBe(2)
    const emails = new EmailService(world.db)
    expect(await emails.holderOf(person.email)).toMatchObject({ userId: person.id })
    await release(person)
    expect(await emails.holderOf(person.email)).toBeNull()
    await world.do(forgetReplacedAddresses, {})
    expect(await count(`emails WHERE user_id = '${person.id}'`)).toBe(1)
  })
})

test('R95 a copy of somebody’s data is forgotten with its file a week after it was made', async () => {
  await dataExportOf(world, await world.person())
  world.clock.advance(7 * DAY - HOUR)
  await world.do(forgetExpiredExports, {})
  expect(await count('data_export_parts')).toBeGreaterThan(0)
  world.clock.advance(2 * HOUR)
  await world.do(forgetExpiredExports, {})
  expect([await count('data_exports'), await count('data_export_parts')]).toEqual([0, 0])
})

test('R95 what was removed stands in the trail, by rule and number; nothing stands there of a run that removed nothing', async () => {
  const events = () =>
    world.db.query(
      `SELECT details, actor_id, subject_id FROM audit_events
       WHERE action = 'retention.applied' AND details ->> 'rule' = 'access-token:forget-old' ORDER BY occurred_at, id`,
    )
  const before = await events()
  const { id } = await world.person()
  await storedAccessToken(world, id, { expiresAt: world.clock.now() })
  await storedAccessToken(world, id, { expiresAt: world.clock.now() })
  await world.do(forgetOldAccessTokens, {})
  expect(await events()).toEqual(before)
  world.clock.advance(91 * DAY)
  await world.do(forgetOldAccessTokens, {})
  await world.do(forgetOldAccessTokens, {})
  expect((await events()).slice(before.length)).toEqual([
    { details: { rule: 'access-token:forget-old', rows: 2 }, actor_id: null, subject_id: null },
  ])
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
