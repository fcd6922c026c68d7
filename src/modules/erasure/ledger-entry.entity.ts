import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal } from '../../core/personal-data'

/** A line of the ledger of erasures; see `ledger.ts`. The role of requests may add lines and read them, nothing else. */
@Entity({ name: 'erasure_ledger' })
export class LedgerEntry {
  /** From 1, without a gap. */
  @PrimaryColumn('integer')
  @NotPersonal()
  number!: number

  /** It names nobody any more. */
  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  userId!: Id

  @Column({ type: 'timestamptz', name: 'erased_at', precision: 3 })
  @NotPersonal()
  erasedAt!: Date

  @Column('text')
  @NotPersonal()
  line!: string
}
