import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal } from '../../core/personal-data'

/** What an import has come to so far: counts, and nothing about anybody. */
export interface Tally {
  imported: number
  refused: number
  /** How often something was refused for a reason, such as `email TAKEN`. */
  reasons: Record<string, number>
  /** Accounts whose username was made or adapted. */
  namesMade: number
  /** Accounts that came without a password. */
  withoutPassword: number
  /** Accounts whose second factor stayed behind. */
  secondFactorsLeft: number
  /** The bytes of the report that belong to what is committed. */
  reportLength: number
}

/** An import of a file, as far as it is committed, so that one that was cut off goes on where it stood. */
@Entity({ name: 'imports' })
export class Import {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** SHA-256 of what is imported. */
  @Column('bytea')
  @NotPersonal()
  fingerprint!: Buffer

  /** How many of the file's entries are done. */
  @Column('integer')
  @NotPersonal()
  position!: number

  @Column('jsonb')
  @NotPersonal()
  tally!: Tally

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3 })
  @NotPersonal()
  startedAt!: Date

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  @NotPersonal()
  finishedAt!: Date | null
}
