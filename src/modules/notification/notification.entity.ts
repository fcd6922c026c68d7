import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import type { NotificationKind, NotificationTopic } from './notification-kind'

const TOLD = {
  category: 'activity',
  readers: ['self'],
  retention: '90 days',
  onErase: 'clear',
  exported: true,
} as const

/** Something that somebody is told. What of one kind happens to one thing, until they read it, is one. */
@Entity({ name: 'notifications' })
export class Notification {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @Personal({ ...TOLD, purpose: 'Telling the person what happens.' })
  @DataSubject()
  userId!: Id

  @Column('text')
  @Personal({ ...TOLD, purpose: 'Knowing how the person wants to be told.' })
  topic!: NotificationTopic

  @Column('text')
  @Personal({ ...TOLD, purpose: 'Telling the person what happens.' })
  kind!: NotificationKind

  /** What happens under the same key is told as one, until it is read. */
  @Column('text', { name: 'group_key' })
  @NotPersonal()
  groupKey!: string

  /** The global id of what it is about: of the last such thing, where there are more. */
  @Column('text')
  @Personal({ ...TOLD, purpose: 'Leading the person to what it is about.' })
  target!: string

  /** The post to whose thread it belongs, which may be gone by now; null for none. */
  @Column('uuid', { name: 'post_id', nullable: true })
  @NotPersonal()
  postId!: Id | null

  /** Whether it takes in what else happens under its key: until it is read once. */
  @Column('boolean', { name: 'is_open' })
  @NotPersonal()
  isOpen!: boolean

  /** Whether it is shown in the inbox, and not told by mail alone. */
  @Column('boolean', { name: 'is_in_inbox' })
  @NotPersonal()
  isInInbox!: boolean

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  /** When the last of what it tells has happened. */
  @Column({ type: 'timestamptz', name: 'happened_at', precision: 3 })
  @Personal({ ...TOLD, purpose: 'Telling the person when it happened.' })
  happenedAt!: Date

  @Column({ type: 'timestamptz', name: 'read_at', precision: 3, nullable: true })
  @Personal({ ...TOLD, purpose: 'Knowing what the person has seen.' })
  readAt!: Date | null

  /** When it was last told by mail. */
  @Column({ type: 'timestamptz', name: 'mailed_at', precision: 3, nullable: true })
  @Personal({ ...TOLD, purpose: 'Not writing to the person about the same thing all the time.' })
  mailedAt!: Date | null
}
