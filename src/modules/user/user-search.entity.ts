import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import { UserStatus } from './user-status'

const FINDING = {
  purpose: 'Finding the person among many.',
  readers: ['nobody'],
  retention: 'while the account exists',
  exported: false,
} as const satisfies Partial<PersonalData>

/**
 * What people are searched and listed by: all but those whose data is kept and no more (GDPR art. 18). PostgreSQL keeps it in step
 * with `users`; nothing else writes it.
 */
@Entity({ name: 'user_search' })
export class UserSearch {
  @PrimaryColumn('uuid')
  @NotPersonal()
  @DataSubject()
  id!: Id

  @Column({ type: 'text', collation: 'C' })
  @Personal({ ...FINDING, category: 'identity', onErase: 'clear' })
  username!: string

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...FINDING, category: 'activity', onErase: 'clear' })
  createdAt!: Date

  @Column('text')
  @Personal({ ...FINDING, category: 'activity', onErase: 'clear' })
  status!: UserStatus

  /** The search asks by it whether a suspension is over; nothing is written when it ends. */
  @Column({ type: 'timestamptz', name: 'suspended_until', precision: 3, nullable: true })
  @Personal({ ...FINDING, category: 'activity', onErase: 'clear' })
  suspendedUntil!: Date | null

  /** Username and display name, folded: a space before every word. */
  @Column('text', { name: 'search_text' })
  @Personal({ ...FINDING, category: 'identity', onErase: 'clear' })
  searchText!: string
}
