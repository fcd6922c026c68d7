import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal, Personal } from '../../core/personal-data'

/** A person's password, as a hash; the text itself is never stored. */
@Entity({ name: 'passwords' })
export class Password {
  @PrimaryColumn('uuid', { name: 'user_id' })
  @NotPersonal()
  userId!: Id

  @Column('text')
  @Personal({
    category: 'credential',
    purpose: 'Verifying the password at sign-in.',
    readers: ['nobody'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: false,
  })
  hash!: string

  @Column({ type: 'timestamptz', name: 'changed_at', precision: 3 })
  @Personal({
    category: 'activity',
    purpose: 'Showing the person when the password was last changed.',
    readers: ['self'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: true,
  })
  changedAt!: Date
}
