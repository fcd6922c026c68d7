import { Field } from 'type-graphql'
import { IdOf, Input, InputList } from '../../api/input'
import { NotificationTopic } from '../notification/notification-kind'
import { NotificationChannel } from './notification-settings'

@Input('NotificationSettingInput', 'Whether to be told of a topic in one way.')
export class NotificationSettingInput {
  @Field(() => NotificationTopic, { description: 'The topic.' })
  topic!: NotificationTopic

  @Field(() => NotificationChannel, { description: 'The way.' })
  channel!: NotificationChannel

  @Field(() => Boolean, { description: 'Whether to be told in this way.' })
  isOn!: boolean
}

@Input('SetNotificationSettingsInput', 'How to be told of topics; what is not named stays.')
export class SetNotificationSettingsInput {
  @InputList(() => NotificationSettingInput, {
    description: 'Which are to be switched on or off. All are, or none.',
    max: 50,
  })
  settings!: NotificationSettingInput[]
}

@Input('MuteThreadInput', 'Of which thread not to be told any more.')
export class MuteThreadInput {
  @IdOf('post', 'The post.')
  postId!: string
}

@Input('UnmuteThreadInput', 'Of which thread to be told again.')
export class UnmuteThreadInput {
  @IdOf('post', 'The post.')
  postId!: string
}
