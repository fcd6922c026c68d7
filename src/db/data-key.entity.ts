import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../core/id'
import { NotPersonal } from '../core/personal-data'

/** The table of wrapped data keys, which no archive of the rest may hold. */
export const KEY_TABLE = 'data_keys'

/** A person's data key, wrapped by the keyring. Destroying the row makes everything encrypted under it unreadable. */
@Entity({ name: KEY_TABLE })
export class DataKey {
  @PrimaryColumn('uuid', { name: 'owner_id' })
  @NotPersonal()
  ownerId!: Id

  @Column('bytea')
  @NotPersonal()
  wrapped!: Buffer

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date
}
