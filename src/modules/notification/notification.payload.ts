import { Int } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { NotificationType } from './notification.type'

@Type('MarkNotificationsReadPayload', 'The answer of `markNotificationsRead`.')
export class MarkNotificationsReadPayload extends MutationPayload {
  @Shown(() => [NotificationType], 'The notifications, read.', true)
  notifications?: NotificationType[]
}

@Type('MarkNotificationsUnreadPayload', 'The answer of `markNotificationsUnread`.')
export class MarkNotificationsUnreadPayload extends MutationPayload {
  @Shown(() => [NotificationType], 'The notifications, to be read anew.', true)
  notifications?: NotificationType[]
}

@Type('MarkAllNotificationsReadPayload', 'The answer of `markAllNotificationsRead`.')
export class MarkAllNotificationsReadPayload extends MutationPayload {
  @Shown(() => Int, 'How many were still to be read.', true)
  count?: number
}
