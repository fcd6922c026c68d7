import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const GRANT = {
  category: 'activity',
  readers: ['self', 'roles:read', 'access:explain'],
  retention: 'while the account exists',
  onErase: 'clear',
  exported: true,
} as const

/** A role that somebody holds, over everybody or over the members of a group, until it expires or is revoked. */
@Entity({ name: 'role_grants' })
export class RoleGrant {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('uuid', { name: 'role_id' })
  @Personal({ ...GRANT, purpose: 'What the person may do.' })
  roleId!: Id

  /** Whose members it is limited to; null for a grant without a limit. */
  @Column('uuid', { name: 'group_id', nullable: true })
  @Personal({ ...GRANT, purpose: 'Whom the person may do it to.' })
  groupId!: Id | null

  @Column('uuid', { name: 'granted_by_id', nullable: true })
  @Personal({ ...GRANT, purpose: 'Who allowed it.', isMention: true })
  grantedById!: Id | null

  @Column('bytea', { name: 'grant_reason', nullable: true })
  @Personal({ ...GRANT, purpose: 'Why it was allowed.', onErase: 'shred', encrypted: true })
  grantReason!: Buffer | null

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  @Personal({ ...GRANT, purpose: 'Until when the person may.' })
  expiresAt!: Date | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...GRANT, purpose: 'Since when the person may.' })
  createdAt!: Date
}
