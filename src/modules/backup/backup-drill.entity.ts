import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal } from '../../core/personal-data'

/** A backup that was restored to see whether it can be, and what came of it. */
@Entity({ name: 'backup_drills' })
export class BackupDrill {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** The archive's name, without its folder. */
  @Column('text')
  @NotPersonal()
  archive!: string

  /** When its snapshot was taken; null where it could not be read so far. */
  @Column({ type: 'timestamptz', name: 'taken_at', precision: 3, nullable: true })
  @NotPersonal()
  takenAt!: Date | null

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3 })
  @NotPersonal()
  startedAt!: Date

  /** How long it took until the database could have been opened, in seconds. */
  @Column('double precision')
  @NotPersonal()
  seconds!: number

  /** How many rows were restored and compared. `int8`, which the driver hands over as text. */
  @Column('bigint')
  @NotPersonal()
  rows!: string

  /** Why it cannot be restored; null where it can. */
  @Column('text', { nullable: true })
  @NotPersonal()
  problem!: string | null
}
