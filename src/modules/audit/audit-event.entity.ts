import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import type { AuditAction } from './audit-event'
import { AuditOutcome } from './audit-event'

const TRAIL = {
  category: 'activity',
  retention: '6 years',
  onErase: 'keep',
  basis:
    'Proof of what was done to whom, by ids that name nobody any more (GDPR art. 5 (2), 17 (3) (e), 32).',
  exported: true,
} as const

/** One event of the trail. The role of requests may add rows and read them, nothing else. */
@Entity({ name: 'audit_events' })
export class AuditEvent {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** By its month it stands in a partition. */
  @PrimaryColumn({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  @NotPersonal()
  occurredAt!: Date

  @Column('text')
  @NotPersonal()
  action!: AuditAction

  @Column('text')
  @NotPersonal()
  outcome!: AuditOutcome

  @Column('uuid', { name: 'actor_id', nullable: true })
  @Personal({
    ...TRAIL,
    purpose: 'Who did it: accountability and security.',
    readers: ['self', 'audit:read'],
  })
  @DataSubject()
  actorId!: Id | null

  /** Who of the staff acted as the actor; null where they did it themselves. */
  @Column('uuid', { name: 'impersonator_id', nullable: true })
  @Personal({
    ...TRAIL,
    purpose: 'Who really did it: accountability and security.',
    readers: ['self', 'audit:read'],
  })
  @DataSubject()
  impersonatorId!: Id | null

  @Column('uuid', { name: 'subject_id', nullable: true })
  @Personal({ ...TRAIL, purpose: 'Whom it concerns: the right to know.', readers: ['self', 'audit:read'] })
  @DataSubject()
  subjectId!: Id | null

  /** Whose data key the address is under; personal details are under the subject's. */
  @Column('uuid', { name: 'owner_id' })
  @NotPersonal()
  ownerId!: Id

  @Column('uuid', { name: 'session_id', nullable: true })
  @NotPersonal()
  sessionId!: Id | null

  /** Whether the subject finds it in their security inbox. */
  @Column('boolean', { name: 'is_security_event' })
  @NotPersonal()
  isSecurityEvent!: boolean

  /** The access token with which it was done; then there was no session. */
  @Column('uuid', { name: 'access_token_id', nullable: true })
  @NotPersonal()
  accessTokenId!: Id | null

  /** The global id of the thing that was acted on. */
  @Column('text', { nullable: true })
  @NotPersonal()
  target!: string | null

  @Column('text', { name: 'request_id', nullable: true })
  @NotPersonal()
  requestId!: string | null

  @Column('bytea', { nullable: true })
  @Personal({
    ...TRAIL,
    category: 'location',
    purpose: 'From where: detecting misuse.',
    // Those with `security:read` see its network, in the inbox.
    readers: ['self', 'audit:read', 'security:read'],
    onErase: 'shred',
    basis: undefined,
    encrypted: true,
    keyOf: 'ownerId',
  })
  address!: Buffer | null

  /** What is not personal of the details. */
  @Column('jsonb')
  @NotPersonal()
  details!: Record<string, unknown>

  @Column('bytea', { name: 'personal_details', nullable: true })
  @Personal({
    ...TRAIL,
    purpose: 'What was said of whom it concerns, such as why they were suspended: accountability.',
    readers: ['self', 'audit:read'],
    onErase: 'shred',
    basis: undefined,
    encrypted: true,
    keyOf: 'subjectId',
  })
  personalDetails!: Buffer | null

  /** Which transaction has written it, for whoever follows the trail; PostgreSQL says so itself. */
  @Column({ type: 'bigint', name: 'transaction_id', nullable: true, insert: false })
  @NotPersonal()
  transactionId?: string | null
}
