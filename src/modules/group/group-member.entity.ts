import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const MEMBERSHIP = {
  category: 'activity',
  retention: 'while the account exists',
  onErase: 'clear',
  exported: true,
} as const

/** That somebody is in a group. */
@Entity({ name: 'group_members' })
export class GroupMember {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'group_id' })
  @Personal({ ...MEMBERSHIP, purpose: 'Who looks after the person.', readers: ['self', 'groups:read'] })
  groupId!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('uuid', { name: 'added_by_id', nullable: true })
  @Personal({
    ...MEMBERSHIP,
    purpose: 'Who decided that.',
    exported: false,
    readers: ['groups:read'],
    isMention: true,
  })
  addedById!: Id | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...MEMBERSHIP, purpose: 'Since when.', readers: ['groups:read'] })
  createdAt!: Date
}
