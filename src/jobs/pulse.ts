import { SECOND } from '../core/clock'
import type { Database } from '../db/database'
import { JOB_SCHEMA } from '../db/job-queue'

/** Times of a process that does jobs, in milliseconds. */
export interface Rhythm {
  /** How often it says that it lives. */
  beat: number
  /** Who has said nothing for so long is gone, and the jobs that it was doing are others'. */
  silence: number
  /** How often it looks for what has become due; of what is due at once it is told. */
  poll: number
}

export const RHYTHM: Rhythm = { beat: 10 * SECOND, silence: 30 * SECOND, poll: 5 * SECOND }

export interface PulseOptions {
  rhythm: Rhythm
  /** Others have taken this process for dead, and what it is doing. */
  onLost: () => void
  /** Others are gone: their jobs wait again. */
  onGone: (workers: readonly string[]) => void
  onError: (error: unknown) => void
}

/**
 * Says that a worker lives, and finds those that do not: a process that was killed takes its jobs back from nobody, and the
 * queue itself would wait for hours. All times are PostgreSQL's.
 */
export class Pulse {
  private timer: NodeJS.Timeout | undefined
  private last = -Infinity
  /** Since when this process has spoken without a pause: a database that was away for all made nobody dead. */
  private steadySince = 0
  private announced = false
  private stopped = false

  constructor(
    private readonly db: Database,
    private readonly workerId: string,
    private readonly options: PulseOptions,
  ) {}

  start(): void {
    void this.beat()
      .catch(this.options.onError)
      .finally(() => {
        if (!this.stopped) this.timer = setTimeout(() => this.start(), this.options.rhythm.beat).unref()
      })
  }

  async stop(): Promise<void> {
    this.stopped = true
    clearTimeout(this.timer)
    await this.db.query('DELETE FROM job_workers WHERE id = $1', [this.workerId])
  }

  private async beat(): Promise<void> {
    const { silence } = this.options.rhythm
    if (!this.announced) {
      await this.db.query('INSERT INTO job_workers (id, seen_at) VALUES ($1, now())', [this.workerId])
      this.announced = true
      return
    }
    const [seen] = await this.db.query<{ at: Date }>(
      // Not the time at which the statement began: it may have had to wait.
      `WITH beat AS (UPDATE job_workers SET seen_at = clock_timestamp() WHERE id = $1 RETURNING seen_at)
       SELECT seen_at AS at FROM beat`,
      [this.workerId],
    )
    if (this.stopped) return
    if (!seen) {
      this.stopped = true
      this.options.onLost()
      return
    }
    const at = seen.at.getTime()
    if (at - this.last > silence / 2) this.steadySince = at
    this.last = at
    if (at - this.steadySince >= silence) await this.buryOthers()
  }

  private async buryOthers(): Promise<void> {
    const { silence } = this.options.rhythm
    const gone = await this.db.query<{ id: string }>(
      `WITH silent AS (DELETE FROM job_workers WHERE seen_at < now() - $1 * interval '1 millisecond')
       SELECT DISTINCT locked_by AS id FROM ${JOB_SCHEMA}.jobs
       WHERE locked_at < now() - $1 * interval '1 millisecond' AND locked_by NOT IN (
         SELECT id FROM job_workers WHERE seen_at >= now() - $1 * interval '1 millisecond'
       )`,
      [silence],
    )
    if (gone.length === 0) return
    const ids = gone.map(({ id }) => id)
    await takeFrom(this.db, ids)
    this.options.onGone(ids)
  }
}

/** Lets others have the jobs of workers that are no more, as tries that came to nothing. */
export const takeFrom = (db: Database, workerIds: readonly string[]): Promise<unknown> =>
  db.query(`SELECT ${JOB_SCHEMA}.force_unlock_workers($1), pg_notify('jobs:insert', '{"count":2}')`, [
    workerIds,
  ])
