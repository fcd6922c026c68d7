import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'

/**
 * Whoever knew of it could destroy what a court may want to see, so the person finds neither the hold nor its events, and their
 * export leaves it out: people answer for it (GDPR art. 15(4), 23(1)(i)).
 */
const HOLD = {
  category: 'activity',
  readers: ['holds:manage'],
  retention: '6 years',
  onErase: 'keep',
  basis: 'Proof of why data was kept (GDPR art. 5 (2), 17 (3) (e)).',
  exported: false,
} as const satisfies Partial<PersonalData>

const WORDS = {
  ...HOLD,
  category: 'content',
  onErase: 'shred',
  basis: undefined,
  encrypted: true,
} as const satisfies Partial<PersonalData>

/** Something that the law asks for, for whose sake somebody's data is not erased (GDPR art. 17(3)(b) and (e)). */
@Entity({ name: 'legal_holds' })
export class LegalHold {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** Whose data is kept, and whose data key its words are under, which lasts as long as the hold does. */
  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('bytea', { name: 'hold_reason' })
  @Personal({ ...WORDS, purpose: 'Knowing what the law asks for.' })
  holdReason!: Buffer

  /** A file number of a court or an authority, by which somebody is found elsewhere. */
  @Column('bytea', { name: 'case_reference', nullable: true })
  @Personal({ ...WORDS, purpose: 'Knowing to which case it belongs.' })
  caseReference!: Buffer | null

  @Column('uuid', { name: 'placed_by_id', nullable: true })
  @Personal({
    ...HOLD,
    purpose: 'Knowing whom to ask about it.',
    onErase: 'pseudonymise',
    basis: undefined,
    isMention: true,
  })
  placedById!: Id | null

  @Column({ type: 'timestamptz', name: 'placed_at', precision: 3 })
  @Personal({ ...HOLD, purpose: 'Showing since when data was kept.' })
  placedAt!: Date

  @Column({ type: 'timestamptz', name: 'released_at', precision: 3, nullable: true })
  @Personal({ ...HOLD, purpose: 'Showing until when data was kept.' })
  releasedAt!: Date | null

  @Column('uuid', { name: 'released_by_id', nullable: true })
  @Personal({
    ...HOLD,
    purpose: 'Knowing whom to ask about it.',
    onErase: 'pseudonymise',
    basis: undefined,
    isMention: true,
  })
  releasedById!: Id | null
}
