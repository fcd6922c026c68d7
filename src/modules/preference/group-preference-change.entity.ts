import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/** That staff have changed a preference of a group. The last so many of each preference are kept. */
@Entity({ name: 'group_preference_changes' })
export class GroupPreferenceChange {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'group_id' })
  @NotPersonal()
  groupId!: Id

  @Column('text')
  @NotPersonal()
  key!: string

  /** Which change of this preference it was, from 1: the `version` that it has led to. */
  @Column('integer')
  @NotPersonal()
  number!: number

  /** Null where nothing was set. */
  @Column('jsonb', { nullable: true })
  @NotPersonal()
  before!: unknown

  /** Null where nothing is set any more. */
  @Column('jsonb', { nullable: true })
  @NotPersonal()
  after!: unknown

  /** Null for Portico itself. */
  @Column('uuid', { name: 'changed_by_id', nullable: true })
  @Personal({
    category: 'activity',
    purpose: 'Knowing who of the staff has changed it.',
    readers: ['groups:read'],
    retention: '2 years',
    onErase: 'pseudonymise',
    exported: true,
  })
  @DataSubject()
  changedById!: Id | null

  @Column({ type: 'timestamptz', name: 'changed_at', precision: 3 })
  @NotPersonal()
  changedAt!: Date
}
