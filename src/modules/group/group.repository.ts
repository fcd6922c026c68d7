import { UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { ownId } from '../../core/viewer'
import { constraintMeans } from '../../db/database-error'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { groupWithinReach } from '../../db/reach'
import { Group } from './group.entity'

constraintMeans('groups_name_key', 'name', UserErrorCode.TAKEN, 'There is a group of this name already.')

const COLUMNS = ['id', 'name', 'description', 'version', 'createdAt'] as const
export type GroupRow = Pick<Group, (typeof COLUMNS)[number]>

const OLDEST_FIRST: ListOrder<GroupRow> = { columns: ['createdAt', 'id'], descending: false }

/**
 * Every question about groups. `groups:read` sees all, or those over whose members it is held; people see the groups that
 * they are in.
 */
export class GroupRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<GroupRow[]> {
    return this.visible().andWhere('group.id = ANY(:ids)', { ids }).getRawMany<GroupRow>()
  }

  async list(page: PageRequest): Promise<Page<GroupRow>> {
    return readPage(this.visible(), OLDEST_FIRST, page)
  }

  async count(): Promise<number> {
    return this.visible().getCount()
  }

  /** @visibility whoever names one to put into a change is told that there is none */
  async exists(id: Id): Promise<boolean> {
    return this.db.repo(Group).existsBy({ id })
  }

  /**
   * The whole row, locked until the transaction ends.
   * @visibility whoever may write groups changes them
   */
  async lock(id: Id): Promise<Group | null> {
    return this.db.repo(Group).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  async add(group: Group): Promise<void> {
    await this.db.repo(Group).insert(group)
  }

  async save({ id, ...columns }: Group): Promise<void> {
    await this.db.repo(Group).update({ id }, columns)
  }

  /** Removes a group; who was in it no longer is, and what was granted over its members is gone. */
  async remove(id: Id): Promise<void> {
    await this.db.repo(Group).delete({ id })
  }

  private visible() {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, Group, 'group', COLUMNS)
    const [isReached, parameters] = groupWithinReach(viewer, 'group.id', 'groups:read')
    return query.andWhere(
      `(${isReached} OR EXISTS (
         SELECT FROM group_members member WHERE member.group_id = group.id AND member.user_id = :viewer))`,
      { ...parameters, viewer: ownId(viewer, 'groups:read') },
    )
  }
}
