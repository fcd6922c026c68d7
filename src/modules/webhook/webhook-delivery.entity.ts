import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal } from '../../core/personal-data'
import type { AuditAction } from '../audit/audit-event'
import type { DeliveryStatus } from './delivery-status'

/**
 * That an endpoint is to be told of an event, made by a trigger on the trail, and what has come of it. It names the event and holds
 * nothing of what is sent, which is made of the event anew for each try: that never changes.
 */
@Entity({ name: 'webhook_deliveries' })
export class WebhookDelivery {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'endpoint_id' })
  @NotPersonal()
  endpointId!: Id

  @Column('uuid', { name: 'event_id' })
  @NotPersonal()
  eventId!: Id

  @Column('text')
  @NotPersonal()
  action!: AuditAction

  /** When the event happened. */
  @Column({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  @NotPersonal()
  occurredAt!: Date

  @Column('text')
  @NotPersonal()
  status!: DeliveryStatus

  /** Null where there is none to come. */
  @Column({ type: 'timestamptz', name: 'next_attempt_at', precision: 3, nullable: true })
  @NotPersonal()
  nextAttemptAt!: Date | null

  /** Until when a process has it to itself, by PostgreSQL's clock; null where none has. */
  @Column({ type: 'timestamptz', name: 'claimed_until', precision: 3, nullable: true })
  @NotPersonal()
  claimedUntil!: Date | null

  /** How many tries have failed since it was first sent, or sent again by hand: on it depends when the next one comes. */
  @Column('integer', { name: 'retry_count' })
  @NotPersonal()
  retryCount!: number

  /** The number of the last attempt. */
  @Column('integer', { name: 'attempt_count' })
  @NotPersonal()
  attemptCount!: number
}
