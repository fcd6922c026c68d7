import pino from 'pino'
import { defineTask, type AnyTask, type Job, type Task } from '../../src/db/task'
import { Worker, type WorkerOptions } from '../../src/jobs/worker'
import { unique, useWorld, type World } from '../support/world'

/** What an operator sees of a job in the queue. */
export interface QueuedJob {
  id: string
  attempts: number
  max_attempts: number
  last_error: string | null
  locked_by: string | null
  /** In seconds. */
  due_in: number
}

/** A world for tests of the queue, and processes that do jobs in it: each is as a replica, with connections of its own. */
export function useWorkers() {
  const world = useWorld()
  const running = new Set<Worker>()
  afterEach(async () => {
    for (const worker of running) await worker.stop()
    running.clear()
    await world.db.query('DELETE FROM graphile_worker._private_jobs')
  })
  return {
    world,
    /** Stopped after the test where the test does not stop it. */
    start: async (tasks: readonly AnyTask[], options: Partial<WorkerOptions> = {}): Promise<Worker> => {
      const { db, databaseUrl } = world.portico
      const log = pino({ level: 'silent' })
      const worker = await Worker.start({ db, databaseUrl, log, concurrency: 1, tasks, ...options })
      running.add(worker)
      return worker
    },
    stop: async (worker: Worker): Promise<void> => {
      running.delete(worker)
      await worker.stop()
    },
    queued: (task: Pick<Task, 'name'>) => queued(world, task),
    /** Lets what waits for another try, or for its time, begin at once. */
    hurry: () =>
      world.db.query(
        `WITH hurried AS (UPDATE graphile_worker._private_jobs SET run_at = now() WHERE locked_at IS NULL RETURNING 1)
         SELECT pg_notify('jobs:insert', '{"count":1}') FROM hurried`,
      ),
  }
}

const queued = (world: World, { name }: Pick<Task, 'name'>) =>
  world.db.query<QueuedJob>(
    `SELECT *, extract(epoch FROM run_at - now())::float AS due_in
     FROM graphile_worker.jobs WHERE task_identifier = $1 ORDER BY id`,
    [name],
  )

type Noted = { word: string }

/** A task that notes what it was told. */
export function noting(work: (job: Job<Noted>) => Promise<void> = async () => undefined) {
  const told: string[] = []
  const task = defineTask<Noted>({
    name: unique('test:'),
    work: async (job) => {
      told.push(job.payload.word)
      await work(job)
    },
  })
  return { task, told }
}

/** A promise and what keeps it. */
export function promised(): { kept: Promise<void>; keep: () => void } {
  let keep!: () => void
  const kept = new Promise<void>((resolve) => (keep = resolve))
  return { kept, keep }
}
