import { Client } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { SECOND } from '../../src/core/clock'
import type { Database } from '../../src/db/database'
import { Pulse } from '../../src/jobs/pulse'
import { PorticoProcess } from '../cli/portico-process'
import { testServer } from '../support/test-server'
import { until } from '../support/until'
import { unique } from '../support/world'
import { noting, promised, useWorkers } from './workers'

const { world, start, stop, queued, hurry } = useWorkers()

/** Quick, so that a test need not wait for half a minute. */
const rhythm = { beat: 50, silence: 500, poll: 100 }

const workers = async () =>
  (await world.db.query<{ id: string }>('SELECT id FROM job_workers')).map(({ id }) => id)

const asOwner = async (sql: string) => {
  const owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
  await owner.connect()
  await owner.query(sql).finally(() => owner.end())
}

describe('a process that stops', () => {
  test('takes nothing more, and lets a job come to its end', async () => {
    const { kept, keep } = promised()
    const { task, told } = noting(() => kept)
    const worker = await start([task])
    await world.db.enqueue(task, { word: 'begun' })
    await until(() => told.length > 0)
    const stopped = stop(worker)
    await world.db.enqueue(task, { word: 'too late' })
    await sleep(100)
    keep()
    await stopped
    expect(told).toEqual(['begun'])
    expect(await queued(task)).toMatchObject([{ attempts: 0, locked_by: null }])
    expect(await workers()).toEqual([])
  })

  test('tells its jobs, and one that stops is put back as it was and goes on elsewhere at once', async () => {
    const done: number[] = []
    let pause = 20
    const { task, told } = noting(async ({ stopping }) => {
      while (done.length < 20) {
        stopping.throwIfAborted()
        await sleep(pause)
        done.push(done.length)
      }
    })
    const worker = await start([task])
    await world.db.enqueue(task, { word: 'x' })
    await until(() => done.length > 2)
    await stop(worker)
    expect(done.length).toBeLessThan(20)
    expect(await queued(task)).toMatchObject([{ attempts: 0, last_error: null, locked_by: null }])
    pause = 0
    await start([task])
    await until(async () => (await queued(task)).length === 0)
    expect([told.length, done.length]).toEqual([2, 20])
  })

  test('puts back what does not stop, and waits no longer', async () => {
    const { kept, keep } = promised()
    const { task, told } = noting(({ db }) => db.transaction(() => kept))
    const worker = await start([task], { patience: 300 })
    await world.db.enqueue(task, { word: 'x' })
    await until(() => told.length > 0)
    const began = performance.now()
    await stop(worker)
    expect(performance.now() - began).toBeLessThan(4 * SECOND)
    expect(await queued(task)).toMatchObject([{ attempts: 0, last_error: null, locked_by: null }])
    keep()
    await start([task])
    await until(async () => (await queued(task)).length === 0)
    expect(told).toHaveLength(2)
  })
})

describe('a process that dies', () => {
  test('killed outright, leaves its job to others, who take it as soon as it has been silent for long', async () => {
    const { task, told } = noting()
    const { databaseUrl, databaseOwnerUrl } = world.portico.config
    const child = new PorticoProcess(
      {
        NODE_ENV: 'test',
        DATABASE_URL: databaseUrl!,
        DATABASE_OWNER_URL: databaseOwnerUrl!,
        PORTICO_KEYRING: testServer().keyring,
      },
      [process.execPath, '-r', '@swc-node/register', 'test/support/job-process.ts', task.name],
    )
    await world.db.enqueue(task, { word: 'x' })
    await child.says(/begun/).finally(() => child.end('SIGKILL'))
    const [left] = await queued(task)
    expect(left).toMatchObject({ attempts: 1, locked_by: expect.stringMatching(/^pool-/) })
    expect(await workers()).toEqual([left!.locked_by])

    await start([task], { rhythm })
    await until(async () => (await queued(task)).length === 0)
    expect(told).toEqual(['x'])
    expect(await workers()).toHaveLength(1)
  }, 90_000)

  test('before it could say that it lives, does so too', async () => {
    const { task, told } = noting()
    await world.db.enqueue(task, { word: 'x' })
    await world.db.query(
      "UPDATE graphile_worker._private_jobs SET attempts = 1, locked_by = 'pool-of-nobody', locked_at = now()",
    )
    await start([task], { rhythm })
    await until(() => told.length > 0)
  })

  test('at the last try of a job, leaves it among the failed, so that what kills does not do so for ever', async () => {
    const { task, told } = noting()
    await world.db.enqueue(task, { word: 'x' }, { maxAttempts: 1 })
    await world.db.query(
      "UPDATE graphile_worker._private_jobs SET attempts = 1, locked_by = 'pool-of-nobody', locked_at = now()",
    )
    await start([task], { rhythm })
    await until(async () => (await queued(task))[0]!.locked_by === null)
    expect(told).toEqual([])
  })
})

describe('a process that lives', () => {
  test('keeps its job however long that takes', async () => {
    const { kept, keep } = promised()
    const { task, told } = noting(() => kept)
    await start([task], { rhythm })
    await world.db.enqueue(task, { word: 'x' })
    await until(() => told.length > 0)
    const other = noting()
    await start([{ ...task, work: other.task.work }], { rhythm })
    await sleep(3 * rhythm.silence)
    expect([told, other.told]).toEqual([['x'], []])
    keep()
    await until(async () => (await queued(task)).length === 0)
  })

  test('is not taken for dead because the database was away for all', async () => {
    let isAway = false
    /** The database of a process, which finds it again after the given time. */
    const reached = (delay: number) =>
      ({
        query: async (sql: string, parameters: unknown[]) => {
          if (isAway) {
            await until(() => !isAway)
            await sleep(delay)
          }
          return world.db.query(sql, parameters)
        },
      }) as Database
    const deaths: string[] = []
    const alive = (delay: number) =>
      new Pulse(reached(delay), unique('pool-'), {
        rhythm,
        onLost: () => deaths.push('lost'),
        onGone: () => deaths.push('gone'),
        onError: (error) => deaths.push(String(error)),
      })
    const pulses = [alive(0), alive(rhythm.silence / 3)]
    for (const pulse of pulses) pulse.start()
    await until(async () => (await workers()).length === 2)
    await sleep(1.5 * rhythm.silence)
    isAway = true
    await sleep(1.5 * rhythm.silence)
    isAway = false
    await sleep(1.5 * rhythm.silence)
    expect(deaths).toEqual([])
    expect(await workers()).toHaveLength(2)
    for (const pulse of pulses) await pulse.stop()
  })

  test('and was taken for dead all the same lets go of its jobs, and begins anew under another name', async () => {
    const { task, told } = noting(async ({ stopping }) => {
      if (told.length > 1) return
      await until(() => stopping.aborted)
      stopping.throwIfAborted()
    })
    await start([task], { rhythm })
    await world.db.enqueue(task, { word: 'x' })
    await until(async () => told.length === 1 && (await workers()).length === 1)
    const before = await workers()
    await world.db.query('DELETE FROM job_workers')
    await until(async () => (await queued(task)).length === 0)
    expect(told).toHaveLength(2)
    await until(async () => (await workers()).length === 1)
    expect(await workers()).not.toEqual(before)
  })

  test('goes on when its connections are cut, while it waits and while it works', async () => {
    const { kept, keep } = promised()
    const { task, told } = noting(() => kept)
    await start([task], { rhythm })
    const cut = () =>
      world.db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'portico-jobs' AND datname = current_database()`,
      )
    const isListening = async () => {
      const [found] = await world.db.query<{ isListening: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'portico-jobs'
           AND datname = current_database() AND query LIKE 'LISTEN%') AS "isListening"`,
      )
      return found!.isListening
    }
    await until(isListening)
    expect((await cut()).length).toBeGreaterThan(0)
    await until(isListening)
    await world.db.enqueue(task, { word: 'one' })
    await until(() => told.length === 1)
    await cut()
    keep()
    await world.db.enqueue(task, { word: 'two' })
    await until(async () => (await queued(task)).length === 0)
    expect(new Set(told)).toEqual(new Set(['one', 'two']))
  })

  test('begins anew when it could not write that a job is done, and does that job again', async () => {
    const { kept, keep } = promised()
    const { task, told } = noting(() => kept)
    await start([task], { rhythm })
    await world.db.enqueue(task, { word: 'x' })
    await until(() => told.length > 0)
    await asOwner('REVOKE DELETE ON graphile_worker._private_jobs FROM portico_app')
    keep()
    await until(() => told.length > 1)
    await asOwner('GRANT DELETE ON graphile_worker._private_jobs TO portico_app')
    await until(async () => {
      await hurry()
      return (await queued(task)).length === 0
    })
  })
})
