import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import type { ModeratedKind } from '../moderation-decision/moderated-kind'
import type { CaseStatus } from './case-status'

const CASE = {
  category: 'activity',
  readers: ['posts:moderate'],
  retention: '2 years',
  onErase: 'clear',
  exported: false,
} as const satisfies Partial<PersonalData>

const BY = { ...CASE, onErase: 'pseudonymise', isMention: true } as const

/** A thing that was reported, until somebody has decided about it. What is decided against its author, they are told otherwise. */
@Entity({ name: 'moderation_cases' })
export class ModerationCase {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('text', { name: 'subject_kind' })
  @NotPersonal()
  subjectKind!: ModeratedKind

  /** What was reported. */
  @Column('uuid', { name: 'subject_id' })
  @NotPersonal()
  subjectId!: Id

  /** Who has written it, and under whose data key the note is. */
  @Column('uuid', { name: 'author_id' })
  @Personal({ ...CASE, purpose: 'Knowing whose content it is about.' })
  @DataSubject()
  authorId!: Id

  @Column('text')
  @NotPersonal()
  status!: CaseStatus

  /** Minus the sum of its reports' weights, so that a list which ascends by it and by age has the most urgent first. */
  @Column('integer')
  @NotPersonal()
  rank!: number

  @Column({ type: 'timestamptz', name: 'opened_at', precision: 3 })
  @Personal({ ...CASE, purpose: 'Knowing how long it waits.' })
  openedAt!: Date

  @Column('uuid', { name: 'claimed_by_id', nullable: true })
  @Personal({ ...BY, purpose: 'Knowing who looks at it.' })
  claimedById!: Id | null

  @Column({ type: 'timestamptz', name: 'claimed_until', precision: 3, nullable: true })
  @NotPersonal()
  claimedUntil!: Date | null

  @Column('bytea', { name: 'staff_remark', nullable: true })
  @Personal({
    ...CASE,
    category: 'content',
    purpose: 'Knowing why it was decided so.',
    onErase: 'shred',
    encrypted: true,
  })
  staffRemark!: Buffer | null

  /** What was written, as it was when it was reported, whatever its author makes of it since; see `reported-texts.ts`. */
  @Column('bytea', { name: 'reported_text', nullable: true })
  @Personal({
    ...CASE,
    category: 'content',
    purpose: 'Deciding about what was reported, whatever has become of it since.',
    onErase: 'shred',
    encrypted: true,
  })
  reportedText!: Buffer | null

  @Column('uuid', { name: 'decided_by_id', nullable: true })
  @Personal({ ...BY, purpose: 'Knowing whom to ask about it.' })
  decidedById!: Id | null

  @Column({ type: 'timestamptz', name: 'decided_at', precision: 3, nullable: true })
  @Personal({ ...CASE, purpose: 'Knowing when it was decided.' })
  decidedAt!: Date | null

  @Column('integer')
  @NotPersonal()
  version!: number
}
