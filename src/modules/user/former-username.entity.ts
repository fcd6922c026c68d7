import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const FORMER = {
  category: 'identity',
  purpose: 'Leading from an earlier username to the person, and keeping others from passing for them.',
  readers: ['self', 'users:read'],
  retention: '2 years',
  onErase: 'clear',
  exported: true,
} as const

/** A username that somebody had. */
@Entity({ name: 'former_usernames' })
export class FormerUsername {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column({ type: 'text', collation: 'C' })
  @Personal(FORMER)
  username!: string

  /** The person, or who of the staff gave them another; null for Portico itself. */
  @Column('uuid', { name: 'changed_by_id', nullable: true })
  @Personal({
    ...FORMER,
    purpose: 'Counting the changes that somebody makes themselves.',
    readers: ['self'],
    isMention: true,
  })
  changedById!: Id | null

  @Column({ type: 'timestamptz', name: 'changed_at', precision: 3 })
  @Personal(FORMER)
  changedAt!: Date

  /** Until when nobody else can have it. */
  @Column({ type: 'timestamptz', name: 'reservation_ends_at', precision: 3 })
  @Personal(FORMER)
  reservationEndsAt!: Date
}
