import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import type { Permission } from '../../core/permission'
import { NotPersonal, Personal } from '../../core/personal-data'

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

const GRANT = {
  category: 'activity',
  readers: ['self', 'roles:read'],
  retention: 'while the account exists',
  onErase: 'clear',
  exported: true,
} as const

/** A role that somebody holds, until it expires or is revoked. */
@Entity({ name: 'role_grants' })
export class RoleGrant {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  userId!: Id

  @Column('uuid', { name: 'role_id' })
  @Personal({ ...GRANT, purpose: 'What the person may do.' })
  roleId!: Id

  @Column('uuid', { name: 'granted_by_id', nullable: true })
  @Personal({ ...GRANT, purpose: 'Who allowed it.' })
  grantedById!: Id | null

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  @Personal({ ...GRANT, purpose: 'Until when the person may.' })
  expiresAt!: Date | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...GRANT, purpose: 'Since when the person may.' })
  createdAt!: Date
}
