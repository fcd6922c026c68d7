import { GraphQLJSON } from 'graphql-scalars'
import { Int } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Shown, Type } from '../../api/type'
import { PreferenceSource, type GroupEffectivePreference } from './effective-preference'
import type { GroupPreferenceChangeRow } from './group-preference.service'
import { DescribedPreferenceType } from './preference.type'

@Type(
  'GroupPreference',
  'A setting that a group has for its members, as far as these have not set it themselves.',
)
export class GroupPreferenceType
  extends DescribedPreferenceType
  implements Omit<GroupEffectivePreference, 'groupId'>
{
  @Shown(() => GraphQLJSON, 'What it is for a member of this group alone who has not set it.', true)
  value!: unknown

  @Shown(() => PreferenceSource, '`GROUP` where it is set for the group, else where its default comes from.')
  source!: PreferenceSource

  @Shown(() => Date, 'When it was set for the group; null while it has its default.', true)
  updatedAt!: Date | null

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`; 0 where there was none.')
  version!: number
}

@Type(
  'GroupPreferenceChange',
  'That staff have changed a preference of a group. The last 50 of each preference are kept, for two years.',
)
export class GroupPreferenceChangeType implements Omit<
  GroupPreferenceChangeRow,
  'id' | 'groupId' | 'changedById'
> {
  @Shown(() => String, 'Which preference.')
  key!: string

  @Shown(() => Int, 'Which change of this preference it was, from 1: the `version` that it has led to.')
  number!: number

  @Shown(() => GraphQLJSON, 'What was set before; null where nothing was.', true)
  before!: unknown

  @Shown(() => GraphQLJSON, 'What was set then; null where nothing is any more.', true)
  after!: unknown

  @Shown(() => Date, 'When it was changed.')
  changedAt!: Date
}

export const GroupPreferenceChangeConnection = connectionOf(
  'GroupPreferenceChange',
  () => GroupPreferenceChangeType,
)
