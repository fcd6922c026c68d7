import { GraphQLJSON } from 'graphql-scalars'
import { Shown, Type } from '../../api/type'
import type { EffectivePreference } from './preference.service'
import type { PreferenceKey } from './preference-registry'

@Type('Preference', 'A setting of a person, with what it means and what it may be.')
export class PreferenceType implements EffectivePreference {
  @Shown(() => String, 'Which preference, e.g. `theme`.')
  key!: PreferenceKey

  @Shown(() => GraphQLJSON, 'The value: as set, or the default.', true)
  value!: unknown

  @Shown(() => Date, 'When the person set it; null while it has its default.', true)
  updatedAt!: Date | null
}
