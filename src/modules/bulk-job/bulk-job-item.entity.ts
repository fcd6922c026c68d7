import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import type { BulkOutcome } from './bulk-outcome'

/** What has come of a bulk job for one person. */
@Entity({ name: 'bulk_job_items' })
export class BulkJobItem {
  @PrimaryColumn('uuid', { name: 'job_id' })
  @NotPersonal()
  jobId!: Id

  /** From 1, in the order in which they are done. */
  @PrimaryColumn('integer')
  @NotPersonal()
  position!: number

  /** Whom it is about, whether or not there is such a person. */
  @Column('uuid', { name: 'user_id' })
  @Personal({
    category: 'activity',
    purpose: 'Knowing what has been done to whom.',
    // Whoever started the job, and whoever reads all jobs.
    readers: ['self', 'audit:read'],
    retention: '90 days after the job ends',
    onErase: 'pseudonymise',
    exported: true,
  })
  @DataSubject()
  userId!: Id

  @Column('text')
  @NotPersonal()
  outcome!: BulkOutcome

  /** Why it was not possible. */
  @Column('text', { nullable: true })
  @NotPersonal()
  code!: UserErrorCode | null

  @Column('text', { nullable: true })
  @NotPersonal()
  message!: string | null

  @Column({ type: 'timestamptz', name: 'ended_at', precision: 3, nullable: true })
  @NotPersonal()
  endedAt!: Date | null
}
