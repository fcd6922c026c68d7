import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/** A phone number of a person, proven by a text message. Stored encrypted; `phoneNumberIndex` finds it by equality. */
@Entity({ name: 'phones' })
export class Phone {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  /** As E.164 has it. */
  @Column('bytea', { name: 'phone_number' })
  @Personal({
    category: 'contact',
    purpose: 'Reaching the person about their account.',
    readers: ['self', 'users:read-contact'],
    retention: 'while the account exists',
    onErase: 'shred',
    exported: true,
    encrypted: true,
    lookup: true,
  })
  phoneNumber!: Buffer

  @Column('bytea', { name: 'phone_number_index' })
  @Personal({
    category: 'contact',
    purpose: 'Finding the accounts of a number without storing it in plain text.',
    readers: ['nobody'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: false,
  })
  phoneNumberIndex!: Buffer

  @Column('boolean', { name: 'is_primary' })
  @NotPersonal()
  isPrimary!: boolean

  @Column({ type: 'timestamptz', name: 'verified_at', precision: 3 })
  @Personal({
    category: 'activity',
    purpose: "Knowing that the number is the person's own.",
    readers: ['self', 'users:read-contact'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: true,
  })
  verifiedAt!: Date
}
