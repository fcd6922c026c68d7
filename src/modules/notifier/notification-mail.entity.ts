import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal } from '../../core/personal-data'

/** That somebody has yet to be told by mail what a notification says. */
@Entity({ name: 'notification_mails' })
export class NotificationMail {
  @PrimaryColumn('uuid', { name: 'notification_id' })
  @NotPersonal()
  notificationId!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column({ type: 'timestamptz', name: 'due_at', precision: 3 })
  @NotPersonal()
  dueAt!: Date
}
