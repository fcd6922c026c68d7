import { grouped } from '../../context/loader'
import { Rejected, rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { isOwn, ownId, requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { UserService } from '../user/user.service'
import { assertVersionOf, changePreferences, type Wanted } from './change-preferences'
import { effective, NOTHING_SET, type EffectivePreference, type Levels } from './effective-preference'
import { chosenKeys } from './preference-choice'
import {
  PreferenceChangeRepository,
  type ChangeFilter,
  type PreferenceChangeRow,
} from './preference-change.repository'
import type { ResetPreferencesInput, RestorePreferenceInput, SetPreferencesInput } from './preference.input'
import { PreferenceLevel } from './preference-level'
import { preferenceProblems } from './preference-problems'
import { PreferenceRepository, type LevelRow, type StateRow } from './preference.repository'
import { tellPerson } from './preferences-changed'

export type { PreferenceChangeRow }

/** Whose preferences, and on which device; null for what holds on all of them. */
export interface Asked {
  userId: Id
  deviceId: string | null
}

/** The preferences of people, on all of their devices and on each: what they are, and how people change their own. */
export class PreferenceService {
  private readonly preferences: PreferenceRepository
  private readonly changes: PreferenceChangeRepository

  constructor(private readonly db: Database) {
    this.preferences = new PreferenceRepository(db)
    this.changes = new PreferenceChangeRepository(db)
  }

  /**
   * All preferences of these people, in the order in which they are defined. What is set on a device, and in which group somebody is,
   * nobody else is told.
   */
  async of(asked: readonly Asked[]): Promise<EffectivePreference[][]> {
    const { viewer } = this.db.caller
    const definitions = [...this.db.tools.preferences.values()]
    const rows = await this.preferences.levelsOf(
      [...new Set(asked.map(({ userId }) => userId))],
      asked.flatMap(({ deviceId }) => deviceId ?? []),
      ownId(viewer),
    )
    const byUser = grouped(rows, 'userId')
    return asked.map(({ userId, deviceId }) => {
      const levels = levelsByKey(byUser.get(userId) ?? [], deviceId)
      return definitions.map((definition) => {
        const preference = effective(definition, levels.get(definition.key) ?? NOTHING_SET)
        return isOwn(viewer, userId, 'groups:read') ? preference : { ...preference, groupId: null }
      })
    })
  }

  async listChanges(filter: ChangeFilter, page: PageRequest): Promise<Page<PreferenceChangeRow>> {
    return this.changes.listOfPerson(filter, page)
  }

  async countChanges(filter: ChangeFilter): Promise<number> {
    return this.changes.countOfPerson(filter)
  }

  /**
   * Sets the viewer's own preferences, all of them or, where one is refused, none. Answers them as they are then.
   * @throws Rejected; ApiError CONFLICT when an `expectedVersion` is not the current one.
   */
  async set(input: SetPreferencesInput): Promise<EffectivePreference[]> {
    const { preferences } = input
    const deviceId = input.deviceId ?? null
    const target = deviceId === null ? 'person' : 'device'
    const problems = preferenceProblems(this.db.tools.preferences, preferences, target)
    if (problems.length > 0) throw new Rejected(...problems)
    const keys = preferences.map(({ key }) => key)
    return this.change('preferences.updated', keys, deviceId, (state) => {
      for (const { key, expectedVersion } of preferences) assertVersionOf(state, key, expectedVersion)
      return preferences.map(({ key, value }) => ({ key, deviceId, value }))
    })
  }

  /**
   * Gives the viewer's own preferences what they inherit, on all devices, on one, or on each. Answers them as they are then.
   * @throws Rejected
   */
  async reset({
    preferences,
    on,
    deviceId: onDevice,
  }: ResetPreferencesInput): Promise<EffectivePreference[]> {
    const deviceId = onDevice ?? null
    const isOnDevice = on === PreferenceLevel.DEVICE
    if (deviceId !== null && !isOnDevice)
      throw rejected('deviceId', UserErrorCode.INVALID, 'Name a device only with `on: DEVICE`.')
    const keys = chosenKeys(this.db.tools.preferences, preferences)
    const isMeant = (row: StateRow) =>
      isOnDevice
        ? row.deviceId !== null && (deviceId ?? row.deviceId) === row.deviceId
        : row.deviceId === null
    return this.change('preferences.reset', keys, deviceId, (state) =>
      state.filter(isMeant).map((row) => ({ key: row.key, deviceId: row.deviceId, value: null })),
    )
  }

  /**
   * Gives a preference of the viewer the value that it had before a change, where it was changed: on all devices or on one.
   * @throws Rejected NOT_FOUND for a change that is not theirs or is not kept any more, or a preference that there is no more; INVALID
   * for a value that is not allowed any more. ApiError CONFLICT when `expectedVersion` is not the current one.
   */
  async restore({
    changeId,
    expectedVersion,
  }: RestorePreferenceInput): Promise<EffectivePreference | undefined> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    const change = await this.changes.find(changeId, userId)
    if (!change) throw rejected('changeId', UserErrorCode.NOT_FOUND, 'There is no such change of yours.')
    const { key, deviceId, before } = change
    const definition = this.db.tools.preferences.get(key)
    if (!definition)
      throw rejected('changeId', UserErrorCode.NOT_FOUND, 'This preference is not there any more.')
    const problem = before === null ? null : definition.schema.problemWith(before)
    if (problem)
      throw rejected('changeId', UserErrorCode.INVALID, `What it was is not allowed any more. ${problem}`)
    const [restored] = await this.change('preferences.restored', [key], deviceId, (state) => {
      assertVersionOf(state, key, expectedVersion)
      return [{ key, deviceId, value: before }]
    })
    return restored
  }

  /** Sets preferences of people who have none yet, on Portico's own behalf; `preferenceProblems` has found nothing wrong with them. */
  async add(preferences: readonly { userId: Id; key: string; value: unknown }[]): Promise<void> {
    if (preferences.length > 0) await this.preferences.add(preferences, this.db.now)
  }

  /** Switches off what somebody who need not be signed in wants to be without: they have proven who they are with a link. */
  async switchOff(
    userId: Id,
    { key, off }: { key: string; off: (value: unknown) => unknown },
  ): Promise<void> {
    await this.db.transaction(async (tx) => {
      await new UserService(tx).hold(userId)
      const [effective] = await new PreferenceService(tx).of([{ userId, deviceId: null }])
      const value = off(effective!.find((each) => each.key === key)!.value)
      const state = await new PreferenceRepository(tx).stateOf({ userId }, [key])
      const changes = await changePreferences(tx, { userId }, state, [{ key, deviceId: null, value }])
      if (changes.length === 0) return
      await new AuditService(tx).record('preferences.updated', {
        subjectId: userId,
        target: toGlobalId('user', userId),
        details: { keys: [key], isOnDevice: false },
      })
      await tellPerson(tx, userId, { keys: [key], deviceId: null })
    })
  }

  /**
   * Changes preferences of the viewer, with all that follows from it; answers those that it is about (null: all) as they are then. Whoever
   * acts as somebody and may not read them is answered none.
   */
  private async change(
    action: 'preferences.updated' | 'preferences.reset' | 'preferences.restored',
    keys: readonly string[] | null,
    deviceId: string | null,
    wantedOf: (state: readonly StateRow[]) => Wanted[],
  ): Promise<EffectivePreference[]> {
    const { viewer } = this.db.caller
    const { userId } = requireSignedIn(viewer)
    return this.db.transaction(async (tx) => {
      await new UserService(tx).hold(userId)
      const state = await new PreferenceRepository(tx).stateOf({ userId }, keys)
      const changes = await changePreferences(tx, { userId }, state, wantedOf(state))
      if (changes.length > 0) {
        const changed = [...new Set(changes.map(({ key }) => key))]
        const isOnDevice = changes[0]!.deviceId !== null
        await new AuditService(tx).record(action, {
          target: toGlobalId('user', userId),
          details: { keys: changed, isOnDevice },
        })
        await tellPerson(tx, userId, { keys: changed, deviceId })
      }
      if (!isOwn(viewer, userId, 'preferences:read')) return []
      const [all] = await new PreferenceService(tx).of([{ userId, deviceId }])
      return keys === null ? all! : all!.filter(({ key }) => keys.includes(key))
    })
  }
}

function levelsByKey(rows: readonly LevelRow[], deviceId: string | null): Map<string, Levels> {
  const levels = new Map<string, Levels>()
  for (const { level, key, value, updatedAt, version, groupId, ...row } of rows) {
    const known = levels.get(key) ?? NOTHING_SET
    const set = value === null ? null : { value, updatedAt }
    if (level === 'person') levels.set(key, { ...known, person: set, version })
    else if (level === 'group')
      levels.set(key, { ...known, groups: [...known.groups, { value, updatedAt, groupId: groupId! }] })
    else if (row.deviceId === deviceId) levels.set(key, { ...known, device: set })
  }
  return levels
}
