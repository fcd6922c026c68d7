import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import type { ErasureEntry } from './erase'

const ERASURE = {
  category: 'activity',
  readers: ['self', 'privacy:manage'],
  retention: '6 years',
  onErase: 'keep',
  basis: 'Proof that the person was answered, and when (GDPR art. 5 (2), 12 (3)).',
  exported: true,
} as const

/** That somebody wants to be erased, until it is done or taken back. */
@Entity({ name: 'erasures' })
export class Erasure {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  /** The request that it answers. */
  @Column('uuid', { name: 'request_id', nullable: true })
  @NotPersonal()
  requestId!: Id | null

  @Column({ type: 'timestamptz', name: 'requested_at', precision: 3 })
  @Personal({ ...ERASURE, purpose: 'Answering in time.' })
  requestedAt!: Date

  /** Until then the person can take it back. */
  @Column({ type: 'timestamptz', name: 'erases_at', precision: 3 })
  @Personal({ ...ERASURE, purpose: 'Erasing when the person has been told.' })
  erasesAt!: Date

  @Column({ type: 'timestamptz', name: 'cancelled_at', precision: 3, nullable: true })
  @Personal({ ...ERASURE, purpose: 'Knowing what the person wants.' })
  cancelledAt!: Date | null

  /** When it was due and something obliged us to wait, of which the person was told. */
  @Column({ type: 'timestamptz', name: 'delayed_at', precision: 3, nullable: true })
  @Personal({ ...ERASURE, purpose: 'Telling the person once.' })
  delayedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'erased_at', precision: 3, nullable: true })
  @Personal({ ...ERASURE, purpose: 'Proving that it was done.' })
  erasedAt!: Date | null

  /** What was done, table by table; null until then. */
  @Column('jsonb', { nullable: true })
  @NotPersonal()
  entries!: ErasureEntry[] | null

  /** The line of the ledger. */
  @Column('integer', { name: 'ledger_number', nullable: true })
  @NotPersonal()
  ledgerNumber!: number | null

  /** The same, signed; a JWS that names tables and counts. */
  @Column('text', { nullable: true })
  @Personal({ ...ERASURE, purpose: 'Proving what was done.' })
  certificate!: string | null
}
