import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const RECORD = {
  category: 'activity',
  readers: ['self', 'audit:read'],
  retention: '6 years',
  onErase: 'keep',
  basis: 'Proof of who has looked at personal data (GDPR art. 5 (2), 32; HIPAA § 164.312 (b)).',
  exported: true,
} as const

/** That somebody looked at another person's data. The role of requests may add rows and read them, nothing else. */
@Entity({ name: 'access_records' })
export class AccessRecord {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** By its month it stands in a partition. */
  @PrimaryColumn({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  @Personal({ ...RECORD, purpose: 'When it was: the right to know.' })
  occurredAt!: Date

  @Column('uuid', { name: 'reader_id' })
  @Personal({ ...RECORD, purpose: 'Who looked: accountability.', isMention: true })
  readerId!: Id

  @Column('uuid', { name: 'subject_id' })
  @Personal({ ...RECORD, purpose: 'Whose data it was: the right to know.' })
  @DataSubject()
  subjectId!: Id

  /** The names that the roles had which allowed it. */
  @Column('text', { array: true })
  @Personal({ ...RECORD, purpose: 'By what right they looked.' })
  roles!: string[]

  @Column('text', { array: true })
  @Personal({ ...RECORD, purpose: 'What was shown.' })
  fields!: string[]

  /** Under the key of whom it was about. */
  @Column('bytea', { name: 'access_reason', nullable: true })
  @Personal({
    ...RECORD,
    purpose: 'Why they looked, in their words.',
    onErase: 'shred',
    basis: undefined,
    encrypted: true,
  })
  accessReason!: Buffer | null

  /** The same in clear, in records from before it was encrypted, which are sealed; nothing is put there any more. */
  @Column('text', { nullable: true })
  @Personal({ ...RECORD, purpose: 'Why they looked, in their words, as it was written at first.' })
  reason!: string | null

  @Column('text', { name: 'request_id', nullable: true })
  @NotPersonal()
  requestId!: string | null
}
