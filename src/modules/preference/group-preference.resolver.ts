import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { isWithin } from '../../core/preference-definition'
import type { GroupRow } from '../group/group.loader'
import { GroupType } from '../group/group.type'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { ResetGroupPreferencesInput, SetGroupPreferencesInput } from './group-preference.input'
import { ResetGroupPreferencesPayload, SetGroupPreferencesPayload } from './group-preference.payload'
import { GroupPreferenceService, type GroupPreferenceChangeRow } from './group-preference.service'
import {
  GroupPreferenceChangeConnection,
  GroupPreferenceChangeType,
  GroupPreferenceType,
} from './group-preference.type'
import { GroupPreferenceArguments, PreferenceHistoryArguments } from './preference.input'
import { preferencesByGroup, type GroupEffectivePreference } from './preference.loader'

@Resolver(() => GroupType)
export class GroupPreferencesResolver {
  @Action(() => SetGroupPreferencesPayload, {
    description:
      'Sets preferences for the members of a group, who can set them otherwise for themselves: all that are given, or none. Needs `groups:write`.',
  })
  async setGroupPreferences(
    @Ctx() context: Context,
    @InputArgument(() => SetGroupPreferencesInput) input: SetGroupPreferencesInput,
  ) {
    return done({ group: await context.use(GroupPreferenceService).set(input) })
  }

  @Action(() => ResetGroupPreferencesPayload, {
    description: 'Lets a group say nothing more of some preferences. Needs `groups:write`.',
  })
  async resetGroupPreferences(
    @Ctx() context: Context,
    @InputArgument(() => ResetGroupPreferencesInput) input: ResetGroupPreferencesInput,
  ) {
    return done({ group: await context.use(GroupPreferenceService).reset(input) })
  }

  @FieldResolver(() => [GroupPreferenceType], { description: 'The preferences that a group can have.' })
  async preferences(
    @Ctx() context: Context,
    @Root() { id }: GroupRow,
    @Args(() => GroupPreferenceArguments) { namespace }: GroupPreferenceArguments,
  ): Promise<GroupEffectivePreference[]> {
    const preferences = await context.load(preferencesByGroup, id)
    return namespace === undefined ? preferences : preferences.filter(({ key }) => isWithin(namespace, key))
  }

  @FieldResolver(() => GroupPreferenceChangeConnection, {
    nullable: true,
    description: 'What became of its preferences, as far as `groups:read` lets you see it, the latest first.',
  })
  async preferenceHistory(
    @Ctx() context: Context,
    @Root() { id }: GroupRow,
    @Args(() => PreferenceHistoryArguments) { key, ...page }: PreferenceHistoryArguments,
  ): Promise<Connection<GroupPreferenceChangeRow>> {
    const preferences = context.use(GroupPreferenceService)
    const filter = { ownerId: id, key: key ?? null }
    return toConnection(await preferences.listChanges(filter, page), () => preferences.countChanges(filter))
  }
}

@Resolver(() => GroupPreferenceChangeType)
export class GroupPreferenceChangeResolver {
  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who has changed it; null for Portico itself.',
  })
  async changedBy(
    @Ctx() context: Context,
    @Root() { changedById }: GroupPreferenceChangeRow,
  ): Promise<UserRow | null> {
    return changedById === null ? null : context.load(userById, changedById)
  }
}
