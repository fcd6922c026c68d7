import { afterQuietHours, nextAt, type QuietHours, type TimeOfDay } from '../../core/wall-clock'
import { NotificationTopic } from '../notification/notification-kind'
import type { NotificationDigest } from './notification-digest.entity'

/** A way of telling people. */
export enum NotificationChannel {
  IN_APP = 'in-app',
  EMAIL = 'email',
  SMS = 'sms',
}

export const CHANNELS: readonly NotificationChannel[] = Object.values(NotificationChannel)

/** Why somebody is told of a topic whether they want to or not; null for what they choose. */
export const MANDATORY: Readonly<Record<NotificationTopic, string | null>> = {
  [NotificationTopic.SECURITY]: 'Whoever gets into your account could keep you from noticing.',
  [NotificationTopic.MODERATION]:
    'The law wants you to be told what is decided about you, and how to object.',
  [NotificationTopic.MENTIONS]: null,
  [NotificationTopic.REPLIES]: null,
  [NotificationTopic.MESSAGES]: null,
  [NotificationTopic.PRODUCT]: null,
}

/** Of what nobody is sent a text message, however they want it: the operator pays for each, and news goes to everybody at once. */
const NOT_TEXTED: readonly NotificationTopic[] = [NotificationTopic.PRODUCT]

/** The ways in which people can be told of a topic. What is mandatory is written, and stands in lists of its own. */
export function channelsOf(topic: NotificationTopic): readonly NotificationChannel[] {
  if (MANDATORY[topic] !== null) return [NotificationChannel.EMAIL]
  return NOT_TEXTED.includes(topic)
    ? CHANNELS.filter((channel) => channel !== NotificationChannel.SMS)
    : CHANNELS
}

/**
 * Whether a summary tells of what somebody was not mailed about. Of news it does not: nobody is written to about it who has not asked for
 * that, and whoever has gets mails of their own.
 */
export const isSummarised = (topic: NotificationTopic): boolean => topic !== NotificationTopic.PRODUCT

/** The preference by which people choose how they are told of a topic: a list of channels. */
export const preferenceOf = (topic: NotificationTopic): string => `notifications.${topic}`

/** The preferences that decide when, and whether at all, they are written to. */
export const SETTING_KEYS = {
  email: 'notifications.email',
  quietHours: 'notifications.quietHours',
  mutedUntil: 'notifications.mutedUntil',
  digest: 'notifications.digest',
  digestAt: 'notifications.digestAt',
} as const

/** Whether any of these preferences says how somebody is told what happens. */
export const isAboutNotifications = (keys: readonly string[]): boolean =>
  keys.some((key) => key.startsWith('notifications.'))

/** When a summary was to come, and when it does. */
export type Due = Pick<NotificationDigest, 'slotAt' | 'dueAt'>

/** How somebody wants to be told what happens, where they live. */
export class NotificationSettings {
  constructor(
    private readonly values: ReadonlyMap<string, unknown>,
    private readonly timeZone: string,
  ) {}

  /** Whether they are told of a topic in this way. */
  isOn(topic: NotificationTopic, channel: NotificationChannel): boolean {
    if (MANDATORY[topic] !== null) return channelsOf(topic).includes(channel)
    if (channel === NotificationChannel.EMAIL && this.values.get(SETTING_KEYS.email) === false) return false
    return channelsOf(topic).includes(channel) && this.chosenFor(topic).includes(channel)
  }

  /** The channels that they have chosen for a topic. */
  chosenFor(topic: NotificationTopic): readonly NotificationChannel[] {
    return (this.values.get(preferenceOf(topic)) ?? []) as NotificationChannel[]
  }

  /** The first moment from `at` on at which a mail or a text message does not disturb them. */
  undisturbedFrom(at: Date): Date {
    const mutedUntil = new Date(this.values.get(SETTING_KEYS.mutedUntil) as string)
    const quietHours = this.values.get(SETTING_KEYS.quietHours) as QuietHours
    return afterQuietHours(mutedUntil > at ? mutedUntil : at, quietHours, this.timeZone)
  }

  /** Whether they want summaries. */
  get wantsDigests(): boolean {
    return this.values.get(SETTING_KEYS.digest) !== 'never' && this.values.get(SETTING_KEYS.email) !== false
  }

  /** The next summary after a moment: when it is to come, and when it disturbs nobody; null where they want none. */
  nextDigest(after: Date): Due | null {
    if (!this.wantsDigests) return null
    const time = this.values.get(SETTING_KEYS.digestAt) as TimeOfDay
    const onMondays = this.values.get(SETTING_KEYS.digest) === 'weekly'
    const slotAt = nextAt(after, time, this.timeZone, { onMondays })
    return { slotAt, dueAt: this.undisturbedFrom(slotAt) }
  }
}
