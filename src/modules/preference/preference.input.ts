import { GraphQLJSON } from 'graphql-scalars'
import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import {
  ExpectedVersion,
  FollowArguments,
  IdOf,
  Input,
  InputList,
  Text,
  type TextRules,
} from '../../api/input'
import { MAX_KEY_LENGTH } from '../../core/preference-definition'
import type { PreferenceChoice } from './preference-choice'
import { PreferenceLevel } from './preference-level'

const MAX_DEVICE_ID_LENGTH = 64

/** What a device is called: by its client, and nobody else has to understand it. */
const deviceId = (what: string): TextRules => ({
  description: `${what} A device is called as its client has chosen, such as by a UUID that it has made and keeps.`,
  max: MAX_DEVICE_ID_LENGTH,
  min: 1,
  optional: true,
  pattern: { matches: /^[A-Za-z0-9_-]+$/, says: 'Use letters, digits, hyphens and underscores.' },
})

const NAMESPACE = { max: MAX_KEY_LENGTH, min: 1, optional: true } as const

@ArgsType()
export class GroupPreferenceArguments {
  @Text({
    ...NAMESPACE,
    description: 'Only those in this namespace, e.g. `notifications`, and in those within it.',
  })
  namespace?: string
}

@ArgsType()
export class PreferenceArguments extends GroupPreferenceArguments {
  @Text(deviceId('As they are on this device, which the person alone is told; left out, as on all.'))
  deviceId?: string
}

@ArgsType()
export class OnePreferenceArguments {
  @Text({ description: 'Which preference, e.g. `theme`.', max: 255, min: 0, verbatim: true })
  key!: string

  @Text(deviceId('As it is on this device, which the person alone is told; left out, as on all.'))
  deviceId?: string
}

@ArgsType()
export class PreferenceHistoryArguments extends PageArguments {
  @Text({ description: 'Only what became of this preference.', max: MAX_KEY_LENGTH, optional: true })
  key?: string
}

@ArgsType()
export class PreferencesChangedArguments extends FollowArguments {
  @Text(deviceId('The values as on this device, and what is set on it alone; left out, what holds on all.'))
  deviceId?: string
}

@Input('PreferenceInput', 'One preference and its new value.')
export class PreferenceInput {
  @Text({ description: 'Which preference, e.g. `theme`.', max: MAX_KEY_LENGTH })
  key!: string

  @Field(() => GraphQLJSON, {
    description: "The value, as the preference's `schema` allows, of at most 4096 bytes as JSON.",
  })
  value!: unknown

  @ExpectedVersion()
  expectedVersion?: number
}

export const PREFERENCES = {
  description: 'The preferences with their new values. All are set, or none.',
  max: 50,
} as const

@Input('SetPreferencesInput', 'Which preferences to set; the others stay.')
export class SetPreferencesInput {
  @InputList(() => PreferenceInput, PREFERENCES)
  preferences!: PreferenceInput[]

  @Text(deviceId('Sets them on this device alone, where they go before what holds on all; left out, on all.'))
  deviceId?: string
}

@Input('PreferenceChoiceInput', 'Which preferences are meant: `keys`, `namespace` or `all`, one of them.')
export class PreferenceChoiceInput implements PreferenceChoice {
  @Text({ description: 'These.', max: MAX_KEY_LENGTH, optional: true, list: { max: 50 } })
  keys?: string[]

  @Text({
    ...NAMESPACE,
    description: 'Those in this namespace, e.g. `notifications`, and in those within it.',
  })
  namespace?: string

  @Field(() => Boolean, { nullable: true, description: 'All.' })
  all?: boolean
}

@Input('ResetPreferencesInput', 'Which preferences to reset, and where.')
export class ResetPreferencesInput {
  @Field(() => PreferenceChoiceInput, { description: 'The preferences.' })
  preferences!: PreferenceChoiceInput

  @Field(() => PreferenceLevel, {
    defaultValue: PreferenceLevel.PERSON,
    description: 'Whether what holds on all devices is reset, or what is set on devices.',
  })
  on!: PreferenceLevel

  @Text(deviceId('With `on: DEVICE`, the device; left out, each of them.'))
  deviceId?: string
}

@Input('RestorePreferenceInput', 'Which change of a preference to take back.')
export class RestorePreferenceInput {
  @IdOf(
    'preference_change',
    'The change, of `preferenceHistory`. The preference is given the value that it had before it.',
  )
  changeId!: string

  @ExpectedVersion()
  expectedVersion?: number
}
