import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import type { ReportReason } from './report-reason'

const REPORT = {
  category: 'activity',
  readers: ['self', 'posts:moderate'],
  retention: '2 years',
  onErase: 'clear',
  exported: true,
} as const satisfies Partial<PersonalData>

/** That somebody finds something wrong with what another has written, who is not told who it was. One of a person in a case. */
@Entity({ name: 'reports' })
export class Report {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'case_id' })
  @NotPersonal()
  caseId!: Id

  /** What is reported. */
  @Column('uuid', { name: 'subject_id' })
  @NotPersonal()
  subjectId!: Id

  /** Whose words it holds, and whose data key they are under. */
  @Column('uuid', { name: 'reporter_id' })
  @Personal({ ...REPORT, purpose: 'Knowing who has reported it, once each.' })
  @DataSubject()
  reporterId!: Id

  @Column('text')
  @Personal({ ...REPORT, purpose: 'Knowing what may be wrong.' })
  reason!: ReportReason

  @Column('bytea', { name: 'remark', nullable: true })
  @Personal({
    ...REPORT,
    category: 'content',
    purpose: 'Knowing what may be wrong, in the words of who reports it.',
    onErase: 'shred',
    encrypted: true,
  })
  remark!: Buffer | null

  /** How much it counted, by how often the person had been right. */
  @Column('integer')
  @Personal({
    ...REPORT,
    purpose: 'Looking first at what is likely to be wrong.',
    readers: ['nobody'],
    exported: false,
  })
  weight!: number

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...REPORT, purpose: 'Knowing when it was reported.' })
  createdAt!: Date

  /** When they were told what came of it; null until then. */
  @Column({ type: 'timestamptz', name: 'told_at', precision: 3, nullable: true })
  @NotPersonal()
  toldAt!: Date | null
}
