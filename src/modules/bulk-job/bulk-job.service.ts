import { notFound, Rejected, rejected, UserErrorCode, type Problem } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { momentsToText } from '../../core/moments'
import type { Page, PageRequest } from '../../core/page'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { GroupService } from '../group/group.service'
import { PeopleService, type PeopleFilter } from '../people/people.service'
import { AuthorityService } from '../role/authority.service'
import { RoleService } from '../role/role.service'
import { UserService } from '../user/user.service'
import type { BulkAction, TermsOf } from './bulk-form'
import {
  BulkJobItemRepository,
  type BulkJobItemFilter,
  type BulkJobItemRow,
} from './bulk-job-item.repository'
import { bulkJobChanged } from './bulk-job-changed'
import { BulkJob } from './bulk-job.entity'
import { BulkJobRepository, type BulkJobRow } from './bulk-job.repository'
import { runBulkJob } from './bulk-job.task'
import type { BulkOrder } from './bulk-order'
import { endOf } from './bulk-run'

export type { BulkJobItemFilter, BulkJobItemRow, BulkJobRow }

/** Whom a bulk job is about: people by name, or all whom a filter finds. */
export interface People {
  userIds?: readonly Id[]
  filter?: PeopleFilter
}

/** What is done to many people: asked for, looked at, and cancelled. `runBulkJob` does it. */
export class BulkJobService {
  private readonly jobs: BulkJobRepository
  private readonly items: BulkJobItemRepository

  constructor(private readonly db: Database) {
    this.jobs = new BulkJobRepository(db)
    this.items = new BulkJobItemRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<BulkJobRow[]> {
    return this.jobs.lookup(ids)
  }

  async list(page: PageRequest): Promise<Page<BulkJobRow>> {
    return this.jobs.list(page)
  }

  async count(): Promise<number> {
    return this.jobs.count()
  }

  /** The people of a job that the viewer has found. */
  async listItems(filter: BulkJobItemFilter, page: PageRequest): Promise<Page<BulkJobItemRow>> {
    return this.items.list(filter, page)
  }

  async countItems(filter: BulkJobItemFilter): Promise<number> {
    return this.items.count(filter)
  }

  /**
   * Asks for something to be done to many people in the background, and returns at once. Each of them is asked about when
   * their turn has come; what cannot be done to one of them keeps nobody else from it.
   * @throws Rejected INVALID where not one of both says whom it is about; REQUIRED for an empty list; NOT_FOUND for a person, a
   * role or a group that is not there.
   */
  async start<Action extends BulkAction>(
    action: Action,
    people: People,
    terms: TermsOf<Action>,
  ): Promise<Id> {
    const { userId: startedById, sessionId } = requireSession(this.db.caller.viewer)
    const { requestId, reason = null } = this.db.caller
    const userIds = [...new Set(namedIn(people))]
    const filter = people.filter
      ? await new PeopleService(this.db).resolveAll(people.filter, ['people', 'filter'])
      : null
    await this.assertThere(userIds, terms)
    return this.db.transaction(async (tx) => {
      const id = newId(tx.now)
      const order = momentsToText<BulkOrder>({ terms, filter, reason })
      await new BulkJobRepository(tx).add({
        id,
        action,
        startedById,
        sessionId,
        requestId,
        order: await tx.codec.seal(BulkJob, 'order', { id, ownerId: startedById }, order),
        total: userIds.length,
        foundUpTo: null,
        isFound: filter === null,
        doneCount: 0,
        failedCount: 0,
        createdAt: tx.now,
        startedAt: null,
        endedAt: null,
        isCancelled: false,
      })
      await new BulkJobItemRepository(tx).append(id, 0, userIds)
      await new AuditService(tx).record('bulk-job.started', {
        target: toGlobalId('bulk_job', id),
        details: { action, named: filter === null ? userIds.length : null },
      })
      await tx.enqueue(runBulkJob, { bulkJobId: id })
      return id
    })
  }

  /** What would fail for everybody, or for somebody who is not there, is told at once. */
  private async assertThere(
    userIds: readonly Id[],
    { roleId, groupId }: { roleId?: Id; groupId?: Id | null },
  ): Promise<void> {
    const problems: Problem[] = []
    const missing = (field: string[], what: string) =>
      problems.push({ code: UserErrorCode.NOT_FOUND, field, message: `There is no such ${what}.` })
    const known = new Set((await new UserService(this.db).findShown(userIds)).map(({ id }) => id))
    userIds.forEach((id, index) => {
      if (!known.has(id)) missing(['people', 'userIds', String(index)], 'person')
    })
    if (roleId && !(await new RoleService(this.db).exists(roleId))) missing(['roleId'], 'role')
    if (groupId && !(await new GroupService(this.db).exists(groupId))) missing(['groupId'], 'group')
    if (problems.length > 0) throw new Rejected(...problems)
  }

  /**
   * Stops a job: nobody whose turn has not come is touched from now on, and what has been done stays. Whoever started it may do
   * so, and whoever may see it and is not below them.
   * @throws ApiError NOT_FOUND; Rejected NOT_FOUND where it has ended, NOT_PERMITTED
   */
  async cancel(id: Id): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const jobs = new BulkJobRepository(tx)
      const [seen] = await jobs.lookup([id])
      if (!seen) throw notFound('bulk job')
      const { startedById } = seen
      if (startedById !== null && startedById !== requireSession(tx.caller.viewer).userId) {
        const authority = new AuthorityService(tx)
        await authority.assertNotAbove(await authority.ofViewer(), { userId: startedById })
      }
      const job = await jobs.lock(id)
      if (!job || job.endedAt) throw rejected('bulkJobId', UserErrorCode.NOT_FOUND, 'This job has ended.')
      await jobs.save({ ...job, isCancelled: true, endedAt: tx.now })
      await new AuditService(tx).record('bulk-job.cancelled', {
        target: toGlobalId('bulk_job', id),
        details: endOf(job),
      })
      await tx.notify(bulkJobChanged(id), {})
      return id
    })
  }
}

function namedIn({ userIds, filter }: People): readonly Id[] {
  if ((userIds === undefined) === (filter === undefined))
    throw rejected('people', UserErrorCode.INVALID, 'Say whom: give either `userIds` or `filter`.')
  if (userIds?.length === 0)
    throw rejected(['people', 'userIds'], UserErrorCode.REQUIRED, 'Give at least one.')
  return userIds ?? []
}
