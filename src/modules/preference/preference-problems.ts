import type { Problem } from '../../core/error'
import type { PreferenceDefinition, PreferenceDefinitions } from '../../core/preference-definition'
import { noSuchKey, valueProblems, type Told } from '../../core/value-problems'

/** For what preferences are to be set. */
export type Target = 'person' | 'device' | 'group'

const TOLD: Told = {
  field: 'preferences',
  what: 'preference',
  hint: '`preferences` lists those that there are.',
}

/** What is wrong with a list of preferences that are to be set, each key of which may stand in it once. */
export const preferenceProblems = (
  definitions: PreferenceDefinitions,
  given: readonly { key: string; value: unknown }[],
  target: Target = 'person',
): Problem[] => valueProblems(definitions, given, TOLD, (definition) => misplaced(definition, target))

export const noSuchPreference = (definitions: PreferenceDefinitions, key: string): string =>
  noSuchKey(definitions, key, TOLD)

/** Why a preference cannot be set for something; null where it can. */
function misplaced({ isForDevices, isForGroups }: PreferenceDefinition, target: Target): string | null {
  if (target === 'device' && !isForDevices)
    return 'This preference is the same on all devices; leave `deviceId` out.'
  return target === 'group' && !isForGroups ? 'This preference is not one that a group can have.' : null
}
