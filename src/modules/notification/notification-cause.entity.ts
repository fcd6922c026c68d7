import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/** What has led to a notification: nobody is told of one thing twice. */
@Entity({ name: 'notification_causes' })
export class NotificationCause {
  @PrimaryColumn('uuid', { name: 'user_id' })
  @NotPersonal()
  userId!: Id

  /** The one thing that it is: a comment, a message. */
  @PrimaryColumn('text')
  @NotPersonal()
  key!: string

  @Column('uuid', { name: 'notification_id' })
  @NotPersonal()
  notificationId!: Id

  /** Who did it; null where nobody in particular has. */
  @Column('uuid', { name: 'actor_id', nullable: true })
  @Personal({
    category: 'activity',
    purpose: 'Telling others what the person does where they take part.',
    readers: ['self'],
    retention: 'while the row exists',
    onErase: 'clear',
    exported: true,
  })
  @DataSubject()
  actorId!: Id | null

  @Column({ type: 'timestamptz', name: 'happened_at', precision: 3 })
  @NotPersonal()
  happenedAt!: Date
}
