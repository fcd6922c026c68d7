import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import type { Permission } from '../../core/permission'
import { NotPersonal } from '../../core/personal-data'

/** A named set of permissions. */
@Entity({ name: 'roles' })
export class Role {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('text')
  @NotPersonal()
  name!: string

  @Column('text')
  @NotPersonal()
  description!: string

  @Column('text', { array: true })
  @NotPersonal()
  permissions!: Permission[]

  /** Whether it gives its permissions to those requests alone that say why. */
  @Column('boolean', { name: 'requires_reason', default: false })
  @NotPersonal()
  requiresReason!: boolean

  @Column('boolean', { name: 'is_built_in' })
  @NotPersonal()
  isBuiltIn!: boolean

  @Column('integer')
  @NotPersonal()
  version!: number

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date
}
