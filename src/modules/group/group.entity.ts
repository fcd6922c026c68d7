import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal } from '../../core/personal-data'

/** People whom somebody looks after: a grant of a role may be limited to them. */
@Entity({ name: 'groups' })
export class Group {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('text')
  @NotPersonal()
  name!: string

  @Column('text')
  @NotPersonal()
  description!: string

  @Column('integer')
  @NotPersonal()
  version!: number

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date
}
