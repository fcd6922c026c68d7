import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { GroupMember } from './group-member.entity'

const COLUMNS = ['id', 'groupId', 'userId', 'addedById', 'createdAt'] as const
export type GroupMemberRow = Pick<GroupMember, (typeof COLUMNS)[number]>

const OLDEST_FIRST: ListOrder<GroupMemberRow> = { columns: ['createdAt', 'id'], descending: false }

/** Every question about who is in which group. People see where they are; `groups:read` sees whom it reaches. */
export class GroupMemberRepository {
  constructor(private readonly db: Database) {}

  /**
   * The memberships of these people, whoever asks: the policy looks here for whom a permission reaches.
   * @visibility guarded as `User.groups`; the policy itself looks here for whom a permission reaches
   */
  async findByUsers(userIds: readonly Id[]): Promise<GroupMemberRow[]> {
    return selectRows(this.db, GroupMember, 'member', COLUMNS)
      .where('member.userId = ANY(:userIds)', { userIds })
      .orderBy('member.createdAt')
      .addOrderBy('member.id')
      .getRawMany<GroupMemberRow>()
  }

  async listByGroup(groupId: Id, page: PageRequest): Promise<Page<GroupMemberRow>> {
    return readPage(this.ofGroup(groupId), OLDEST_FIRST, page)
  }

  async countByGroup(groupId: Id): Promise<number> {
    return this.ofGroup(groupId).getCount()
  }

  /**
   * False when the person is in the group already.
   * @visibility whoever may write groups adds to them
   */
  async add(member: GroupMember): Promise<boolean> {
    const result = await this.db
      .repo(GroupMember)
      .createQueryBuilder()
      .insert()
      .values(member)
      .orIgnore()
      .returning('id')
      .execute()
    return (result.raw as unknown[]).length > 0
  }

  /**
   * False when the person was not in the group.
   * @visibility whoever may write groups takes out of them
   */
  async remove(groupId: Id, userId: Id): Promise<boolean> {
    const result = await this.db.repo(GroupMember).delete({ groupId, userId })
    return (result.affected ?? 0) > 0
  }

  private ofGroup(groupId: Id) {
    return selectRows(this.db, GroupMember, 'member', COLUMNS)
      .where('member.groupId = :groupId', { groupId })
      .andWhere(...ownOrWithinReach(this.db.caller.viewer, 'member.userId', 'groups:read'))
  }
}
