import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import type { AppealStatus } from './appeal-status'

const APPEAL = {
  category: 'activity',
  readers: ['self', 'posts:moderate'],
  retention: '2 years',
  onErase: 'clear',
  exported: true,
} as const satisfies Partial<PersonalData>

const WORDS = {
  ...APPEAL,
  category: 'content',
  onErase: 'shred',
  encrypted: true,
} as const satisfies Partial<PersonalData>

/** That somebody finds a decision against them wrong, and what comes of it (Regulation (EU) 2022/2065 art. 20). One of a decision. */
@Entity({ name: 'appeals' })
export class Appeal {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'decision_id' })
  @NotPersonal()
  decisionId!: Id

  /** Against whom the decision is, and under whose data key the words are. */
  @Column('uuid', { name: 'user_id' })
  @Personal({ ...APPEAL, purpose: 'Knowing who appeals.' })
  @DataSubject()
  userId!: Id

  @Column('bytea', { name: 'appeal_text' })
  @Personal({ ...WORDS, purpose: 'Knowing why the person finds it wrong.' })
  appealText!: Buffer

  @Column('text')
  @Personal({ ...APPEAL, purpose: 'Knowing what came of it.' })
  status!: AppealStatus

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...APPEAL, purpose: 'Answering those first that wait longest.' })
  createdAt!: Date

  @Column('bytea', { name: 'answer', nullable: true })
  @Personal({ ...WORDS, purpose: 'Telling the person why it was answered so.' })
  answer!: Buffer | null

  @Column('uuid', { name: 'decided_by_id', nullable: true })
  @Personal({
    ...APPEAL,
    purpose: 'Knowing whom to ask about it.',
    readers: ['nobody'],
    onErase: 'pseudonymise',
    exported: false,
    isMention: true,
  })
  decidedById!: Id | null

  @Column({ type: 'timestamptz', name: 'decided_at', precision: 3, nullable: true })
  @Personal({ ...APPEAL, purpose: 'Knowing when it was answered.' })
  decidedAt!: Date | null

  @Column('integer')
  @NotPersonal()
  version!: number
}
