import { MINUTE } from '../core/clock'
import type { Database } from './database'

/** What JSON carries and gives back as it was. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/**
 * What a job is told. It stands in the queue in clear, beside the reach of export and erasure, and may be read by the next
 * version of Portico: so it holds ids and not what they stand for, and what is added to it later is optional.
 */
export type Payload = { readonly [key: string]: Json }

/** Of jobs that need not be told anything. */
export type NoPayload = Record<string, never>

/** A job that is being done. */
export interface Job<Told extends Payload = NoPayload> {
  /** On behalf of Portico itself. A statement may take a minute. */
  readonly db: Database
  readonly payload: Told
  /** Writes a line into the log: what is worth knowing where nothing went wrong. */
  readonly tell: (facts: object, message: string) => void
  /**
   * Aborts when this process has to let go of the job, or its time is up. Long work asks at each step that it can go on from
   * (`stopping.throwIfAborted()`): the job is put back as if it had not been tried, and another process takes it; out of time,
   * it has failed and is tried again later.
   */
  readonly stopping: AbortSignal
}

/** Something that is done in the background, now and then or when asked for with `Database.enqueue`. */
export interface Task<Told extends Payload = NoPayload> {
  /** As it stands in the queue, where jobs of the version before may still wait. */
  readonly name: string
  /** How often a job is tried before it counts as failed. */
  readonly maxAttempts: number
  /** How long a try may take, in milliseconds; then it is told to stop, and has failed. */
  readonly timeout: number
  /** When it is done by itself, as cron has it (UTC); null for never. */
  readonly schedule: string | null
  readonly work: (job: Job<Told>) => Promise<void>
}

/** Any task, for whoever only hands on what it is told. */
export type AnyTask = Task<never>

interface Definition<Told extends Payload> {
  name: string
  maxAttempts?: number
  /** Where a try may take longer than a quarter of an hour, or should not take as long; in milliseconds. */
  timeout?: number
  /** What is in the timetable can be told nothing. */
  schedule?: Told extends NoPayload ? string : never
  /**
   * Is done at least once, and again from the beginning when the process dies, so that what it did before must not be in its
   * way. Whatever it throws is logged, and it is tried again later.
   */
  work: (job: Job<Told>) => Promise<void>
}

/** Ten tries take four to five hours: each wait is e times as long as the one before. */
const MAX_ATTEMPTS = 10

/** Long enough for what goes step by step through many rows, in milliseconds. */
const TIMEOUT = 15 * MINUTE

/** Says what a task is. List it in `src/jobs/tasks.ts`. */
export const defineTask = <Told extends Payload = NoPayload>({
  name,
  work,
  maxAttempts = MAX_ATTEMPTS,
  timeout = TIMEOUT,
  schedule,
}: Definition<Told>): Task<Told> =>
  Object.freeze({ name, work, maxAttempts, timeout, schedule: schedule ?? null })

export interface JobOptions {
  /** Of the jobs of one task and key that wait, the last one replaces the others. */
  key?: string
  /** Not before this moment, on PostgreSQL's clock; as soon as possible where nothing is said. */
  runAt?: Date
  /** In place of the task's own. */
  maxAttempts?: number
}
