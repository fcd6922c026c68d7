import { Rejected, UserErrorCode, type Problem } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import type { SetPreferencesInput } from './preference.input'
import {
  isPreferenceKey,
  PREFERENCES,
  PREFERENCE_KEYS,
  valueProblem,
  type PreferenceKey,
} from './preference-registry'
import { PreferenceRepository } from './preference.repository'

/** A preference as it stands for somebody: set by them, or as it is by default. */
export interface EffectivePreference {
  key: PreferenceKey
  value: unknown
  updatedAt: Date | null
}

export class PreferenceService {
  private readonly preferences: PreferenceRepository

  constructor(private readonly db: Database) {
    this.preferences = new PreferenceRepository(db)
  }

  /** All preferences of these people, in the registry's order. */
  async ofUsers(userIds: readonly Id[]): Promise<Map<Id, EffectivePreference[]>> {
    const rows = await this.preferences.findByUsers(userIds)
    const set = new Map(rows.map((row) => [`${row.userId} ${row.key}`, row]))
    return new Map(
      userIds.map((userId) => [
        userId,
        PREFERENCE_KEYS.map((key) => {
          const row = set.get(`${userId} ${key}`)
          return { key, value: row ? row.value : PREFERENCES[key].default, updatedAt: row?.updatedAt ?? null }
        }),
      ]),
    )
  }

  /** Sets the viewer's own preferences, all of them or, where one is refused, none. */
  async set({ preferences }: SetPreferencesInput): Promise<EffectivePreference[]> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    const problems = preferenceProblems(preferences)
    if (problems.length > 0) throw new Rejected(...problems)
    return this.db.transaction(async (tx) => {
      const updatedAt = tx.now
      await new PreferenceRepository(tx).set(
        preferences.map(({ key, value }) => ({ userId, key, value, updatedAt })),
      )
      await new AuditService(tx).record('preferences.updated', {
        target: toGlobalId('user', userId),
        details: { keys: preferences.map(({ key }) => key) },
      })
      return (await new PreferenceService(tx).ofUsers([userId])).get(userId)!
    })
  }

  /** Sets preferences of people on Portico's own behalf; `preferenceProblems` has found nothing wrong with them. */
  async add(preferences: readonly { userId: Id; key: string; value: unknown }[]): Promise<void> {
    const updatedAt = this.db.now
    await this.preferences.set(preferences.map((preference) => ({ ...preference, updatedAt })))
  }
}

/** What is wrong with a list of preferences, each key of which may stand in it once. */
export const preferenceProblems = (preferences: readonly { key: string; value: unknown }[]): Problem[] => {
  const keys = preferences.map(({ key }) => key)
  return preferences.flatMap(({ key, value }, index) =>
    problemsOf(key, value, index, keys.indexOf(key) < index),
  )
}

function problemsOf(key: string, value: unknown, index: number, isRepeated: boolean): Problem[] {
  const field = ['preferences', String(index)]
  if (isRepeated) {
    return [
      {
        code: UserErrorCode.INVALID,
        field: [...field, 'key'],
        message: 'This preference stands in the list twice.',
      },
    ]
  }
  if (!isPreferenceKey(key)) {
    const message = `There is no such preference. Portico knows ${PREFERENCE_KEYS.join(', ')}.`
    return [{ code: UserErrorCode.NOT_FOUND, field: [...field, 'key'], message }]
  }
  const problem = valueProblem(key, value)
  return problem === null
    ? []
    : [{ code: UserErrorCode.INVALID, field: [...field, 'value'], message: problem }]
}
