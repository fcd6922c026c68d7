import { Column, Entity, PrimaryColumn } from 'typeorm'
import { NotPersonal } from '../core/personal-data'

/** A process that does jobs. The queue names it beside each job that it is doing; when it is not seen, they are others'. */
@Entity({ name: 'job_workers' })
export class JobWorker {
  @PrimaryColumn('text')
  @NotPersonal()
  id!: string

  /** By PostgreSQL's clock, which is the same for all. */
  @Column({ type: 'timestamptz', name: 'seen_at', precision: 3 })
  @NotPersonal()
  seenAt!: Date
}
