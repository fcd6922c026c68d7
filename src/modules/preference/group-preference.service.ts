import { Rejected, type Problem } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { GroupService } from '../group/group.service'
import type { GroupRow } from '../group/group.loader'
import { AuthorityService } from '../role/authority.service'
import { assertVersionOf, changePreferences, type Wanted } from './change-preferences'
import { effectiveForGroup, type GroupEffectivePreference } from './effective-preference'
import type { ResetGroupPreferencesInput, SetGroupPreferencesInput } from './group-preference.input'
import {
  PreferenceChangeRepository,
  type ChangeFilter,
  type GroupPreferenceChangeRow,
} from './preference-change.repository'
import { chosenKeys } from './preference-choice'
import { preferenceProblems } from './preference-problems'
import { PreferenceRepository, type StateRow } from './preference.repository'
import { tellMembers } from './preferences-changed'

export type { GroupPreferenceChangeRow }

/** The preferences that groups have for their members, as far as these have not set them themselves. */
export class GroupPreferenceService {
  private readonly changes: PreferenceChangeRepository

  constructor(private readonly db: Database) {
    this.changes = new PreferenceChangeRepository(db)
  }

  /** All preferences that groups can have, as these groups have them, in the order in which they are defined. */
  async of(groupIds: readonly Id[]): Promise<Map<Id, GroupEffectivePreference[]>> {
    const definitions = [...this.db.tools.preferences.values()].filter(({ isForGroups }) => isForGroups)
    const rows = await new PreferenceRepository(this.db).ofGroups(groupIds)
    const known = new Map(rows.map((row) => [`${row.groupId} ${row.key}`, row]))
    return new Map(
      groupIds.map((groupId) => [
        groupId,
        definitions.map((definition) => {
          const row = known.get(`${groupId} ${definition.key}`)
          const set = row && row.value !== null ? { value: row.value, updatedAt: row.updatedAt } : null
          return effectiveForGroup(definition, groupId, set, row?.version ?? 0)
        }),
      ]),
    )
  }

  async listChanges(filter: ChangeFilter, page: PageRequest): Promise<Page<GroupPreferenceChangeRow>> {
    return this.changes.listOfGroup(filter, page)
  }

  async countChanges(filter: ChangeFilter): Promise<number> {
    return this.changes.countOfGroup(filter)
  }

  /**
   * Sets preferences for the members of a group, all of them or, where one is refused, none.
   * @throws Rejected; ApiError NOT_FOUND; CONFLICT when an `expectedVersion` is not the current one.
   */
  async set({ groupId, preferences }: SetGroupPreferencesInput): Promise<GroupRow> {
    const problems: Problem[] = preferenceProblems(this.db.tools.preferences, preferences, 'group')
    if (problems.length > 0) throw new Rejected(...problems)
    const keys = preferences.map(({ key }) => key)
    return this.change('group.preferences-updated', groupId, keys, (state) => {
      for (const { key, expectedVersion } of preferences) assertVersionOf(state, key, expectedVersion)
      return preferences.map(({ key, value }) => ({ key, deviceId: null, value }))
    })
  }

  /** Lets a group say nothing more of some preferences. @throws Rejected; ApiError NOT_FOUND */
  async reset({ groupId, preferences }: ResetGroupPreferencesInput): Promise<GroupRow> {
    const keys = chosenKeys(this.db.tools.preferences, preferences)
    return this.change('group.preferences-reset', groupId, keys, (state) =>
      state.map(({ key }) => ({ key, deviceId: null, value: null })),
    )
  }

  private async change(
    action: 'group.preferences-updated' | 'group.preferences-reset',
    groupId: Id,
    keys: readonly string[] | null,
    wantedOf: (state: readonly StateRow[]) => Wanted[],
  ): Promise<GroupRow> {
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).require('groups:write')
      const group = await new GroupService(tx).hold(groupId)
      const state = await new PreferenceRepository(tx).stateOf({ groupId }, keys)
      const changes = await changePreferences(tx, { groupId }, state, wantedOf(state))
      if (changes.length > 0) {
        await new AuditService(tx).record(action, {
          target: toGlobalId('group', groupId),
          details: { group: group.name, keys: changes.map(({ key }) => key) },
        })
        await tellMembers(tx, groupId)
      }
      return group
    })
  }
}
