import { GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars'
import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { GlobalId, Shown, Type } from '../../api/type'
import { PreferenceSource, type DescribedPreference, type EffectivePreference } from './effective-preference'
import type { PreferenceChangeRow } from './preference-change.repository'
import { PreferenceLevel } from './preference-level'

registerEnumType(PreferenceSource, {
  name: 'PreferenceSource',
  description: 'Where the value of a preference comes from. Each goes before those above it.',
  valuesConfig: {
    BUILT_IN: { description: "Portico's own default." },
    APPLICATION: { description: 'The default of the application.' },
    GROUP: {
      description:
        'Staff have set it for a group that the person is in; of several the one first in which they have been the longest.',
    },
    PERSON: { description: 'The person has set it.' },
    DEVICE: { description: 'The person has set it on this device.' },
  },
})

registerEnumType(PreferenceLevel, {
  name: 'PreferenceLevel',
  description: 'Where a person sets preferences.',
  valuesConfig: {
    PERSON: { description: 'On all devices.' },
    DEVICE: { description: 'On a device, where it goes before what holds on all.' },
  },
})

/** What preferences of people and of groups have in common: what they are by definition. */
@Type('DescribedPreference', 'A preference as it is defined.')
export abstract class DescribedPreferenceType implements DescribedPreference {
  @Shown(() => String, 'Which preference, e.g. `theme` or `notifications.email`.')
  key!: string

  @Shown(() => String, 'What stands before the last dot of the key; null where there is none.', true)
  namespace!: string | null

  @Shown(() => String, 'What it means.')
  description!: string

  @Shown(() => GraphQLJSONObject, 'What values are allowed, as a JSON Schema (draft 2020-12).')
  schema!: Record<string, unknown>

  @Shown(
    () => GraphQLJSON,
    'What it is where nobody has set it, by default of the application or of Portico.',
    true,
  )
  defaultValue!: unknown

  @Shown(() => Boolean, 'Whether it can be another one on a device.')
  isForDevices!: boolean

  @Shown(() => Boolean, 'Whether staff can set it for a group.')
  isForGroups!: boolean
}

@Type('Preference', 'A setting of a person, with what it means, what it may be and where it comes from.')
export class PreferenceType extends DescribedPreferenceType implements Omit<EffectivePreference, 'groupId'> {
  @Shown(
    () => GraphQLJSON,
    'The value: as set on the device that is asked about, else by the person, else for a group, else the default.',
    true,
  )
  value!: unknown

  @Shown(() => PreferenceSource, 'Where the value comes from.')
  source!: PreferenceSource

  @Shown(
    () => GraphQLJSON,
    'What it is where the person has not set it: as for their group, else the default. `resetPreferences` goes back to it.',
    true,
  )
  inheritedValue!: unknown

  @Shown(() => Date, 'When it was set where it comes from; null while it has its default.', true)
  updatedAt!: Date | null

  @Shown(
    () => Int,
    'Counts what the person has changed of it, on whatever device, for `expectedVersion`; 0 where nothing.',
  )
  version!: number
}

@Type(
  'PreferenceChange',
  'That a preference of a person was changed. The last 50 of each preference are kept, for two years.',
)
export class PreferenceChangeType implements Omit<PreferenceChangeRow, 'userId' | 'changedById'> {
  @GlobalId('preference_change', 'For `restorePreference`.')
  id!: string

  @Shown(() => String, 'Which preference.')
  key!: string

  @Shown(() => Int, 'Which change of this preference it was, from 1: the `version` that it has led to.')
  number!: number

  @Shown(
    () => String,
    'The device on which it was set; null for all. What was set on a device is for nobody but the person.',
    true,
  )
  deviceId!: string | null

  @Shown(() => GraphQLJSON, 'What was set before; null where nothing was.', true)
  before!: unknown

  @Shown(() => GraphQLJSON, 'What was set then; null where it went back to what it inherits.', true)
  after!: unknown

  @Shown(() => Date, 'When it was changed.')
  changedAt!: Date
}

export const PreferenceChangeConnection = connectionOf('PreferenceChange', () => PreferenceChangeType)

@Type('PreferencesEvent', 'That some preferences of the viewer may be others by now, each event once.')
export class PreferencesEventType {
  @Shown(() => String, 'Where to go on after it, for `after`.')
  cursor!: string

  @Shown(() => [PreferenceType], 'The preferences, as they are now on the device that was named.')
  preferences!: PreferenceType[]
}
