import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const PRIMARY = {
  category: 'activity',
  purpose: 'Giving an address back that somebody else has taken from the account.',
  readers: ['nobody'],
  onErase: 'clear',
  exported: false,
} as const

/** An e-mail address of a person. Stored encrypted; `addressIndex` finds it by equality. */
@Entity({ name: 'emails' })
export class Email {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
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

  /** Since when it is the primary one, or was it; null for one that never was. A break of a week at most is none. */
  @Column({ type: 'timestamptz', name: 'primary_since', precision: 3, nullable: true })
  @Personal({ ...PRIMARY, retention: 'while the account exists' })
  primarySince!: Date | null

  /** Until when it was the primary one, which it can be made again for a week; null for one that is, or never was. */
  @Column({ type: 'timestamptz', name: 'primary_until', precision: 3, nullable: true })
  @Personal({ ...PRIMARY, retention: 'while the account exists' })
  primaryUntil!: Date | null

  /** When another one took its place, or it was removed. Nobody else has it for a week, in which it can be given back. */
  @Column({ type: 'timestamptz', name: 'replaced_at', precision: 3, nullable: true })
  @Personal({ ...PRIMARY, retention: '7 days after it is replaced' })
  replacedAt!: Date | null

  /** When it turned out that mails to it come back; null where none have since it was verified. */
  @Column({ type: 'timestamptz', name: 'bounced_at', precision: 3, nullable: true })
  @Personal({
    category: 'activity',
    purpose: 'Telling the person that no mails reach them there.',
    readers: ['self', 'users:read-contact'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: true,
  })
  bouncedAt!: Date | null

  /** When a mail to it was called spam; null where none was since it was verified. */
  @Column({ type: 'timestamptz', name: 'complained_at', precision: 3, nullable: true })
  @Personal({
    category: 'activity',
    purpose: 'Telling the person that only what has to be is sent there.',
    readers: ['self', 'users:read-contact'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: true,
  })
  complainedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date
}
