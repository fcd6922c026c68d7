import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { IdOf, Input } from '../../api/input'
import { MAX_PAGE_SIZE } from '../../core/page'
import { NotificationTopic } from './notification-kind'

@Input('NotificationFilterInput', 'Which notifications to list; all conditions hold at once.')
export class NotificationFilterInput {
  @Field(() => Boolean, { nullable: true, description: 'Only those that are still to be read.' })
  isUnread?: boolean | null

  @Field(() => NotificationTopic, { nullable: true, description: 'Only those about this topic.' })
  topic?: NotificationTopic | null
}

@ArgsType()
export class NotificationArguments extends PageArguments {
  @Field(() => NotificationFilterInput, { nullable: true, description: 'Which notifications to list.' })
  filter?: NotificationFilterInput | null
}

@Input('MarkNotificationsReadInput', 'Which notifications were read.')
export class MarkNotificationsReadInput {
  @IdOf('notification', 'Those that were read.', { list: { max: MAX_PAGE_SIZE } })
  notificationIds!: string[]
}

@Input('MarkNotificationsUnreadInput', 'Which notifications to read anew.')
export class MarkNotificationsUnreadInput {
  @IdOf('notification', 'Those to read anew.', { list: { max: MAX_PAGE_SIZE } })
  notificationIds!: string[]
}

@Input('MarkAllNotificationsReadInput', 'Up to when everything was read.')
export class MarkAllNotificationsReadInput {
  @Field(() => Date, {
    nullable: true,
    description:
      'What had happened by this moment, such as the `happenedAt` of the first that is shown; everything where nothing is said.',
  })
  until?: Date | null
}
