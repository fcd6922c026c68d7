import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/** A preference that somebody has set, or had set; what nobody has ever set is not stored. */
@Entity({ name: 'preferences' })
export class Preference {
  @PrimaryColumn('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @PrimaryColumn('text')
  @NotPersonal()
  key!: string

  /** Null where they have what they inherit. */
  @Column('jsonb', { nullable: true })
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

  /** Counts the changes, those on devices included. */
  @Column('integer', { default: 1 })
  @NotPersonal()
  version!: number
}
