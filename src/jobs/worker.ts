import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  Logger as QueueLogger,
  parseCronItems,
  run,
  type Job as QueuedJob,
  type Runner,
  type TaskList,
  type WorkerEvents,
  type WorkerPool,
} from 'graphile-worker'
import type { Logger } from 'pino'
import type { DataSource } from 'typeorm'
import { MINUTE, SECOND } from '../core/clock'
import { connectionsOf, createDataSource } from '../db/data-source'
import { Database } from '../db/database'
import { JOB_SCHEMA } from '../db/job-queue'
import type { PubSub } from '../db/pub-sub'
import type { AnyTask } from '../db/task'
import type { RowSender } from '../db/row-sender'
import { DeliverySender } from '../modules/delivery/delivery-sender'
import { mailChannel } from '../modules/mail/mail-channel'
import { entities } from '../modules/modules'
import { smsChannel } from '../modules/sms/sms-channel'
import { WebhookSender } from '../modules/webhook/webhook-sender'
import { Pulse, RHYTHM, takeFrom, type Rhythm } from './pulse'
import { tasks as allTasks } from './tasks'

/** How long a statement of a job may take, in milliseconds. */
const STATEMENT_TIMEOUT = MINUTE

/**
 * How long jobs may go on once they have been told to stop, be it with the process or because their time is up, in
 * milliseconds: less than a stop may take as a whole.
 */
const PATIENCE = 4 * SECOND

/** How long it waits before it begins again after something went wrong, in milliseconds: at first, and at most. */
const PAUSE = SECOND
const LONGEST_PAUSE = 30 * SECOND

export interface WorkerOptions {
  /** The database as the rest of the process has it; jobs get connections of their own. */
  db: Database
  databaseUrl: string
  log: Logger
  /** How many jobs are done at once. */
  concurrency: number
  /** What tests replace. */
  tasks?: readonly AnyTask[]
  rhythm?: Rhythm
  patience?: number
}

/** One life of the queue's worker, under one name. */
interface Life {
  runner: Runner
  pool: WorkerPool
  pulse: Pulse
  /** Tells the jobs to stop. */
  stopping: AbortController
}

/** Does the jobs that wait in the queue, some at a time, and puts those of the timetable into it. */
export class Worker {
  private life: Life | null = null
  private beginning: Promise<void> = Promise.resolve()
  private readonly ending = new AbortController()

  private constructor(
    private readonly options: WorkerOptions,
    private readonly source: DataSource,
  ) {}

  static async start(options: WorkerOptions): Promise<Worker> {
    const source = await createDataSource({
      url: options.databaseUrl,
      entities,
      // A job can need a second connection; the queue needs one to listen on, and some for itself.
      poolSize: 2 * options.concurrency + 3,
      statementTimeout: STATEMENT_TIMEOUT,
      applicationName: 'portico-jobs',
    }).initialize()
    // The queue complains of a pool on which nobody listens; our connections do so themselves.
    connectionsOf(source).on('connect', () => undefined)
    const worker = new Worker(options, source)
    try {
      await worker.begin()
      return worker
    } catch (error) {
      await source.destroy()
      throw error
    }
  }

  /** Takes no more jobs, tells those that run, and puts back those that do not end within seconds. */
  async stop(): Promise<void> {
    this.ending.abort()
    await this.beginning
    if (this.life) await this.end(this.life)
    // It would wait for the connection of a job that has not ended.
    await within(SECOND, this.source.destroy())
  }

  private async begin(): Promise<void> {
    const { db, log, concurrency, tasks = allTasks, rhythm = RHYTHM } = this.options
    const stopping = new AbortController()
    const events: WorkerEvents = new EventEmitter()
    let pool!: WorkerPool
    events.once('pool:create', ({ workerPool }) => {
      pool = workerPool
    })
    // It asks once which tasks the database knows: where that goes wrong, it would find no job for ever.
    let hasLooked = false
    const look = () => {
      hasLooked = true
    }
    events.once('worker:getJob:empty', look).once('job:start', look)
    events.on('worker:getJob:error', () => {
      // Not while it is still telling of it.
      if (!hasLooked) setImmediate(() => this.renew(life))
    })
    const runner = await run({
      pgPool: connectionsOf(this.source),
      schema: JOB_SCHEMA,
      concurrency,
      pollInterval: rhythm.poll,
      noHandleSignals: true,
      events,
      logger: new QueueLogger(() => (level, message, meta) => {
        // What a job has thrown is logged by us, who know what must not be.
        if (meta?.failure !== true) log[LEVELS[level] ?? 'info'](message)
      }),
      taskList: this.taskList(tasks, stopping.signal),
      parsedCronItems: timetable(tasks),
      // Without these a connection that is lost at the end of a job would be an error that nobody catches.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    })
    const pulse: Pulse = new Pulse(db, pool.id, {
      rhythm,
      onLost: () => {
        log.error('Others have taken this process for dead, and its jobs: it begins anew')
        this.renew(life)
      },
      onGone: (workers) => log.warn({ workers }, 'The jobs of processes that are gone were put back'),
      onError: (error) => log.warn({ err: error }, 'The worker cannot say that it lives'),
    })
    const life = { runner, pool, pulse, stopping }
    this.life = life
    void runner.promise.then(() => this.renew(life))
    pulse.start()
  }

  /** The queue's worker gives up when it cannot write what became of a job; the process goes on, and so do jobs. */
  private renew(former: Life): void {
    if (this.ending.signal.aborted || this.life !== former) return
    this.life = null
    this.beginning = this.beginAfter(former)
  }

  private async beginAfter(former: Life): Promise<void> {
    const { db, log } = this.options
    const { signal } = this.ending
    await this.end(former)
    for (let pause = PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      await sleep(pause, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      try {
        // What it was doing has ended, whether or not it was able to write so.
        await takeFrom(db, [former.pool.id])
        return await this.begin()
      } catch (error) {
        log.error({ err: error }, 'Jobs cannot be done at the moment')
      }
    }
  }

  private async end({ runner, pool, pulse, stopping }: Life): Promise<void> {
    const { log, patience = PATIENCE } = this.options
    stopping.abort()
    // It refuses where it has ended by itself.
    const stopped = runner.stop().catch(() => undefined)
    try {
      if (!(await within(patience, stopped))) {
        log.warn('Jobs that did not stop in time were put back')
        await this.putBack(pool.id)
      }
      await pulse.stop()
    } catch (error) {
      log.warn({ err: error }, 'The worker could not take its leave')
    }
  }

  private taskList(tasks: readonly AnyTask[], stopping: AbortSignal): TaskList {
    const list = tasks.map((task) => [
      task.name,
      (told: unknown, { job }: { job: QueuedJob }) => this.attempt(task, told, job, stopping),
    ])
    return Object.fromEntries(list) as TaskList
  }

  private async attempt(task: AnyTask, told: unknown, job: QueuedJob, stopping: AbortSignal): Promise<void> {
    const { _cron, ...payload } = told as { _cron?: unknown }
    const { patience = PATIENCE, log } = this.options
    const db = Database.of({ ...this.options.db.tools, source: this.source })
    try {
      // It may have been fetched at the very moment.
      stopping.throwIfAborted()
      await inTime(task.timeout, patience, (timeUp) =>
        task.work({
          db,
          payload: payload as never,
          tell: (facts, message) => log.info({ task: task.name, jobId: job.id, ...facts }, message),
          stopping: AbortSignal.any([stopping, timeUp]),
        }),
      )
    } catch (error) {
      await this.afterFailure(job, error, stopping)
      throw new Error(describe(error))
    }
  }

  private async afterFailure(job: QueuedJob, error: unknown, stopping: AbortSignal): Promise<void> {
    const { log, db } = this.options
    const { id: jobId, task_identifier: task, attempts: attempt, max_attempts: attempts } = job
    try {
      if (stopping.aborted) {
        log.info({ task, jobId, ...(error !== stopping.reason && { err: error }) }, 'A job was put back')
        await this.putBack(job.locked_by!, jobId)
        return
      }
      const isLast = attempt >= attempts
      const message = isLast ? 'A job has failed for good' : 'A job has failed and will be tried again'
      log[isLast ? 'error' : 'warn']({ task, jobId, attempt, attempts, err: error }, message)
      // The queue lets it wait e times as long after each try. With up to half of that before, what failed together does not
      // come back together.
      await db.query(
        `UPDATE ${JOB_SCHEMA}._private_jobs
         SET run_at = greatest(run_at, now()) + random() * 0.5 * exp(least(attempts, 10)) * interval '1 second'
         WHERE id = $1 AND locked_by = $2`,
        [jobId, job.locked_by],
      )
    } catch (failure) {
      log.warn({ task, jobId, err: failure }, 'What became of a job cannot be written')
    }
  }

  /** Gives jobs of a worker back as if they had not been tried: all, or one. */
  private async putBack(workerId: string, jobId: string | null = null): Promise<void> {
    await this.options.db.query(
      `WITH back AS (
         UPDATE ${JOB_SCHEMA}._private_jobs SET attempts = greatest(attempts - 1, 0), locked_at = NULL, locked_by = NULL
         WHERE locked_by = $1 AND ($2::bigint IS NULL OR id = $2) RETURNING 1
       )
       SELECT pg_notify('jobs:insert', '{"count":1}') FROM back`,
      [workerId, jobId],
    )
  }
}

const LEVELS: Record<string, 'error' | 'warn' | 'debug' | 'trace'> = {
  error: 'error',
  warning: 'warn',
  info: 'debug',
  debug: 'trace',
}

const timetable = (tasks: readonly AnyTask[]) =>
  parseCronItems(
    tasks.flatMap(({ name, schedule, maxAttempts }) =>
      schedule === null
        ? []
        : [{ task: name, identifier: name, match: schedule, options: { maxAttempts, jobKey: name } }],
    ),
  )

/** What stays in the queue of what a job has thrown; the rest of it, which can hold what it stumbled over, is for the log. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'No error was thrown, but something else'
  const { code, driverError } = error as {
    code?: unknown
    driverError?: { code?: string; constraint?: string }
  }
  return [error.name, driverError?.code ?? code, driverError?.constraint]
    .filter((part) => typeof part === 'string')
    .join(' ')
}

/** A job took longer than its task allows. */
class JobTimeout extends Error {
  override readonly name = 'JobTimeout'
}

/**
 * Does work that is told when its time is up, and waited for a little longer then. What goes on nevertheless holds its
 * connection until it ends, but nothing waits for it any more.
 * @throws JobTimeout
 */
async function inTime(
  milliseconds: number,
  patience: number,
  work: (timeUp: AbortSignal) => Promise<void>,
): Promise<void> {
  const timeUp = new AbortController()
  const ended = new AbortController()
  const wait = { signal: ended.signal, ref: false }
  const late = async () => {
    await sleep(milliseconds, undefined, wait)
    const reason = new JobTimeout(`It took longer than ${milliseconds / SECOND} seconds.`)
    timeUp.abort(reason)
    await sleep(patience, undefined, wait)
    throw reason
  }
  await Promise.race([work(timeUp.signal), late()]).finally(() => ended.abort())
}

/** Whether `work` ends in time. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const ended = work.then(() => true)
  const late = sleep(milliseconds, false, { signal: timer.signal }).catch(() => false)
  return Promise.race([ended, late]).finally(() => timer.abort())
}

/** What a process offers jobs, and what it starts beside its server. */
export interface Workplace {
  db: Database
  databaseUrl: string
  pubSub: PubSub
  log: Logger
  config: { jobConcurrency: number }
}

/** Starts what works in the background where the configuration asks for it: a worker for jobs, and what sends webhooks, mails and texts. */
export async function startJobs({
  db,
  databaseUrl,
  pubSub,
  log,
  config,
}: Workplace): Promise<{ stop(): Promise<void> }> {
  const { jobConcurrency: concurrency } = config
  if (concurrency === 0) return { stop: () => Promise.resolve() }
  const worker = await Worker.start({ db, databaseUrl, log, concurrency })
  const sending = (what: string) => ({
    pubSub,
    onError: (error: unknown) => log.error({ err: error }, `${what} could not be sent`),
  })
  const senders: RowSender[] = [
    new WebhookSender(db, sending('Webhooks')),
    new DeliverySender(db, mailChannel, sending('Mails')),
    new DeliverySender(db, smsChannel, sending('Text messages')),
  ]
  for (const sender of senders) sender.start()
  return {
    stop: async () => {
      await Promise.all([worker.stop(), ...senders.map((sender) => sender.stop())])
    },
  }
}
