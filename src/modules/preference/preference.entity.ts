import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal, Personal } from '../../core/personal-data'

/** A preference that somebody has set; what nobody has set is not stored. */
@Entity({ name: 'preferences' })
export class Preference {
  @PrimaryColumn('uuid', { name: 'user_id' })
  @NotPersonal()
  userId!: Id

  @PrimaryColumn('text')
  @NotPersonal()
  key!: string

  @Column('jsonb')
  @Personal({
    category: 'preference',
    purpose: 'Adapting the application to the person.',
    readers: ['self', 'preferences:read'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: true,
  })
  value!: unknown

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  @NotPersonal()
  updatedAt!: Date
}
