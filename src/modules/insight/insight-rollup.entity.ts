import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'

const ROLLED = {
  category: 'activity',
  readers: ['nobody'],
  retention: '2 years',
  onErase: 'clear',
  exported: false,
} as const satisfies Partial<PersonalData>

/**
 * What one person did of one kind in a quarter of an hour, counted. The person stands here because people are counted once however often
 * they come, and because few people must not be told apart; nobody is shown a row.
 */
@Entity({ name: 'insight_rollups' })
export class InsightRollup {
  /** Which facts are counted; see `facts.ts`. */
  @PrimaryColumn('text')
  @NotPersonal()
  facts!: string

  /** The beginning of the quarter of an hour. */
  @PrimaryColumn({ type: 'timestamptz', name: 'slot_at', precision: 3 })
  @Personal({ ...ROLLED, purpose: 'Figures about how the application is used.' })
  slotAt!: Date

  /** Whose facts they are; the nil UUID where they are about nobody known. */
  @PrimaryColumn('uuid', { name: 'person_id' })
  @NotPersonal()
  @DataSubject()
  personId!: Id

  /** To which group they belong, by each way of breaking figures down. */
  @PrimaryColumn('jsonb')
  @Personal({ ...ROLLED, purpose: 'Figures about groups of people.' })
  groups!: Record<string, string>

  @Column('integer')
  @Personal({ ...ROLLED, purpose: 'Figures about how the application is used.' })
  count!: number

  /** The sum of what was measured, such as seconds. */
  @Column('bigint')
  @Personal({ ...ROLLED, purpose: 'Figures about how long something takes.' })
  total!: string
}
