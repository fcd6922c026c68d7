import { Int } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import type { GroupMemberRow } from './group-member.repository'
import type { GroupRow } from './group.repository'

@Type(
  'Group',
  'People to whom the power of a role can be limited. Visible to those in it and to holders of `groups:read`.',
  { implements: Node },
)
export class GroupType implements GroupRow {
  @GlobalId('group')
  id!: string

  @Shown(() => String, 'The short name, unique without regard to case.')
  name!: string

  @Shown(() => String, 'What the group is for.')
  description!: string

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number

  @Shown(() => Date, 'When it was made.')
  createdAt!: Date
}

@Type('GroupMember', 'That somebody is in a group.')
export class GroupMemberType implements Pick<GroupMemberRow, 'createdAt'> {
  @Shown(() => Date, 'Since when.')
  createdAt!: Date
}

export const GroupConnection = connectionOf('Group', () => GroupType)
export const GroupMemberConnection = connectionOf('GroupMember', () => GroupMemberType)
