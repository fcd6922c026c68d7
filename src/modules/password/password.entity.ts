import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const ACCOUNT = { retention: 'while the account exists', onErase: 'clear', exported: true } as const

/** A person's password, as a hash; the text itself is never stored. */
@Entity({ name: 'passwords' })
export class Password {
  @PrimaryColumn('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('text')
  @Personal({
    ...ACCOUNT,
    category: 'credential',
    purpose: 'Verifying the password at sign-in.',
    readers: ['nobody'],
    exported: false,
  })
  hash!: string

  @Column({ type: 'timestamptz', name: 'changed_at', precision: 3 })
  @Personal({
    ...ACCOUNT,
    category: 'activity',
    purpose: 'Showing the person when the password was last changed.',
    readers: ['self', 'security:read'],
  })
  changedAt!: Date

  /** Whether it is shorter than a password that is the only factor may be. */
  @Column('boolean', { name: 'is_short' })
  @Personal({
    ...ACCOUNT,
    category: 'credential',
    purpose: 'Asking for a longer password when the second factor goes.',
    readers: ['nobody'],
    exported: false,
  })
  isShort!: boolean

  /** When it turned up in a breach; the person is advised to change it. */
  @Column({ type: 'timestamptz', name: 'compromised_at', precision: 3, nullable: true })
  @Personal({
    ...ACCOUNT,
    category: 'activity',
    purpose: 'Advising the person to change a password that others know.',
    readers: ['self', 'security:read'],
  })
  compromisedAt!: Date | null

  /** Since when staff want it replaced; until then nobody gets in with it. */
  @Column({ type: 'timestamptz', name: 'reset_required_at', precision: 3, nullable: true })
  @Personal({
    ...ACCOUNT,
    category: 'activity',
    purpose: 'Letting nobody in with a password that has to be replaced.',
    readers: ['self'],
  })
  resetRequiredAt!: Date | null
}
