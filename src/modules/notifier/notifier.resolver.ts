import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { idOf } from '../../core/id'
import { languageOf, wordsFor } from '../../core/language'
import type { Database } from '../../db/database'
import { defineConsequence, type Happened } from '../audit/consequence'
import { actorsOfNotification, type NotificationRow } from '../notification/notification.loader'
import { NotificationType } from '../notification/notification.type'
import type { PostRow } from '../post/post.loader'
import { PostType } from '../post/post.type'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { chooseNotifications } from './choose-notifications'
import { setThreadMuted } from './mute-thread'
import { isAboutNotifications } from './notification-settings'
import { wordsOf } from './notification-words'
import { MuteThreadInput, SetNotificationSettingsInput, UnmuteThreadInput } from './notifier.input'
import { isThreadMuted, sayingOfTarget, settingsOfPerson, type TopicSetting } from './notifier.loader'
import { MuteThreadPayload, SetNotificationSettingsPayload, UnmuteThreadPayload } from './notifier.payload'
import { rescheduleGroup, reschedulePeople } from './notifier.task'
import { NotificationSettingType } from './notifier.type'
import { reschedule, waitingMembers } from './reschedule'

// How people want to be told, and where they live, say when they are written to.
const ofSubjects = (tx: Database, happened: readonly Happened[]) =>
  reschedule(
    tx,
    happened.flatMap(({ subjectId }) => subjectId ?? []),
  )
const changesSettings = ({ details }: Happened) => isAboutNotifications(details.keys as string[])
defineConsequence(['preferences.updated', 'preferences.reset', 'preferences.restored'], (tx, happened) =>
  ofSubjects(tx, happened.filter(changesSettings)),
)
defineConsequence(['profile.updated'], (tx, happened) =>
  ofSubjects(
    tx,
    happened.filter(({ details }) => (details.fields as string[]).includes('timeZone')),
  ),
)
defineConsequence(['group.member-added', 'group.member-removed'], ofSubjects)
defineConsequence(['group.preferences-updated', 'group.preferences-reset'], async (tx, happened) => {
  for (const { target } of happened.filter(changesSettings))
    await tx.enqueue(rescheduleGroup, { groupId: idOf('group', target!)! })
})

// Decided once the group is gone, of whoever is a member until then.
defineConsequence(['group.deleted'], async (tx, happened) => {
  for (const { target } of happened)
    for await (const userIds of waitingMembers(tx, idOf('group', target!)!))
      await tx.enqueue(reschedulePeople, { userIds })
})

@Resolver(() => NotificationSettingType)
export class NotificationSettingResolver {
  @Action(() => SetNotificationSettingsPayload, {
    description:
      'Chooses how you are told of topics. It is kept in your preferences: `notifications.mentions` and so on; see there for quiet hours, summaries, and being left alone for a while.',
  })
  async setNotificationSettings(
    @Ctx() context: Context,
    @InputArgument(() => SetNotificationSettingsInput) { settings }: SetNotificationSettingsInput,
  ) {
    return done({ settings: await chooseNotifications(context.db, settings) })
  }

  @Action(() => MuteThreadPayload, {
    description:
      'You are told nothing any more of what is said to a post, be it that you are mentioned there.',
  })
  async muteThread(
    @Ctx() context: Context,
    @InputArgument(() => MuteThreadInput) { postId }: MuteThreadInput,
  ) {
    return done({ post: await setThreadMuted(context.db, postId, true) })
  }

  @Action(() => UnmuteThreadPayload, { description: 'You are told again of what is said to a post.' })
  async unmuteThread(
    @Ctx() context: Context,
    @InputArgument(() => UnmuteThreadInput) { postId }: UnmuteThreadInput,
  ) {
    return done({ post: await setThreadMuted(context.db, postId, false) })
  }
}

@Resolver(() => NotificationType)
export class NotificationTextResolver {
  @FieldResolver(() => String, {
    description:
      'What has happened, in a sentence, in the language of the person: "Ada and 3 others answered your comment".',
  })
  async text(
    @Ctx() context: Context,
    @Root() { id, userId, kind, target }: NotificationRow,
  ): Promise<string> {
    const [own, found, saying] = await Promise.all([
      context.load(userById, userId),
      context.load(actorsOfNotification, id),
      context.load(sayingOfTarget, target),
    ])
    if (saying) return wordsFor(saying.texts, own?.locale ?? '').subject
    const people = await Promise.all((found?.actorIds ?? []).map((each) => context.load(userById, each)))
    const names = people.flatMap((person) => person?.displayName ?? [])
    return wordsOf(kind, { names, actorCount: found?.actorCount ?? 0 }, languageOf(own?.locale ?? ''))
  }
}

@Resolver(() => UserType)
export class UserNotificationSettingsResolver {
  @FieldResolver(() => [NotificationSettingType], {
    nullable: true,
    description: 'How this person is told of each topic. Self, or `preferences:read`.',
  })
  notificationSettings(@Ctx() context: Context, @Root() { id }: UserRow): Promise<TopicSetting[]> {
    return context.load(settingsOfPerson, id)
  }
}

@Resolver(() => PostType)
export class PostThreadMuteResolver {
  @FieldResolver(() => Boolean, { description: 'Whether you have muted what is said to it.' })
  isThreadMuted(@Ctx() context: Context, @Root() { id }: PostRow): Promise<boolean> {
    return context.load(isThreadMuted, id)
  }
}
