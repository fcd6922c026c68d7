import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import type { ModeratedKind } from './moderated-kind'
import type { Measure } from './moderation-action'

const DECISION = {
  category: 'activity',
  readers: ['self', 'posts:moderate'],
  retention: '2 years',
  onErase: 'clear',
  exported: true,
} as const satisfies Partial<PersonalData>

const WORDS = {
  ...DECISION,
  category: 'content',
  onErase: 'shred',
  encrypted: true,
} as const satisfies Partial<PersonalData>

const BY = {
  ...DECISION,
  purpose: 'Knowing who has decided, so that an appeal is decided by somebody else.',
  readers: ['nobody'],
  onErase: 'pseudonymise',
  exported: false,
  isMention: true,
} as const satisfies PersonalData

/** A decision against somebody because of what they have written, with its reasons (Regulation (EU) 2022/2065 art. 17). */
@Entity({ name: 'moderation_decisions' })
export class ModerationDecision {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** No foreign key: each goes when its own time is over. */
  @Column('uuid', { name: 'case_id' })
  @NotPersonal()
  caseId!: Id

  @Column('text', { name: 'subject_kind' })
  @NotPersonal()
  subjectKind!: ModeratedKind

  /** What it is about. */
  @Column('uuid', { name: 'subject_id' })
  @NotPersonal()
  subjectId!: Id

  /** Against whom, and under whose data key its words are. */
  @Column('uuid', { name: 'user_id' })
  @Personal({ ...DECISION, purpose: 'Knowing against whom it is.' })
  @DataSubject()
  userId!: Id

  @Column('text')
  @Personal({ ...DECISION, purpose: 'Knowing what was decided.' })
  action!: Measure

  @Column('bytea', { name: 'broken_rule' })
  @Personal({ ...WORDS, purpose: 'Telling the person which rule they have broken.' })
  brokenRule!: Buffer

  @Column('bytea', { name: 'stated_reasons' })
  @Personal({ ...WORDS, purpose: 'Telling the person why it was decided.' })
  statedReasons!: Buffer

  @Column('boolean', { name: 'is_automated' })
  @Personal({ ...DECISION, purpose: 'Telling the person whether a machine has decided.' })
  isAutomated!: boolean

  @Column('boolean', { name: 'is_detected_automatically', default: false })
  @Personal({ ...DECISION, purpose: 'Telling the person whether a machine has found what it is about.' })
  isDetectedAutomatically!: boolean

  @Column('uuid', { name: 'decided_by_id', nullable: true })
  @Personal(BY)
  decidedById!: Id | null

  @Column({ type: 'timestamptz', name: 'decided_at', precision: 3 })
  @Personal({ ...DECISION, purpose: 'Knowing since when it holds.' })
  decidedAt!: Date

  /** Until when somebody is silenced or suspended; null for what does not last, and what somebody has to end. */
  @Column({ type: 'timestamptz', name: 'ends_at', precision: 3, nullable: true })
  @Personal({ ...DECISION, purpose: 'Knowing until when it holds.' })
  endsAt!: Date | null

  @Column({ type: 'timestamptz', name: 'appeal_ends_at', precision: 3 })
  @Personal({ ...DECISION, purpose: 'Knowing until when the person can appeal.' })
  appealEndsAt!: Date

  @Column({ type: 'timestamptz', name: 'reversed_at', precision: 3, nullable: true })
  @Personal({ ...DECISION, purpose: 'Knowing that it does not hold any more.' })
  reversedAt!: Date | null

  @Column('uuid', { name: 'reversed_by_id', nullable: true })
  @Personal(BY)
  reversedById!: Id | null

  @Column('integer')
  @NotPersonal()
  version!: number
}
