import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal } from '../../core/personal-data'

/**
 * That a row of the trail is sealed, and what it hashed to. It stays when the row is gone, so that it can be said which one is.
 * The role of requests may add entries and read them, nothing else.
 */
@Entity({ name: 'audit_seal_entries' })
export class AuditSealEntry {
  @PrimaryColumn('bigint')
  @NotPersonal()
  position!: string

  /** The table of the row. */
  @Column('text')
  @NotPersonal()
  trail!: string

  @Column('uuid', { name: 'row_id' })
  @NotPersonal()
  rowId!: Id

  @Column({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  @NotPersonal()
  occurredAt!: Date

  /** The hash of the whole row; see `trail-row.ts`. */
  @Column('bytea')
  @NotPersonal()
  digest!: Buffer
}
