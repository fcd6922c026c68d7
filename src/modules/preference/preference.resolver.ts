import { GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument, TextArgument } from '../../api/input'
import type { Context } from '../../context/context'
import type { UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { SetPreferencesInput } from './preference.input'
import { preferencesByUser } from './preference.loader'
import { SetPreferencesPayload } from './preference.payload'
import { jsonSchemaOf, PREFERENCES } from './preference-registry'
import { PreferenceService, type EffectivePreference } from './preference.service'
import { PreferenceType } from './preference.type'

@Resolver(() => PreferenceType)
export class PreferenceResolver {
  @Action(() => SetPreferencesPayload, {
    description: 'Sets some of your preferences: all that are given, or none.',
  })
  async setPreferences(
    @Ctx() context: Context,
    @InputArgument(() => SetPreferencesInput) input: SetPreferencesInput,
  ) {
    return done({ preferences: await context.use(PreferenceService).set(input) })
  }

  @FieldResolver(() => String, { description: 'What it means.' })
  description(@Root() preference: EffectivePreference): string {
    return PREFERENCES[preference.key].description
  }

  @FieldResolver(() => GraphQLJSON, { nullable: true, description: 'What it is until somebody sets it.' })
  defaultValue(@Root() preference: EffectivePreference): unknown {
    return PREFERENCES[preference.key].default
  }

  @FieldResolver(() => GraphQLJSONObject, { description: 'What values are allowed, as a JSON Schema.' })
  schema(@Root() preference: EffectivePreference): Record<string, unknown> {
    return jsonSchemaOf(preference.key)
  }
}

@Resolver(() => UserType)
export class UserPreferencesResolver {
  @FieldResolver(() => [PreferenceType], {
    nullable: true,
    description: 'All preferences. Self, or `preferences:read`.',
  })
  preferences(@Ctx() context: Context, @Root() user: UserRow): Promise<EffectivePreference[]> {
    return context.load(preferencesByUser, user.id)
  }

  @FieldResolver(() => PreferenceType, {
    nullable: true,
    description: 'One preference; null for an unknown key. Self, or `preferences:read`.',
  })
  async preference(
    @Ctx() context: Context,
    @Root() user: UserRow,
    @TextArgument('key', 'Which preference, e.g. `theme`.') key: string,
  ): Promise<EffectivePreference | null> {
    const preferences = await context.load(preferencesByUser, user.id)
    return preferences.find((preference) => preference.key === key) ?? null
  }
}
