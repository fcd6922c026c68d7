import { ApiError } from '../../core/error'
import { isAboutData, isRetryable } from '../../db/database-error'

/** What is told at once, by one caller: all of it is stored with one commit. */
export interface Batch<Row> {
  rows: readonly Row[]
}

/** How much a buffer does and holds. */
export interface BufferLimits {
  /** How many rows wait or are being stored, at most. */
  rows: number
  /** How many rows are stored with one commit, unless one batch has more. */
  rowsAtOnce: number
  /** How many commits are under way at once. */
  commits: number
}

interface Waiting<Row, One extends Batch<Row>, Outcome> {
  batch: One
  resolve: (outcome: Outcome) => void
  reject: (error: unknown) => void
}

/**
 * Collects what many callers tell while commits are under way, and has it stored together: with one caller nobody waits for others, with
 * many a commit is shared. Nothing is answered before it is durable, and nothing is kept in memory beyond a limit.
 */
export class ActivityBuffer<Row, One extends Batch<Row>, Outcome> {
  private readonly waiting: Waiting<Row, One, Outcome>[] = []
  private rows = 0
  private commits = 0

  constructor(
    /** Stores batches together, or none of them; what became of each, in their order. */
    private readonly store: (batches: readonly One[]) => Promise<readonly Outcome[]>,
    private readonly limits: BufferLimits,
  ) {}

  /** How many rows wait or are being stored. */
  get size(): number {
    return this.rows
  }

  /** Resolves once it is durable. @throws ApiError RATE_LIMITED where there is no room for it. */
  async add(batch: One): Promise<Outcome> {
    // One that is larger than all there may be is let in alone.
    if (this.rows > 0 && this.rows + batch.rows.length > this.limits.rows)
      throw new ApiError(
        'RATE_LIMITED',
        'Too much is told at this moment. Keep it, and tell it again shortly.',
        {
          retryAfter: 1,
        },
      )
    this.rows += batch.rows.length
    return new Promise<Outcome>((resolve, reject) => {
      this.waiting.push({ batch, resolve, reject })
      // After the other requests that have arrived by now.
      if (this.commits < this.limits.commits) setImmediate(() => void this.commit())
    }).finally(() => {
      this.rows -= batch.rows.length
    })
  }

  private async commit(): Promise<void> {
    if (this.commits >= this.limits.commits || this.waiting.length === 0) return
    this.commits++
    const taken = this.take()
    await this.storeTogether(taken)
    this.commits--
    void this.commit()
  }

  private take(): Waiting<Row, One, Outcome>[] {
    let rows = 0
    let count = 0
    for (const { batch } of this.waiting) {
      if (count > 0 && rows + batch.rows.length > this.limits.rowsAtOnce) break
      rows += batch.rows.length
      count++
    }
    return this.waiting.splice(0, count)
  }

  /** Where one of them is what cannot be stored, each is tried by itself, so that it is not in the way of the others. */
  private async storeTogether(taken: readonly Waiting<Row, One, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.store(taken.map(({ batch }) => batch))
      taken.forEach(({ resolve }, index) => resolve(outcomes[index]!))
    } catch (error) {
      const isOfOne = taken.length > 1 && (isAboutData(error) || isRetryable(error))
      if (!isOfOne) return taken.forEach(({ reject }) => reject(error))
      for (const one of taken) await this.storeTogether([one])
    }
  }
}
