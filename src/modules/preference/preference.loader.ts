import { defineLoader } from '../../context/loader'
import type { Id } from '../../core/id'
import { PreferenceService, type EffectivePreference } from './preference.service'

export const preferencesByUser = defineLoader<Id, EffectivePreference[], EffectivePreference[]>(
  async (db, userIds) => new PreferenceService(db).ofUsers(userIds),
  [],
)
