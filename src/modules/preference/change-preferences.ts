import { isDeepStrictEqual } from 'node:util'
import { newId } from '../../core/id'
import { readerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { PreferenceRepository, type Change, type Owner, type StateRow } from './preference.repository'

/** What a preference is to be, on all devices (null) or on one; with a value of null it has what it inherits. */
export interface Wanted {
  key: string
  deviceId: string | null
  value: unknown
}

/**
 * Optimistic concurrency, preference by preference.
 * @throws ApiError CONFLICT
 */
export function assertVersionOf(
  state: readonly StateRow[],
  key: string,
  expectedVersion: number | undefined,
): void {
  const own = state.find((row) => row.key === key && row.deviceId === null)
  assertVersion(own?.version ?? 0, expectedVersion, { key, value: own?.value ?? null })
}

/**
 * Makes preferences what is wanted of them, and notes what has changed; what is so already stays as it is. Answers what has changed.
 * Call it with the owner locked.
 * @param state what is set of them at that moment
 */
export async function changePreferences(
  tx: Database,
  owner: Owner,
  state: readonly StateRow[],
  wanted: readonly Wanted[],
): Promise<Change[]> {
  const { now } = tx
  const changedById = readerId(tx.caller.viewer)
  const setOf = (key: string, deviceId: string | null) =>
    state.find((row) => row.key === key && row.deviceId === deviceId)
  const versions = new Map<string, number>()
  const changes: Change[] = []
  for (const { key, deviceId, value } of wanted) {
    const before = setOf(key, deviceId)?.value ?? null
    // As it will be read: a literal of a document has no prototype.
    const after = value === null ? null : (JSON.parse(JSON.stringify(value)) as unknown)
    if (isDeepStrictEqual(before, after)) continue
    const number = (versions.get(key) ?? setOf(key, null)?.version ?? 0) + 1
    versions.set(key, number)
    changes.push({
      id: newId(now),
      key,
      number,
      deviceId,
      before,
      after,
      changedById,
      changedAt: now,
    })
  }
  if (changes.length === 0) return changes

  const preferences = new PreferenceRepository(tx)
  await preferences.save(
    owner,
    [...versions].map(([key, version]) => {
      const own = changes.find((change) => change.key === key && change.deviceId === null)
      const { value, updatedAt } = own
        ? { value: own.after, updatedAt: now }
        : (setOf(key, null) ?? { value: null, updatedAt: now })
      return { key, value, updatedAt, version }
    }),
  )
  if ('userId' in owner) await changeOnDevices(tx, owner.userId, changes)
  await preferences.addChanges(owner, changes)
  return changes
}

async function changeOnDevices(tx: Database, userId: string, changes: readonly Change[]): Promise<void> {
  const preferences = new PreferenceRepository(tx)
  const onDevices = changes.filter(({ deviceId }) => deviceId !== null)
  const reset = onDevices.filter(({ after }) => after === null)
  if (reset.length > 0) await preferences.removeFromDevices(userId, reset)
  for (const deviceId of new Set(onDevices.map((change) => change.deviceId!))) {
    const set = onDevices.filter((change) => change.deviceId === deviceId && change.after !== null)
    if (set.length > 0)
      await preferences.setOnDevice(
        userId,
        deviceId,
        set.map(({ key, after }) => ({ key, value: after })),
        changes[0]!.changedAt,
      )
  }
}
