import type { Id } from '../../core/id'
import { namespaceOf, type PreferenceDefinition } from '../../core/preference-definition'
import type { JsonSchema } from '../../core/value-schema'

/** Where the value of a preference comes from; each level goes before those above it in this list. */
export enum PreferenceSource {
  BUILT_IN = 'built-in',
  APPLICATION = 'application',
  GROUP = 'group',
  PERSON = 'person',
  DEVICE = 'device',
}

/** A preference as it is defined. */
export interface DescribedPreference {
  key: string
  namespace: string | null
  description: string
  schema: JsonSchema
  defaultValue: unknown
  isForDevices: boolean
  isForGroups: boolean
}

/** A preference as it stands for somebody. */
export interface EffectivePreference extends DescribedPreference {
  value: unknown
  source: PreferenceSource
  /** The group that it comes from; null where it comes from none. */
  groupId: Id | null
  inheritedValue: unknown
  /** When it was set where it comes from; null for a default. */
  updatedAt: Date | null
  version: number
}

/** A preference as a group has it for its members. */
export interface GroupEffectivePreference extends DescribedPreference {
  groupId: Id
  value: unknown
  source: PreferenceSource
  updatedAt: Date | null
  version: number
}

/** A value that somebody has set. */
export interface SetValue {
  value: unknown
  updatedAt: Date
}

/** What is set of one preference for one person. */
export interface Levels {
  device: SetValue | null
  person: SetValue | null
  /** By their groups, the one first in which they have been the longest. */
  groups: readonly (SetValue & { groupId: Id })[]
  /** How often the person has changed it. */
  version: number
}

export const NOTHING_SET: Levels = Object.freeze({ device: null, person: null, groups: [], version: 0 })

const describe = ({
  key,
  description,
  schema,
  default: defaultValue,
  isForDevices,
  isForGroups,
}: PreferenceDefinition): DescribedPreference => ({
  key,
  namespace: namespaceOf(key),
  description,
  schema: schema.json,
  defaultValue,
  isForDevices,
  isForGroups,
})

/** From where the default of a preference comes. */
const defaultSource = ({ isDefaultOfApplication }: PreferenceDefinition): PreferenceSource =>
  isDefaultOfApplication ? PreferenceSource.APPLICATION : PreferenceSource.BUILT_IN

/**
 * What a preference is: what the device says, else the person, else the first of their groups that says something, else its default.
 * What the definition does not allow, or not any more, counts as not set.
 */
export function effective(definition: PreferenceDefinition, levels: Levels): EffectivePreference {
  const isAllowed = ({ value }: SetValue) => definition.schema.problemWith(value) === null
  const inherited = (definition.isForGroups && levels.groups.find(isAllowed)) || null
  const ways = [
    { set: definition.isForDevices ? levels.device : null, source: PreferenceSource.DEVICE },
    { set: levels.person, source: PreferenceSource.PERSON },
  ]
  const own = ways.find(({ set }) => set !== null && isAllowed(set))
  const inheritedValue = inherited ? inherited.value : definition.default
  const described = { ...describe(definition), inheritedValue, version: levels.version }
  if (own) return { ...described, ...own.set!, source: own.source, groupId: null }
  if (inherited) return { ...described, ...inherited, source: PreferenceSource.GROUP }
  return {
    ...described,
    value: definition.default,
    source: defaultSource(definition),
    groupId: null,
    updatedAt: null,
  }
}

/** What a preference is for a member of a group who has not set it: what the group says, else its default. */
export function effectiveForGroup(
  definition: PreferenceDefinition,
  groupId: Id,
  set: SetValue | null,
  version: number,
): GroupEffectivePreference {
  const described = { ...describe(definition), groupId, version }
  if (set !== null && definition.schema.problemWith(set.value) === null)
    return { ...described, ...set, source: PreferenceSource.GROUP }
  return { ...described, value: definition.default, source: defaultSource(definition), updatedAt: null }
}
