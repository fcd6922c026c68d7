import { defineLoader } from '../../context/loader'
import type { Id } from '../../core/id'
import type { EffectivePreference, GroupEffectivePreference } from './effective-preference'
import { GroupPreferenceService } from './group-preference.service'
import { PreferenceService } from './preference.service'

export type { EffectivePreference, GroupEffectivePreference } from './effective-preference'

/** The preferences of a person, on a device where one is named; see `preferencesOf`. */
type PreferencesKey = `${Id}:${string}`

export const preferencesOf = (userId: Id, deviceId: string | null | undefined): PreferencesKey =>
  `${userId}:${deviceId ?? ''}`

/** All preferences of many people, each on whatever device, with one statement. */
export const preferencesByOwner = defineLoader<PreferencesKey, EffectivePreference[], EffectivePreference[]>(
  async (db, keys) => {
    const asked = keys.map((key) => {
      const [userId, deviceId] = key.split(':')
      return { userId: userId!, deviceId: deviceId || null }
    })
    const found = await new PreferenceService(db).of(asked)
    return new Map(keys.map((key, index) => [key, found[index]!]))
  },
  [],
)

/** What many groups say, with one statement. */
export const preferencesByGroup = defineLoader<Id, GroupEffectivePreference[], GroupEffectivePreference[]>(
  (db, groupIds) => new GroupPreferenceService(db).of(groupIds),
  [],
)
