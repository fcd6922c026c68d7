import { once } from 'node:events'
import { HOUR, MINUTE, SECOND } from '../../src/core/clock'
import { countJobs } from '../../src/db/job-queue'
import { defineTask, type AnyTask, type Job } from '../../src/db/task'
import { createLog } from '../../src/server/log'
import { until } from '../support/until'
import { unique } from '../support/world'
import { noting, promised, useWorkers, type QueuedJob } from './workers'

const { world, start, queued, hurry } = useWorkers()

describe('a job', () => {
  test('is asked for with the commit, and never with a rollback', async () => {
    const { task, told } = noting()
    await start([task])
    const failure = world.db.transaction(async (tx) => {
      await tx.enqueue(task, { word: 'rolled back' })
      throw new Error('No.')
    })
    await expect(failure).rejects.toThrow('No.')
    await world.db.transaction(
      async (tx) => {
        const part = tx.transaction(async (inner) => {
          await inner.enqueue(task, { word: 'taken back to a savepoint' })
          throw new Error('Not this.')
        })
        await expect(part).rejects.toThrow('Not this.')
        await tx.enqueue(task, { word: 'committed' })
        expect(await queued(task)).toEqual([])
      },
      { savepoints: true },
    )
    await until(async () => told.length > 0 && (await queued(task)).length === 0)
    expect(told).toEqual(['committed'])
  })

  test('is told what its task takes, and nothing else compiles', () => {
    const { task } = noting()
    const idle = defineTask({ name: unique('test:'), work: async () => undefined })
    const mistakes = () => [
      // @ts-expect-error it is told a word
      world.db.enqueue(task, {}),
      // @ts-expect-error and only that
      world.db.enqueue(task, { word: 'x', other: 1 }),
      // @ts-expect-error a moment would come back as a text
      defineTask<{ at: Date }>({ name: 'x', work: async () => undefined }),
      // @ts-expect-error nothing can be told to what is told nothing
      world.db.enqueue(idle, { word: 'x' }),
      // @ts-expect-error and only such a task can stand in the timetable
      defineTask<{ word: string }>({ name: 'x', schedule: '* * * * *', work: async () => undefined }),
      // @ts-expect-error a task is no name
      world.db.enqueue('jobs:forget-failed', {}),
    ]
    expect(mistakes).toBeDefined()
  })

  test('acts for Portico itself, with a minute for each statement', async () => {
    const seen: unknown[] = []
    const { task } = noting(async ({ db }) => {
      const [setting] = await db.query<{ timeout: string }>(
        "SELECT current_setting('statement_timeout') AS timeout",
      )
      seen.push(db.caller.viewer.kind, setting!.timeout)
    })
    await start([task])
    await world.db.enqueue(task, { word: 'x' })
    await until(() => seen.length > 0)
    expect(seen).toEqual(['anonymous', '1min'])
  })

  test('waits for the moment that it is asked for', async () => {
    const { task, told } = noting()
    await start([task])
    await world.db.enqueue(task, { word: 'later' }, { runAt: new Date(Date.now() + 60 * SECOND) })
    await world.db.enqueue(task, { word: 'now' })
    await until(() => told.length > 0)
    expect(told).toEqual(['now'])
    expect((await queued(task))[0]!.due_in).toBeGreaterThan(30)
  })

  test('replaces one of the same key that waits, and none of another task; one that runs is followed by it', async () => {
    const { kept, keep } = promised()
    const { task, told } = noting(() => kept)
    const other = noting()
    for (const word of ['first', 'second']) await world.db.enqueue(task, { word }, { key: 'one' })
    await world.db.enqueue(task, { word: 'of another key' }, { key: 'two' })
    await world.db.enqueue(other.task, { word: 'of another task' }, { key: 'one' })
    expect(await queued(task)).toHaveLength(2)
    await start([task])
    await until(() => told.length > 0)
    await world.db.enqueue(task, { word: 'third' }, { key: 'one' })
    keep()
    await until(async () => (await queued(task)).length === 0)
    expect(told.sort()).toEqual(['of another key', 'second', 'third'])
    expect(await queued(other.task)).toHaveLength(1)
  })

  test('of a task that this version does not know is left to others', async () => {
    const [known, unknown] = [noting(), noting()]
    await start([known.task])
    await world.db.enqueue(unknown.task, { word: 'x' })
    await world.db.enqueue(known.task, { word: 'x' })
    await until(() => known.told.length > 0)
    expect(await queued(unknown.task)).toMatchObject([{ attempts: 0, locked_by: null }])
  })

  test('is done once, by one of two processes that take turns', async () => {
    const { task, told } = noting()
    const took = new Set<string>()
    const taking = (who: string): AnyTask => ({
      ...task,
      work: async (job: Job<{ word: string }>) => {
        took.add(who)
        await task.work(job)
      },
    })
    await Promise.all(['one', 'other'].map((who) => start([taking(who)], { concurrency: 2 })))
    const words = Array.from({ length: 200 }, (_, index) => String(index))
    await world.db.transaction(async (tx) => {
      for (const word of words) await tx.enqueue(task, { word })
    })
    await until(async () => (await queued(task)).length === 0)
    expect(told.sort()).toEqual(words.sort())
    expect([...took].sort()).toEqual(['one', 'other'])
  })
})

describe('a job that fails', () => {
  test('is tried again, each time later, and stays to be seen after the last; its reasons stand in the log', async () => {
    const lines: string[] = []
    const log = createLog({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) })
    const { task, told } = noting(async () => {
      throw Object.assign(new TypeError('No mail for ada@example.com'), { code: 'EMAIL' })
    })
    await start([task], { log })
    await world.db.enqueue(task, { word: 'canary' }, { maxAttempts: 3 })
    const waits: number[] = []
    for (let tries = 1; tries <= 3; tries++) {
      await until(async () => {
        const [job] = await queued(task)
        return job!.attempts === tries && job!.locked_by === null && told.length === tries
      })
      waits.push((await queued(task))[0]!.due_in)
      await hurry()
    }
    // e, e² and e³ seconds, and up to half as much again; some of it may have passed.
    waits.forEach((wait, index) => {
      expect(wait).toBeGreaterThan(Math.exp(index + 1) - 2)
      expect(wait).toBeLessThan(Math.exp(index + 1) * 1.5)
    })
    // Without what was thrown: the queue is not encrypted.
    expect(await queued(task)).toMatchObject([
      { attempts: 3, max_attempts: 3, last_error: 'TypeError EMAIL', locked_by: null },
    ])
    expect(await countJobs(world.db)).toEqual({ waiting: 0, later: 0, running: 0, failed: 1 })
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { task: task.name, attempt: 1, level: 'warn', msg: 'A job has failed and will be tried again' },
      { task: task.name, attempt: 2, level: 'warn' },
      {
        task: task.name,
        attempt: 3,
        level: 'error',
        msg: 'A job has failed for good',
        err: { name: 'TypeError' },
      },
    ])
    expect(lines.join()).not.toContain('canary')

    // As the README has it, for the role of requests too.
    const [{ id }] = (await queued(task)) as [QueuedJob]
    await world.db.query(
      `SELECT graphile_worker.reschedule_jobs(ARRAY[${id}], run_at => now(), attempts => 0)`,
    )
    await hurry()
    await until(() => told.length === 4)
  })

  test('that takes longer than its task allows is told to stop, has failed and is tried again', async () => {
    const { task, told } = noting(async ({ stopping }) => {
      if (told.length > 1) return
      await once(stopping, 'abort')
      stopping.throwIfAborted()
    })
    await start([{ ...task, timeout: 50 }])
    await world.db.enqueue(task, { word: 'x' })
    await until(async () => (await queued(task))[0]?.last_error === 'JobTimeout')
    expect(await queued(task)).toMatchObject([{ attempts: 1, locked_by: null }])
    await hurry()
    await until(async () => (await queued(task)).length === 0)
    expect(told).toHaveLength(2)
  })

  test('that hangs does not keep the others from being done', async () => {
    const { kept, keep } = promised()
    const hanging = noting(() => kept)
    const other = noting()
    await start([{ ...hanging.task, timeout: 50 }, other.task], { concurrency: 1, patience: 50 })
    await world.db.enqueue(hanging.task, { word: 'x' })
    await world.db.enqueue(other.task, { word: 'y' })
    await until(() => other.told.length > 0)
    await until(async () => (await queued(hanging.task))[0]?.last_error === 'JobTimeout')
    expect(await queued(hanging.task)).toMatchObject([{ attempts: 1, locked_by: null }])
    keep()
  })

  test('may take a quarter of an hour where its task says nothing', () => {
    expect(noting().task.timeout).toBe(15 * MINUTE)
    const timeout = 2 * HOUR
    expect(defineTask({ name: unique('test:'), timeout, work: async () => undefined }).timeout).toBe(timeout)
  })

  test('waits a little longer or shorter than the others that failed with it', async () => {
    const { task, told } = noting(async () => {
      throw new Error('No.')
    })
    for (let count = 0; count < 5; count++) await world.db.enqueue(task, { word: 'x' })
    await start([task], { concurrency: 5 })
    await until(async () => told.length === 5 && (await queued(task)).every((job) => job.last_error !== null))
    const waits = (await queued(task)).map(({ due_in }) => due_in)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(0.1)
  })

  test('once is done the next time', async () => {
    let tries = 0
    const { task, told } = noting(async () => {
      if (++tries === 1) throw new Error('Not yet.')
    })
    await start([task])
    await world.db.enqueue(task, { word: 'x' })
    await until(async () => (await queued(task))[0]?.last_error === 'Error')
    await hurry()
    await until(async () => (await queued(task)).length === 0)
    expect(told).toHaveLength(2)
  })

  test('takes back what it did in its transaction, and what it asked for there', async () => {
    const consequence = noting()
    const { task } = noting(({ db }) =>
      db.transaction(async (tx) => {
        await tx.enqueue(consequence.task, { word: 'x' })
        throw new Error('No.')
      }),
    )
    await start([task])
    await world.db.enqueue(task, { word: 'x' })
    await until(async () => (await queued(task))[0]?.last_error === 'Error')
    expect(await queued(consequence.task)).toEqual([])
  })
})

test('the figures count jobs by what becomes of them', async () => {
  const { kept, keep } = promised()
  const { task } = noting(() => kept)
  await start([task])
  await world.db.enqueue(task, { word: 'x' })
  await until(async () => (await countJobs(world.db)).running === 1)
  for (let count = 0; count < 2; count++) await world.db.enqueue(task, { word: 'x' })
  for (let count = 0; count < 3; count++)
    await world.db.enqueue(task, { word: 'x' }, { runAt: new Date(Date.now() + 60 * SECOND) })
  await world.db.query(
    `UPDATE graphile_worker._private_jobs SET attempts = max_attempts WHERE id = (SELECT max(id) FROM graphile_worker.jobs)`,
  )
  const metrics = await (await fetch(`${world.portico.url}/metrics`)).text()
  const lines = metrics.split('\n').filter((line) => line.startsWith('portico_jobs{'))
  expect(lines).toEqual([
    'portico_jobs{state="waiting"} 2',
    'portico_jobs{state="later"} 2',
    'portico_jobs{state="running"} 1',
    'portico_jobs{state="failed"} 1',
  ])
  keep()
})
