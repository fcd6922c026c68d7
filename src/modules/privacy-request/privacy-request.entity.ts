import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import type { PrivacyRequestKind, PrivacyRequestStatus } from './privacy-request-kind'

/** That a request was made and answered in time has to be shown after the person is gone (GDPR art. 5(2)); its words are not. */
const REQUEST = {
  category: 'activity',
  readers: ['self', 'privacy:manage'],
  retention: '6 years',
  onErase: 'keep',
  basis: 'Proof that the person was answered in time (GDPR art. 5 (2), 12 (3)).',
  exported: true,
} as const satisfies Partial<PersonalData>

const WORDS = {
  ...REQUEST,
  category: 'content',
  onErase: 'shred',
  basis: undefined,
  encrypted: true,
} as const satisfies Partial<PersonalData>

/** What somebody asks about their own data, and what comes of it (GDPR art. 12). */
@Entity({ name: 'privacy_requests' })
export class PrivacyRequest {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** Who asks, and whose data key its words are under. No foreign key: the row outlives the person. */
  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('text')
  @Personal({ ...REQUEST, purpose: 'Knowing which right the person makes use of.' })
  kind!: PrivacyRequestKind

  @Column('text')
  @Personal({ ...REQUEST, purpose: 'Knowing what is still to be done.' })
  status!: PrivacyRequestStatus

  /** Of an objection: to what; null for one that staff have to look at. */
  @Column('text', { nullable: true })
  @Personal({ ...REQUEST, purpose: 'Knowing what the person objects to.' })
  purpose!: string | null

  @Column('bytea', { nullable: true })
  @Personal({ ...WORDS, purpose: 'What the person asks for, in their words.' })
  body!: Buffer | null

  /** Why it is refused, or what was done (GDPR art. 12(4)). */
  @Column('bytea', { name: 'outcome_note', nullable: true })
  @Personal({ ...WORDS, purpose: 'Telling the person what came of it, and why.' })
  outcomeNote!: Buffer | null

  @Column('bytea', { name: 'extension_reason', nullable: true })
  @Personal({ ...WORDS, purpose: 'Telling the person why it takes longer.' })
  extensionReason!: Buffer | null

  @Column({ type: 'timestamptz', name: 'received_at', precision: 3 })
  @Personal({ ...REQUEST, purpose: 'Showing that it was answered in time.' })
  receivedAt!: Date

  @Column({ type: 'timestamptz', name: 'due_at', precision: 3 })
  @Personal({ ...REQUEST, purpose: 'Answering in time.' })
  dueAt!: Date

  @Column({ type: 'timestamptz', name: 'extended_at', precision: 3, nullable: true })
  @Personal({ ...REQUEST, purpose: 'Showing that the person was told in time that it takes longer.' })
  extendedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'done_at', precision: 3, nullable: true })
  @Personal({ ...REQUEST, purpose: 'Showing that it was answered in time.' })
  doneAt!: Date | null

  @Column('uuid', { name: 'handled_by_id', nullable: true })
  @Personal({
    ...REQUEST,
    purpose: 'Knowing whom to ask about it.',
    onErase: 'pseudonymise',
    basis: undefined,
    isMention: true,
  })
  handledById!: Id | null

  /** When the trail was told that it is overdue, so that it is told once for each time that is set. */
  @Column({ type: 'timestamptz', name: 'overdue_told_at', precision: 3, nullable: true })
  @NotPersonal()
  overdueToldAt!: Date | null

  @Column('integer')
  @NotPersonal()
  version!: number
}
