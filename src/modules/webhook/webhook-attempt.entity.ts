import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal } from '../../core/personal-data'
import type { WebhookFailure } from '../../core/webhook-transport'

/** One try to tell an endpoint of an event. */
@Entity({ name: 'webhook_attempts' })
export class WebhookAttempt {
  @PrimaryColumn('uuid', { name: 'delivery_id' })
  @NotPersonal()
  deliveryId!: Id

  /** From 1. */
  @PrimaryColumn('integer')
  @NotPersonal()
  number!: number

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3 })
  @NotPersonal()
  startedAt!: Date

  @Column('integer', { name: 'duration_ms' })
  @NotPersonal()
  durationMs!: number

  /** What was answered; null where nothing was. */
  @Column('integer', { name: 'status_code', nullable: true })
  @NotPersonal()
  statusCode!: number | null

  /** Why nothing was; null where something was. */
  @Column('text', { nullable: true })
  @NotPersonal()
  failure!: WebhookFailure | null
}
