import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../core/id'
import { NotPersonal } from '../core/personal-data'

/** The table of wrapped data keys, which no archive of the rest may hold. */
export const KEY_TABLE = 'data_keys'

/**
 * A person's data key, wrapped by the keyring. Once it is destroyed, everything encrypted under it is unreadable; the row
 * stays, so that no other key takes its place.
 */
@Entity({ name: KEY_TABLE })
export class DataKey {
  @PrimaryColumn('uuid', { name: 'owner_id' })
  @NotPersonal()
  ownerId!: Id

  /** Null once it is destroyed. */
  @Column('bytea', { nullable: true })
  @NotPersonal()
  wrapped!: Buffer | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'destroyed_at', precision: 3, nullable: true })
  @NotPersonal()
  destroyedAt!: Date | null
}
