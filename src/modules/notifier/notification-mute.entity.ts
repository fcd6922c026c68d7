import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const CHOICE = {
  category: 'activity',
  readers: ['self'],
  retention: 'while the account exists',
  onErase: 'clear',
  exported: true,
} as const

/** That somebody does not want to be told of what is said to a post. */
@Entity({ name: 'notification_mutes' })
export class NotificationMute {
  @PrimaryColumn('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @PrimaryColumn('uuid', { name: 'post_id' })
  @Personal({ ...CHOICE, purpose: 'Leaving the person alone.' })
  postId!: Id

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...CHOICE, purpose: 'Since when.' })
  createdAt!: Date
}
