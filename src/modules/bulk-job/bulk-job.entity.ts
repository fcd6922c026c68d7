import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import type { BulkAction } from './bulk-form'

const JOB = {
  category: 'activity',
  readers: ['self', 'audit:read'],
  retention: '90 days after the job ends',
  exported: true,
} as const

/** Something that is done to many people, one after the other. */
@Entity({ name: 'bulk_jobs' })
export class BulkJob {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('text')
  @NotPersonal()
  action!: BulkAction

  /** On whose behalf it runs, with what they may do at each moment; null once they are gone. */
  @Column('uuid', { name: 'started_by_id', nullable: true })
  @Personal({ ...JOB, purpose: 'Acting with no more than its author may do.', onErase: 'pseudonymise' })
  @DataSubject()
  startedById!: Id | null

  /** The session from which it was started. */
  @Column('uuid', { name: 'session_id' })
  @NotPersonal()
  sessionId!: Id

  /** The request that started it, which is that of every event that it records. */
  @Column('text', { name: 'request_id', nullable: true })
  @NotPersonal()
  requestId!: string | null

  /** What was asked for: `BulkOrder` as JSON. */
  @Column('bytea', { name: 'work_order' })
  @Personal({
    ...JOB,
    purpose: 'Doing what was asked for.',
    onErase: 'shred',
    encrypted: true,
    // It has words about others.
    readers: ['nobody'],
    exported: false,
  })
  order!: Buffer

  /** How many people it is about, as far as they have been found. */
  @Column('integer')
  @NotPersonal()
  total!: number

  /** The last of the people who have been found so far; they are looked for in the order of their ids. */
  @Column('uuid', { name: 'found_up_to', nullable: true })
  @NotPersonal()
  foundUpTo!: Id | null

  /** Whether everybody has been found. */
  @Column('boolean', { name: 'is_found' })
  @NotPersonal()
  isFound!: boolean

  @Column('integer', { name: 'done_count' })
  @NotPersonal()
  doneCount!: number

  @Column('integer', { name: 'failed_count' })
  @NotPersonal()
  failedCount!: number

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3, nullable: true })
  @NotPersonal()
  startedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'ended_at', precision: 3, nullable: true })
  @NotPersonal()
  endedAt!: Date | null

  @Column('boolean', { name: 'is_cancelled' })
  @NotPersonal()
  isCancelled!: boolean
}
