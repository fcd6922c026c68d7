import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'

/** That it was given has to be shown (GDPR art. 7(1)); after erasure it is under a pseudonym. */
const DECISION = {
  category: 'preference',
  readers: ['self', 'privacy:manage'],
  retention: '6 years',
  onErase: 'keep',
  basis: 'Proof of what was agreed to (GDPR art. 7 (1)).',
  exported: true,
} as const satisfies Partial<PersonalData>

/** Through what somebody has said it. */
export enum ConsentSource {
  WEB = 'web',
  APP = 'app',
  IMPORT = 'import',
  STAFF = 'staff',
}

/** What somebody said about one purpose at one moment. The newest one of a purpose counts, and none is ever changed. */
@Entity({ name: 'consents' })
export class Consent {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** Who said it. No foreign key: the row outlives the person. */
  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('text')
  @Personal({ ...DECISION, purpose: 'Knowing what the person has agreed to.' })
  purpose!: string

  /** Of the text that they were shown. */
  @Column('text', { name: 'text_version' })
  @Personal({ ...DECISION, purpose: 'Knowing which text the person has agreed to.' })
  version!: string

  @Column('text')
  @Personal({ ...DECISION, purpose: 'Knowing in which language they were asked.' })
  locale!: string

  @Column('text')
  @Personal({ ...DECISION, purpose: 'Showing how they were asked.' })
  source!: ConsentSource

  /** False where it was taken back, or objected to. */
  @Column('boolean')
  @Personal({ ...DECISION, purpose: 'Doing what the person wants.' })
  given!: boolean

  @Column({ type: 'timestamptz', name: 'decided_at', precision: 3 })
  @Personal({ ...DECISION, purpose: 'Showing since when.' })
  decidedAt!: Date
}
