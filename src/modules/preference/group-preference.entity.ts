import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal } from '../../core/personal-data'

/** A preference that staff have set, or had set, for the members of a group. */
@Entity({ name: 'group_preferences' })
export class GroupPreference {
  @PrimaryColumn('uuid', { name: 'group_id' })
  @NotPersonal()
  groupId!: Id

  @PrimaryColumn('text')
  @NotPersonal()
  key!: string

  /** Null where the group says nothing any more. */
  @Column('jsonb', { nullable: true })
  @NotPersonal()
  value!: unknown

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  @NotPersonal()
  updatedAt!: Date

  /** Counts the changes. */
  @Column('integer')
  @NotPersonal()
  version!: number
}
