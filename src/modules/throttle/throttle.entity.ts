import { Column, Entity, PrimaryColumn } from 'typeorm'
import { NotPersonal, Personal } from '../../core/personal-data'

const THROTTLE = {
  category: 'activity',
  readers: ['nobody'],
  retention: '24 hours',
  onErase: 'clear',
  exported: false,
} as const

/** How often something was tried of late, such as the password of one account. */
@Entity({ name: 'throttles' })
export class Throttle {
  /** A keyed hash of what is counted: of an account's id, a login that leads nowhere, an address. */
  @PrimaryColumn('bytea')
  @Personal({ ...THROTTLE, purpose: 'Counting tries without storing whose they are.' })
  key!: Buffer

  @Column('integer')
  @NotPersonal()
  tries!: number

  @Column({ type: 'timestamptz', name: 'tried_at', precision: 3 })
  @Personal({ ...THROTTLE, purpose: 'Forgetting tries after a while.' })
  triedAt!: Date

  /** Until when nothing more is tried; null while some tries are left. */
  @Column({ type: 'timestamptz', name: 'closed_until', precision: 3, nullable: true })
  @NotPersonal()
  closedUntil!: Date | null
}
