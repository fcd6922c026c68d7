import { Rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { isOwn, requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import type { NotificationTopic } from '../notification/notification-kind'
import { PhoneService } from '../phone/phone.service'
import { PreferenceService } from '../preference/preference.service'
import { SmsService } from '../sms/sms.service'
import { UserService } from '../user/user.service'
import {
  CHANNELS,
  channelsOf,
  MANDATORY,
  preferenceOf,
  SETTING_KEYS,
  NotificationChannel,
} from './notification-settings'
import { NotifierService, type TopicSetting } from './notifier.service'

export interface Choice {
  topic: NotificationTopic
  channel: NotificationChannel
  isOn: boolean
}

/**
 * The viewer chooses how to be told of topics; what they do not name stays. It is kept in their preferences. Answers all as it is then.
 * @throws Rejected NOT_PERMITTED for what everybody is told; INVALID for what is chosen twice, or cannot be told in this way
 */
export async function chooseNotifications(db: Database, choices: readonly Choice[]): Promise<TopicSetting[]> {
  const { viewer } = db.caller
  const { userId } = requireSession(viewer)
  const wantsTexts = choices.some(({ channel, isOn }) => isOn && channel === NotificationChannel.SMS)
  const whyNoTexts = wantsTexts ? await reasonForNoTexts(db, userId) : null
  const problems = choices.flatMap(({ topic, channel, isOn }, index) => {
    const field = ['settings', `${index}`]
    const isTwice = choices.findIndex((each) => each.topic === topic && each.channel === channel) < index
    if (isTwice) return [{ code: UserErrorCode.INVALID, field, message: 'This stands in the list twice.' }]
    const why = MANDATORY[topic]
    if (isOn && why === null && !channelsOf(topic).includes(channel))
      return [{ code: UserErrorCode.INVALID, field, message: 'Of this nobody is told in this way.' }]
    if (isOn && channel === NotificationChannel.SMS && whyNoTexts !== null)
      return [{ code: UserErrorCode.INVALID, field: [...field, 'channel'], message: whyNoTexts }]
    if (why === null || isOn) return []
    const message = `This cannot be switched off. ${why}`
    return [{ code: UserErrorCode.NOT_PERMITTED, field: [...field, 'isOn'], message }]
  })
  if (problems.length > 0) throw new Rejected(...problems)
  return db.transaction(async (tx) => {
    // Two that choose at once take turns: each changes a list.
    await new UserService(tx).hold(userId)
    const notifier = new NotifierService(tx)
    const settings = (await notifier.settingsOf([{ userId, timeZone: 'UTC' }])).get(userId)!
    const topics = [...new Set(choices.map(({ topic }) => topic))].filter(
      (topic) => MANDATORY[topic] === null,
    )
    const preferences = topics.map((topic) => {
      const isOn = (channel: NotificationChannel) =>
        choices.find((each) => each.topic === topic && each.channel === channel)?.isOn ??
        settings.chosenFor(topic).includes(channel)
      return { key: preferenceOf(topic), value: CHANNELS.filter(isOn) }
    })
    // Whoever switches on e-mail for something wants e-mail.
    const wantsMail = choices.some(
      ({ topic, channel, isOn }) =>
        isOn && MANDATORY[topic] === null && channel === NotificationChannel.EMAIL,
    )
    const all = wantsMail ? [...preferences, { key: SETTING_KEYS.email, value: true }] : preferences
    if (all.length > 0) await new PreferenceService(tx).set({ preferences: all })
    // Whoever acts as somebody is answered no more than they may read.
    return isOwn(viewer, userId, 'preferences:read') ? (await notifier.matrixOf([userId])).get(userId)! : []
  })
}

/** Why somebody cannot be told by text message; null where they can. */
async function reasonForNoTexts(db: Database, userId: Id): Promise<string | null> {
  if (!new SmsService(db).isAvailable) return 'No text messages are sent here.'
  const phone = await new PhoneService(db).primaryOf(userId)
  return phone === null ? 'Add a phone number first, with `addPhone`.' : null
}
