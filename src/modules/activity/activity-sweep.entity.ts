import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { ActivityRetention } from '../../core/activity-definition'
import { NotPersonal } from '../../core/personal-data'

/** Up to when events of a class have been removed: what lies before need not be looked through again. */
@Entity({ name: 'activity_sweeps' })
export class ActivitySweep {
  @PrimaryColumn('text')
  @NotPersonal()
  retention!: ActivityRetention

  @Column({ type: 'timestamptz', name: 'swept_until', precision: 3 })
  @NotPersonal()
  sweptUntil!: Date
}
