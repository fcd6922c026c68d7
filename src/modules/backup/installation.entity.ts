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
}
