import { defineLoader, grouped, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import type { GroupMemberRow } from './group-member.repository'
import type { GroupRow } from './group.repository'
import { GroupService } from './group.service'

export type { GroupMemberRow } from './group-member.repository'
export type { GroupRow } from './group.repository'

export const groupById = defineLoader<Id, GroupRow>(async (db, ids) =>
  keyed(await new GroupService(db).lookup(ids), 'id'),
)

/** In which groups people are. */
export const membershipsByUser = defineLoader<Id, GroupMemberRow[], GroupMemberRow[]>(
  async (db, userIds) => grouped(await new GroupService(db).membershipsOf(userIds), 'userId'),
  [],
)
