import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const CHANGE = {
  category: 'preference',
  purpose: 'Letting the person take back what was changed.',
  readers: ['self', 'preferences:read'],
  retention: '2 years',
  onErase: 'clear',
  exported: true,
} as const

/** That a preference of somebody was changed. The last so many of each preference are kept. */
@Entity({ name: 'preference_changes' })
export class PreferenceChange {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('text')
  @NotPersonal()
  key!: string

  /** Which change of this preference it was, from 1: the `version` that it has led to. */
  @Column('integer')
  @NotPersonal()
  number!: number

  /** The device that it was set on; null for what holds on all of them. */
  @Column('text', { name: 'device_id', nullable: true })
  @Personal({ ...CHANGE, purpose: "Telling the person's devices apart.", readers: ['self'] })
  deviceId!: string | null

  /** Null where nothing was set. */
  @Column('jsonb', { nullable: true })
  @Personal(CHANGE)
  before!: unknown

  /** Null where nothing is set any more. */
  @Column('jsonb', { nullable: true })
  @Personal(CHANGE)
  after!: unknown

  /** The person, or who acted as them; null for Portico itself. */
  @Column('uuid', { name: 'changed_by_id', nullable: true })
  @Personal({
    ...CHANGE,
    purpose: 'Letting the person know who has changed it.',
    isMention: true,
  })
  changedById!: Id | null

  @Column({ type: 'timestamptz', name: 'changed_at', precision: 3 })
  @Personal({ ...CHANGE, purpose: 'When it was changed.' })
  changedAt!: Date
}
