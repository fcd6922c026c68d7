import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import { UserStatus } from './user-status'

const FINDING = {
  purpose: 'Finding the person among many.',
  readers: ['nobody'],
  retention: 'while the account exists',
  exported: false,
} as const satisfies Partial<PersonalData>

/** What people are searched and listed by. PostgreSQL keeps it in step with `users`; nothing else writes it. */
@Entity({ name: 'user_search' })
export class UserSearch {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column({ type: 'text', collation: 'C' })
  @Personal({ ...FINDING, category: 'identity', onErase: 'pseudonymise' })
  username!: string

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...FINDING, category: 'activity', onErase: 'keep' })
  createdAt!: Date

  @Column('text')
  @Personal({ ...FINDING, category: 'activity', onErase: 'keep' })
  status!: UserStatus

  /** The search asks by it whether a suspension is over; nothing is written when it ends. */
  @Column({ type: 'timestamptz', name: 'suspended_until', precision: 3, nullable: true })
  @Personal({ ...FINDING, category: 'activity', onErase: 'keep' })
  suspendedUntil!: Date | null

  /** Username and display name, folded: a space before every word. */
  @Column('text', { name: 'search_text' })
  @Personal({ ...FINDING, category: 'identity', onErase: 'pseudonymise' })
  searchText!: string
}
