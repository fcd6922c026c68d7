import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { PostType } from '../post/post.type'
import { NotificationSettingType } from './notifier.type'

@Type('SetNotificationSettingsPayload', 'The answer of `setNotificationSettings`.')
export class SetNotificationSettingsPayload extends MutationPayload {
  @Shown(() => [NotificationSettingType], 'How you are told of every topic.', true)
  settings?: NotificationSettingType[]
}

@Type('MuteThreadPayload', 'The answer of `muteThread`.')
export class MuteThreadPayload extends MutationPayload {
  @Shown(() => PostType, 'The post.', true)
  post?: PostType
}

@Type('UnmuteThreadPayload', 'The answer of `unmuteThread`.')
export class UnmuteThreadPayload extends MutationPayload {
  @Shown(() => PostType, 'The post.', true)
  post?: PostType
}
