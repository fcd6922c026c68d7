import { Column, Entity, PrimaryColumn } from 'typeorm'
import { NotPersonal } from '../../core/personal-data'

/**
 * That rows of a table have changed which belong to a quarter of an hour: it is counted anew. Triggers write it in the transaction of
 * the change, so that what commits late is not missed, and a mark that is gone was counted.
 */
@Entity({ name: 'insight_marks' })
export class InsightMark {
  @PrimaryColumn({ type: 'bigint', generated: 'identity', generatedIdentity: 'ALWAYS' })
  @NotPersonal()
  id!: string

  /** The table. */
  @Column('text')
  @NotPersonal()
  source!: string

  @Column({ type: 'timestamptz', name: 'slot_at', precision: 3 })
  @NotPersonal()
  slotAt!: Date
}
