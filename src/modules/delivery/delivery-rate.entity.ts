import { Column, Entity, PrimaryColumn } from 'typeorm'
import { NotPersonal } from '../../core/personal-data'
import type { DeliveryChannel } from './delivery-channel'

/** How far a provider's rate is used up: the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371). */
@Entity({ name: 'delivery_rates' })
export class DeliveryRate {
  @PrimaryColumn('text')
  @NotPersonal()
  channel!: DeliveryChannel

  /** By PostgreSQL's clock, which all processes share. */
  @Column({ type: 'timestamptz', name: 'free_at', precision: 6 })
  @NotPersonal()
  freeAt!: Date
}
