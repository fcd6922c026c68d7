import { toGlobalId } from '../../src/core/id'
import { PreferenceService } from '../../src/modules/preference/preference.service'
import type { Person, World } from './world'

/** Sets a preference of somebody, each time to something else; answers the change. */
export async function setPreference(
  world: World,
  person: Person,
  { key = 'pageSize', deviceId }: { key?: string; deviceId?: string } = {},
): Promise<string> {
  const service = new PreferenceService(await world.asViewer(person))
  const page = { first: 1 }
  const [before] = (await service.listChanges({ ownerId: person.id, key }, page)).rows
  const value = before?.after === 11 ? 12 : 11
  await service.set({ preferences: [{ key, value }], deviceId })
  const [change] = (await service.listChanges({ ownerId: person.id, key }, page)).rows
  return toGlobalId('preference_change', change!.id)
}

/** Somebody prefers something, on all of their devices. */
export async function prefer(world: World, person: Person, key: string, value: unknown): Promise<void> {
  await new PreferenceService(await world.asViewer(person)).set({ preferences: [{ key, value }] })
}
