import { Args, Ctx, FieldResolver, Resolver, Root, Subscription } from 'type-graphql'
import { Action, done } from '../../api/action'
import { toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { isWithin } from '../../core/preference-definition'
import { requireSignedIn } from '../../core/viewer'
import type { StreamEvent } from '../../db/event-stream'
import { groupById, type GroupRow } from '../group/group.loader'
import { GroupType } from '../group/group.type'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  OnePreferenceArguments,
  PreferenceArguments,
  PreferenceHistoryArguments,
  PreferencesChangedArguments,
  ResetPreferencesInput,
  RestorePreferenceInput,
  SetPreferencesInput,
} from './preference.input'
import { preferencesByOwner, preferencesOf, type EffectivePreference } from './preference.loader'
import {
  ResetPreferencesPayload,
  RestorePreferencePayload,
  SetPreferencesPayload,
} from './preference.payload'
import { PreferenceService, type PreferenceChangeRow } from './preference.service'
import {
  PreferenceChangeConnection,
  PreferenceChangeType,
  PreferencesEventType,
  PreferenceType,
} from './preference.type'
import { followPreferences, type PreferencesChanged } from './preferences-changed'

@Resolver(() => PreferenceType)
export class PreferenceResolver {
  @Action(() => SetPreferencesPayload, {
    description: 'Sets some of your preferences, on all devices or on one: all that are given, or none.',
  })
  async setPreferences(
    @Ctx() context: Context,
    @InputArgument(() => SetPreferencesInput) input: SetPreferencesInput,
  ) {
    return done({ preferences: await context.use(PreferenceService).set(input) })
  }

  @Action(() => ResetPreferencesPayload, {
    description: 'Gives some of your preferences back what they inherit: from your groups, or by default.',
  })
  async resetPreferences(
    @Ctx() context: Context,
    @InputArgument(() => ResetPreferencesInput) input: ResetPreferencesInput,
  ) {
    return done({ preferences: await context.use(PreferenceService).reset(input) })
  }

  @Action(() => RestorePreferencePayload, {
    description:
      'Gives a preference of yours the value that it had before a change, on the device of that change.',
  })
  async restorePreference(
    @Ctx() context: Context,
    @InputArgument(() => RestorePreferenceInput) input: RestorePreferenceInput,
  ) {
    return done({ preference: await context.use(PreferenceService).restore(input) })
  }

  @Subscription(() => PreferencesEventType, {
    nullable: true,
    description:
      'Tells when preferences of yours change, whoever changes them: you on another device, or staff for a group of yours. After a cursor also what you have missed of the last day.',
    subscribe: ({ context, args }: { context: Context; args: { after?: string } }) =>
      followPreferences(context, requireSignedIn(context.viewer).userId, args.after ?? null),
  })
  async viewerPreferencesChanged(
    @Ctx() context: Context,
    @Root() { cursor, event }: StreamEvent,
    @Args(() => PreferencesChangedArguments) { deviceId }: PreferencesChangedArguments,
  ): Promise<PreferencesEventType | null> {
    const { keys, deviceId: onDevice } = event as PreferencesChanged
    if (onDevice !== null && onDevice !== deviceId) return null
    const { userId } = requireSignedIn(context.viewer)
    const preferences = await context.load(preferencesByOwner, preferencesOf(userId, deviceId))
    return { cursor, preferences: preferences.filter(({ key }) => keys === null || keys.includes(key)) }
  }

  @FieldResolver(() => GroupType, {
    nullable: true,
    description:
      'The group that the value comes from, for the person themselves; null for others, and where it comes from none.',
  })
  async group(@Ctx() context: Context, @Root() { groupId }: EffectivePreference): Promise<GroupRow | null> {
    return groupId === null ? null : context.load(groupById, groupId)
  }
}

@Resolver(() => PreferenceChangeType)
export class PreferenceChangeResolver {
  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who has changed it: the person, or who acted as them; null for Portico itself.',
  })
  async changedBy(
    @Ctx() context: Context,
    @Root() { changedById }: PreferenceChangeRow,
  ): Promise<UserRow | null> {
    return changedById === null ? null : context.load(userById, changedById)
  }
}

@Resolver(() => UserType)
export class UserPreferencesResolver {
  @FieldResolver(() => [PreferenceType], {
    nullable: true,
    description: 'All preferences. Self, or `preferences:read`.',
  })
  async preferences(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PreferenceArguments) { namespace, deviceId }: PreferenceArguments,
  ): Promise<EffectivePreference[]> {
    const preferences = await context.load(preferencesByOwner, preferencesOf(id, deviceId))
    return namespace === undefined ? preferences : preferences.filter(({ key }) => isWithin(namespace, key))
  }

  @FieldResolver(() => PreferenceType, {
    nullable: true,
    description: 'One preference; null for an unknown key. Self, or `preferences:read`.',
  })
  async preference(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => OnePreferenceArguments) { key, deviceId }: OnePreferenceArguments,
  ): Promise<EffectivePreference | null> {
    const preferences = await context.load(preferencesByOwner, preferencesOf(id, deviceId))
    return preferences.find((preference) => preference.key === key) ?? null
  }

  @FieldResolver(() => PreferenceChangeConnection, {
    nullable: true,
    description: 'What became of the preferences, the latest first. Self, or `preferences:read`.',
  })
  async preferenceHistory(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PreferenceHistoryArguments) { key, ...page }: PreferenceHistoryArguments,
  ): Promise<Connection<PreferenceChangeRow>> {
    const preferences = context.use(PreferenceService)
    const filter = { ownerId: id, key: key ?? null }
    return toConnection(await preferences.listChanges(filter, page), () => preferences.countChanges(filter))
  }
}
