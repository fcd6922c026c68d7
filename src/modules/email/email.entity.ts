import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal, Personal } from '../../core/personal-data'

/** An e-mail address of a person. Stored encrypted; `addressIndex` finds it by equality. */
@Entity({ name: 'emails' })
export class Email {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  userId!: Id

  @Column('bytea')
  @Personal({
    category: 'contact',
    purpose: 'Signing in, and reaching the person about their account.',
    readers: ['self', 'users:read-contact'],
    retention: 'while the account exists',
    onErase: 'shred',
    exported: true,
    encrypted: true,
    lookup: true,
  })
  address!: Buffer

  @Column('bytea', { name: 'address_index' })
  @Personal({
    category: 'contact',
    purpose: 'Finding the account of an address without storing it in plain text.',
    readers: ['nobody'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: false,
  })
  addressIndex!: Buffer

  @Column('boolean', { name: 'is_primary' })
  @NotPersonal()
  isPrimary!: boolean

  @Column({ type: 'timestamptz', name: 'verified_at', precision: 3, nullable: true })
  @Personal({
    category: 'activity',
    purpose: "Knowing that the address is the person's own.",
    readers: ['self', 'users:read-contact'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: true,
  })
  verifiedAt!: Date | null

  /** When another one took its place. It can be given back for a week, and nobody else has it until then. */
  @Column({ type: 'timestamptz', name: 'replaced_at', precision: 3, nullable: true })
  @Personal({
    category: 'activity',
    purpose: 'Giving an address back that somebody else has taken from the account.',
    readers: ['nobody'],
    retention: '7 days after it is replaced',
    onErase: 'clear',
    exported: false,
  })
  replacedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date
}
