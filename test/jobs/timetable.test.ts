import { MINUTE } from '../../src/core/clock'
import { defineTask, type AnyTask } from '../../src/db/task'
import { tasks } from '../../src/jobs/tasks'
import { readSources } from '../architecture/source'
import { until } from '../support/until'
import { unique } from '../support/world'
import { useWorkers } from './workers'

const { world, start, queued, hurry } = useWorkers()

describe('the list of tasks', () => {
  const files = readSources().filter(({ path }) => path.endsWith('.task.ts'))

  test.each(files.map(({ path }) => path))('has what %s defines', async (path) => {
    const defined = Object.values((await import(`../../${path}`)) as Record<string, AnyTask>)
    expect(defined).not.toEqual([])
    expect(defined.filter((task) => !tasks.includes(task))).toEqual([])
  })

  test('names each once', () => {
    const names = tasks.map(({ name }) => name)
    expect([...new Set(names)]).toEqual(names)
  })
})

test('a worker of the server knows when everything in the timetable was last done', async () => {
  await start(tasks)
  const periodic = tasks.filter(({ schedule }) => schedule !== null).map(({ name }) => name)
  expect(periodic.length).toBeGreaterThanOrEqual(7)
  const known = async () =>
    (
      await world.db.query<{ identifier: string }>(
        'SELECT identifier FROM graphile_worker._private_known_crontabs',
      )
    ).map(({ identifier }) => identifier)
  await until(async () => (await known()).length === periodic.length)
  expect((await known()).sort()).toEqual([...periodic].sort())
})

test('what stands in the timetable is done at its minute, once, however many processes there are', async () => {
  let times = 0
  const told: unknown[] = []
  const task = defineTask({
    name: unique('test:'),
    schedule: '* * * * *',
    work: async ({ payload }) => {
      times++
      told.push(payload)
    },
  })
  const never = defineTask({
    name: unique('test:'),
    // There is no such day.
    schedule: '0 0 31 2 *',
    work: async () => undefined,
  })
  // The next minute has come, as far as the timetable can tell.
  const { now } = Date
  const spy = jest.spyOn(Date, 'now').mockImplementation(() => now() + MINUTE)
  try {
    await Promise.all([start([task, never]), start([task, never])])
    await until(async () => (await queued(task)).length > 0)
  } finally {
    spy.mockRestore()
  }
  expect(await queued(task)).toHaveLength(1)
  expect(await queued(never)).toEqual([])
  await until(async () => {
    await hurry()
    return (await queued(task)).length === 0
  })
  expect([times, told]).toEqual([1, [{}]])
})
