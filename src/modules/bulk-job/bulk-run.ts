import type { Caller } from '../../core/caller'
import { ApiError, Rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { momentsFromText } from '../../core/moments'
import type { Database } from '../../db/database'
import { isRetryable } from '../../db/database-error'
import { AuditService } from '../audit/audit.service'
import { callerByNow } from '../role/caller-by-now'
import { UserService } from '../user/user.service'
import { applyForm } from './bulk-form'
import { bulkJobChanged } from './bulk-job-changed'
import { BulkJobItemRepository } from './bulk-job-item.repository'
import type { BulkJobItem } from './bulk-job-item.entity'
import { BulkJob } from './bulk-job.entity'
import { BulkJobRepository } from './bulk-job.repository'
import type { BulkOrder } from './bulk-order'
import { BulkOutcome } from './bulk-outcome'

/** How many people are looked for with one statement. */
const FOUND_AT_ONCE = 5_000

/** How often those who watch are told at most, in milliseconds. */
const TELL_EVERY = 250

/** Does a bulk job step by step. What a step has done and that it has done it are one transaction. */
export class BulkRun {
  private order: BulkOrder | null = null
  private toldAt = -Infinity

  constructor(
    private readonly db: Database,
    private readonly id: Id,
  ) {}

  /** Looks for some of the people, or sees to one of them. False when nothing is left to do. */
  async step(): Promise<boolean> {
    return this.db.transaction(
      async (tx) => {
        const jobs = new BulkJobRepository(tx)
        const job = await jobs.lock(this.id)
        if (!job || job.endedAt) return false
        this.order ??= await openOrder(tx, job)
        const caller = await callerOf(tx, job, this.order)
        // Whoever asked for it is gone, and what they asked for with them.
        if (!this.order || !caller) job.isCancelled = true
        else if (job.isFound) await this.serveNext(tx, job, this.order, caller)
        else await this.find(tx, job, this.order, caller)
        const isOver = job.isCancelled || (job.isFound && servedBy(job) === job.total)
        const isFirst = job.startedAt === null
        const updated: BulkJob = {
          ...job,
          startedAt: job.startedAt ?? tx.now,
          endedAt: isOver ? tx.now : null,
        }
        await jobs.save(updated)
        if (isOver) await recordEnd(tx, updated)
        await this.tell(tx, isFirst || isOver)
        return !isOver
      },
      { savepoints: true },
    )
  }

  private async find(tx: Database, job: BulkJob, { filter }: BulkOrder, caller: Caller): Promise<void> {
    const ids = await new UserService(tx.as(caller)).findIds(filter ?? {}, job.foundUpTo, FOUND_AT_ONCE)
    await new BulkJobItemRepository(tx).append(job.id, job.total, ids)
    job.total += ids.length
    job.foundUpTo = ids.at(-1) ?? job.foundUpTo
    job.isFound = ids.length < FOUND_AT_ONCE
  }

  private async serveNext(tx: Database, job: BulkJob, { terms }: BulkOrder, caller: Caller): Promise<void> {
    const items = new BulkJobItemRepository(tx)
    const position = servedBy(job) + 1
    if (position > job.total) return
    const userId = await items.userAt(job.id, position)
    const result = await resultOf(tx, () =>
      tx.as(caller).transaction((part) => applyForm(job.action, part, terms, userId)),
    )
    await items.note(job.id, position, result)
    if (result.outcome === BulkOutcome.DONE) job.doneCount++
    else job.failedCount++
  }

  private async tell(tx: Database, isUrgent: boolean): Promise<void> {
    const now = performance.now()
    if (!isUrgent && now - this.toldAt < TELL_EVERY) return
    this.toldAt = now
    await tx.notify(bulkJobChanged(this.id), {})
  }
}

const servedBy = ({ doneCount, failedCount }: BulkJob): number => doneCount + failedCount

async function openOrder(tx: Database, job: BulkJob): Promise<BulkOrder | null> {
  if (job.startedById === null) return null
  const row = { ...job, ownerId: job.startedById }
  const [text] = await tx.codec.open(BulkJob, 'order', [row], ({ order }) => order)
  return text == null ? null : momentsFromText<BulkOrder>(text)
}

/** Whoever started it, with what they may do by now; null when they are gone. */
async function callerOf(tx: Database, job: BulkJob, order: BulkOrder | null): Promise<Caller | null> {
  const { startedById: userId, sessionId, createdAt: authenticatedAt, requestId } = job
  if (userId === null || order === null) return null
  return callerByNow(tx, { userId, sessionId, authenticatedAt, requestId, reason: order.reason })
}

/**
 * What comes of doing something to one person. What their form would tell is noted; anything else that goes wrong with one of
 * them is logged, and does not stop the others.
 */
async function resultOf(
  tx: Database,
  work: () => Promise<unknown>,
): Promise<Pick<BulkJobItem, 'outcome' | 'code' | 'message'>> {
  const failed = (code: UserErrorCode, message: string) => ({ outcome: BulkOutcome.FAILED, code, message })
  try {
    await work()
    return { outcome: BulkOutcome.DONE, code: null, message: null }
  } catch (error) {
    if (isRetryable(error)) throw error
    if (error instanceof Rejected) return failed(error.problems[0]!.code, error.message)
    if (error instanceof ApiError && error.code === 'FORBIDDEN')
      return failed(UserErrorCode.NOT_PERMITTED, error.message)
    if (error instanceof ApiError && error.code === 'NOT_FOUND')
      return failed(UserErrorCode.NOT_FOUND, error.message)
    tx.tools.onEffectError(error)
    return failed(UserErrorCode.INTERNAL, 'Something went wrong on our side; the log says what.')
  }
}

async function recordEnd(tx: Database, job: BulkJob): Promise<void> {
  await new AuditService(tx).record(job.isCancelled ? 'bulk-job.cancelled' : 'bulk-job.completed', {
    subjectId: job.startedById,
    target: toGlobalId('bulk_job', job.id),
    details: endOf(job),
  })
}

/** What the trail tells of the end of a job. */
export const endOf = (job: BulkJob) => ({
  done: job.doneCount,
  failed: job.failedCount,
  left: job.total - servedBy(job),
})
