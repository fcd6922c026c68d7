import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import type { DeliveryChannel } from './delivery-channel'
import type { DeliveryPriority } from './delivery-priority'
import type { DeliveryStatus } from './delivery-status'

const ACTIVITY = {
  category: 'activity',
  readers: ['deliveries:manage'],
  retention: '30 days',
  onErase: 'clear',
  exported: true,
} as const satisfies Partial<PersonalData>

/**
 * A mail or a text message: that it is to be sent, and what has become of it. The row commits with its cause and is the queue; what the
 * message says is there no longer than it has to be sent.
 */
@Entity({ name: 'deliveries' })
export class Delivery {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('text')
  @Personal({ ...ACTIVITY, purpose: 'Sending it the way that the person is reached.' })
  channel!: DeliveryChannel

  @Column('text')
  @Personal({ ...ACTIVITY, purpose: 'Knowing what the person was told, without the words.' })
  template!: string

  /** Null for somebody without an account. No foreign key: a stranger's request would wait for whoever holds the person. */
  @Column('uuid', { name: 'user_id', nullable: true })
  @NotPersonal()
  @DataSubject()
  userId!: Id | null

  /** It is to nobody and is never sent: nobody can tell by the work that is done whether an address has an account. */
  @Column('boolean', { name: 'is_decoy' })
  @NotPersonal()
  isDecoy!: boolean

  /** To whom and what, as JSON, with codes and links. It has a data key of its own, which goes with it. */
  @Column('bytea', { nullable: true })
  @Personal({
    category: 'credential',
    purpose: 'Laying the message out when it is sent.',
    readers: ['nobody'],
    retention: '30 days',
    onErase: 'shred',
    exported: false,
    encrypted: true,
    keyOf: 'id',
  })
  letter!: Buffer | null

  /** Of the address, as the channel has it. */
  @Column('bytea', { name: 'address_index' })
  @Personal({
    category: 'contact',
    purpose: 'Knowing which address does not take messages, once the provider says so of this one.',
    readers: ['nobody'],
    retention: '30 days',
    onErase: 'clear',
    exported: false,
  })
  addressIndex!: Buffer

  /** What would be the same message a second time; null where each is one of its own. */
  @Column('text', { name: 'deduplication_key', nullable: true })
  @NotPersonal()
  deduplicationKey!: string | null

  @Column('text')
  @Personal({ ...ACTIVITY, purpose: 'Knowing whether the person was told.' })
  status!: DeliveryStatus

  /** The codes that the provider answered last, and none of its words. */
  @Column('text', { nullable: true })
  @Personal({ ...ACTIVITY, purpose: 'Finding out why the person was not told.' })
  response!: string | null

  @Column('smallint')
  @NotPersonal()
  priority!: DeliveryPriority

  /** How many tries have failed since it was first sent, or sent again by hand: on it depends when the next one comes. */
  @Column('integer', { name: 'retry_count' })
  @NotPersonal()
  retryCount!: number

  @Column('integer', { name: 'attempt_count' })
  @NotPersonal()
  attemptCount!: number

  /** Null where there is none to come. */
  @Column({ type: 'timestamptz', name: 'next_attempt_at', precision: 3, nullable: true })
  @NotPersonal()
  nextAttemptAt!: Date | null

  /** Until when a process has it to itself, by PostgreSQL's clock; null where none has. */
  @Column({ type: 'timestamptz', name: 'claimed_until', precision: 3, nullable: true })
  @NotPersonal()
  claimedUntil!: Date | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...ACTIVITY, purpose: 'Knowing when the person was told.' })
  createdAt!: Date

  /** When its code or its link is worth nothing any more, and it is not sent; null where it carries none that ends. */
  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  @NotPersonal()
  expiresAt!: Date | null

  /** When it was sent or given up. */
  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  @Personal({ ...ACTIVITY, purpose: 'Knowing when the person was told.' })
  finishedAt!: Date | null
}
