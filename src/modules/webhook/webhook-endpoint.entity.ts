import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import type { DisabledBecause } from './disabled-because'

/** Nobody's, though it is kept as a person's secret is. */
const SECRET = {
  category: 'credential',
  purpose: 'Signing what is sent, so that the receiver knows from whom it comes.',
  readers: ['nobody'],
  retention: 'while the row exists',
  onErase: 'shred',
  exported: false,
  encrypted: true,
  // An endpoint has a data key of its own: it outlives whoever has made it.
  keyOf: 'id',
} as const satisfies PersonalData

/** Where another system wants to be told what happens. */
@Entity({ name: 'webhook_endpoints' })
export class WebhookEndpoint {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('text')
  @NotPersonal()
  url!: string

  @Column('text')
  @NotPersonal()
  description!: string

  /** Actions of the trail, `post.*` for all of one noun, or `*` for all. */
  @Column('text', { array: true })
  @NotPersonal()
  events!: string[]

  @Column('bytea', { name: 'signing_secret' })
  @Personal(SECRET)
  signingSecret!: Buffer

  /** The one before, with which is signed as well until the receiver has had time to learn the new one. */
  @Column('bytea', { name: 'previous_signing_secret', nullable: true })
  @Personal(SECRET)
  previousSigningSecret!: Buffer | null

  @Column({ type: 'timestamptz', name: 'previous_secret_expires_at', precision: 3, nullable: true })
  @NotPersonal()
  previousSecretExpiresAt!: Date | null

  @Column('boolean', { name: 'is_enabled' })
  @NotPersonal()
  isEnabled!: boolean

  /** Why Portico has disabled it; null where it has not. */
  @Column('text', { name: 'disabled_because', nullable: true })
  @NotPersonal()
  disabledBecause!: DisabledBecause | null

  /** When the first failed of what has not arrived since something did; null where the last has. */
  @Column({ type: 'timestamptz', name: 'first_failure_at', precision: 3, nullable: true })
  @NotPersonal()
  firstFailureAt!: Date | null

  /** Until when it has asked to be left alone. */
  @Column({ type: 'timestamptz', name: 'resumes_at', precision: 3, nullable: true })
  @NotPersonal()
  resumesAt!: Date | null

  @Column('uuid', { name: 'created_by_id', nullable: true })
  @Personal({
    category: 'activity',
    purpose: 'Knowing whom to ask about it, and whom to tell that it fails.',
    readers: ['webhooks:manage'],
    retention: 'while the row exists',
    onErase: 'pseudonymise',
    exported: false,
    isMention: true,
  })
  createdById!: Id | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  /** It is there no more, and its deliveries are being removed. */
  @Column({ type: 'timestamptz', name: 'deleted_at', precision: 3, nullable: true })
  @NotPersonal()
  deletedAt!: Date | null

  @Column('integer')
  @NotPersonal()
  version!: number
}
