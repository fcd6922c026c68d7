import { Column, Entity, PrimaryColumn } from 'typeorm'
import { NotPersonal } from '../../core/personal-data'

/** Who this database is, wherever it is restored to: the one row that tells whose backups and keys belong together. */
@Entity({ name: 'installation' })
export class Installation {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: string

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  /** What tells the secrets of its keyring that never change from others; null until Portico has been started once. */
  @Column('text', { name: 'lookup_fingerprint', nullable: true })
  @NotPersonal()
  lookupFingerprint!: string | null

  @Column('text', { name: 'pepper_fingerprint', nullable: true })
  @NotPersonal()
  pepperFingerprint!: string | null
}
