import { later, MINUTE } from '../../core/clock'
import { newId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { TOPIC_OF, type NotificationKind, type NotificationTopic } from '../notification/notification-kind'
import { NotificationService, type Occurrence } from '../notification/notification.service'
import { PreferenceService } from '../preference/preference.service'
import {
  CHANNELS,
  channelsOf,
  isSummarised,
  MANDATORY,
  NotificationChannel,
  NotificationSettings,
} from './notification-settings'
import { NotifierRepository, type Reachable } from './notifier.repository'

/** One of those whom it concerns, and why. */
export interface Concerned {
  userId: Id
  kind: NotificationKind
  /** What happens of one kind to one thing is told as one, until it is read. */
  groupKey: string
}

/** How a person is told of a topic in one way. */
export interface ChannelSetting {
  channel: NotificationChannel
  isOn: boolean
  /** Why it cannot be switched off; null where it can. */
  mandatoryBecause: string | null
}

export interface TopicSetting {
  topic: NotificationTopic
  channels: ChannelSetting[]
}

/** How long a mail or a text message waits for more of the same, and for whoever reads it in the application; in milliseconds. */
export const GATHERING = 2 * MINUTE

/** How long nothing more is written about what has not been read, in milliseconds. */
export const PAUSE = 60 * MINUTE

/** Who is told what, by which way, and when. Build it from the transaction in which it happens. */
export class NotifierService {
  private readonly notifier: NotifierRepository

  constructor(private readonly db: Database) {
    this.notifier = new NotifierRepository(db)
  }

  /**
   * Tells people of what has happened, each as they want to be told: once, however often it is said. Answers how many did not know of it
   * and are told, and how many of these by mail, too.
   */
  async tell(
    occurrence: Occurrence,
    concerned: readonly Concerned[],
  ): Promise<{ toldCount: number; mailedCount: number }> {
    if (concerned.length === 0) return { toldCount: 0, mailedCount: 0 }
    const people = concerned.map(({ userId }) => userId)
    const reachable = await this.notifier.reachable(people, occurrence)
    const settings = await this.settingsOf(reachable)
    const { now } = this.db
    const told = concerned.flatMap(({ userId, kind, groupKey }) => {
      const topic = TOPIC_OF[kind]
      const on = CHANNELS.filter((channel) => settings.get(userId)?.isOn(topic, channel))
      const isInInbox = on.includes(NotificationChannel.IN_APP)
      return on.length === 0 ? [] : [{ id: newId(now), userId, topic, kind, groupKey, isInInbox }]
    })
    const added = await new NotificationService(this.db).add(occurrence, told)
    const topicOf = new Map(told.map(({ userId, topic }) => [userId, topic]))
    const isMailed = ({ userId }: { userId: Id }) =>
      settings.get(userId)!.isOn(topicOf.get(userId)!, NotificationChannel.EMAIL)
    const isTexted = ({ userId }: { userId: Id }) =>
      settings.get(userId)!.isOn(topicOf.get(userId)!, NotificationChannel.SMS)
    const mailed = added.filter(isMailed)
    await this.notifier.addMails(
      added
        .filter((each) => isMailed(each) || isTexted(each))
        .map(({ id, userId, mailedAt }) => {
          const gathered = later(now, GATHERING)
          const rested = mailedAt === null ? gathered : later(mailedAt, PAUSE)
          const dueAt = settings.get(userId)!.undisturbedFrom(rested > gathered ? rested : gathered)
          return { notificationId: id, userId, dueAt }
        }),
    )
    await this.notifier.addDigests(
      added.flatMap((each) => {
        const isTold = !isMailed(each) && isSummarised(topicOf.get(each.userId)!)
        const digest = isTold ? settings.get(each.userId)!.nextDigest(now) : null
        return digest === null ? [] : [{ userId: each.userId, ...digest }]
      }),
    )
    return { toldCount: added.length, mailedCount: mailed.length }
  }

  /** Takes back what people were told of a thing that is not there any more. */
  async retract(key: string): Promise<void> {
    await new NotificationService(this.db).retract(key)
  }

  /** The viewer has seen elsewhere what a group tells them. */
  async seen(groupKey: string): Promise<void> {
    await new NotificationService(this.db).readGroup(groupKey)
  }

  /** How these people want to be told what happens. */
  async settingsOf(people: readonly Reachable[]): Promise<Map<Id, NotificationSettings>> {
    if (people.length === 0) return new Map()
    const preferences = await new PreferenceService(this.db).of(
      people.map(({ userId }) => ({ userId, deviceId: null })),
    )
    return new Map(
      people.map(({ userId, timeZone }, index) => {
        const values = new Map(preferences[index]!.map(({ key, value }) => [key, value]))
        return [userId, new NotificationSettings(values, timeZone)]
      }),
    )
  }

  /** How these people want to be told, topic by topic, for themselves to see. */
  async matrixOf(userIds: readonly Id[]): Promise<Map<Id, TopicSetting[]>> {
    const settings = await this.settingsOf(userIds.map((userId) => ({ userId, timeZone: 'UTC' })))
    return new Map([...settings].map(([userId, each]) => [userId, matrixIn(each)]))
  }
}

const matrixIn = (settings: NotificationSettings): TopicSetting[] =>
  (Object.keys(MANDATORY) as NotificationTopic[]).map((topic) => ({
    topic,
    channels: channelsOf(topic).map((channel) => ({
      channel,
      isOn: settings.isOn(topic, channel),
      mandatoryBecause: MANDATORY[topic],
    })),
  }))
