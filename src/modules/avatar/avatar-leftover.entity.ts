import { Column, Entity, PrimaryColumn } from 'typeorm'
import { NotPersonal } from '../../core/personal-data'

/**
 * Files in the store of avatars that no row of `avatars` leads to. PostgreSQL adds one whenever a row loses its key, whoever removes or
 * changes it; a task removes the files. It says of nobody whose they were.
 */
@Entity({ name: 'avatar_leftovers' })
export class AvatarLeftover {
  @PrimaryColumn({ type: 'text', name: 'file_key', collation: 'C' })
  @NotPersonal()
  fileKey!: string

  /** Until when an upload may still make them somebody's; null where nobody will. */
  @Column({ type: 'timestamptz', name: 'reserved_until', precision: 3, nullable: true })
  @NotPersonal()
  reservedUntil!: Date | null
}
