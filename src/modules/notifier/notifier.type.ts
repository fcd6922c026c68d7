import { registerEnumType } from 'type-graphql'
import { Shown, Type } from '../../api/type'
import { NotificationTopic } from '../notification/notification-kind'
import { NotificationChannel } from './notification-settings'
import type { ChannelSetting, TopicSetting } from './notifier.service'

registerEnumType(NotificationChannel, {
  name: 'NotificationChannel',
  description: 'A way of telling people what happens.',
  valuesConfig: {
    IN_APP: { description: 'In the inbox: `User.notifications`.' },
    EMAIL: { description: 'By e-mail, once they have not read it in the inbox within minutes.' },
    SMS: {
      description:
        'By text message to their primary phone number, once they have not read it in the inbox within minutes, ten a day at most.',
    },
  },
})

@Type('NotificationChannelSetting', 'Whether somebody is told of a topic in one way.')
export class NotificationChannelSettingType implements ChannelSetting {
  @Shown(() => NotificationChannel, 'The way.')
  channel!: NotificationChannel

  @Shown(() => Boolean, 'Whether they are told in this way.')
  isOn!: boolean

  @Shown(() => String, 'Why it cannot be switched off; null where it can.', true)
  mandatoryBecause!: string | null
}

@Type('NotificationSetting', 'How somebody is told of a topic. Self, or `preferences:read`.')
export class NotificationSettingType implements TopicSetting {
  @Shown(() => NotificationTopic, 'The topic.')
  topic!: NotificationTopic

  @Shown(
    () => [NotificationChannelSettingType],
    'Every way in which one can be told of it, and whether they are.',
  )
  channels!: ChannelSetting[]
}
