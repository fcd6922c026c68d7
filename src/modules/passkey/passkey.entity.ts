import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const PASSKEY = { retention: 'while the account exists', onErase: 'clear', exported: true } as const
const READERS = ['self', 'security:read'] as const

/** A passkey or security key of a person: a WebAuthn credential. */
@Entity({ name: 'passkeys' })
export class Passkey {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  /** By which the authenticator knows it, base64url. */
  @Column('text', { name: 'credential_id' })
  @Personal({
    ...PASSKEY,
    category: 'credential',
    purpose: 'Finding the passkey with which somebody signs in.',
    readers: ['nobody'],
    exported: false,
  })
  credentialId!: string

  /** The public key, as COSE has it (RFC 9052). */
  @Column('bytea', { name: 'public_key' })
  @Personal({
    ...PASSKEY,
    category: 'credential',
    purpose: 'Verifying what the passkey signs.',
    readers: ['nobody'],
    exported: false,
  })
  publicKey!: Buffer

  /** How often the authenticator says that it was used; a lower number than before betrays a copy. */
  @Column('bigint', { transformer: { from: Number, to: (count: number) => count } })
  @NotPersonal()
  counter!: number

  /** How browsers reach the authenticator: `internal`, `usb`, `hybrid` … */
  @Column('text', { array: true })
  @NotPersonal()
  transports!: string[]

  /** Whether it is synchronised between the person's devices. */
  @Column('boolean', { name: 'is_synced' })
  @NotPersonal()
  isSynced!: boolean

  @Column('text')
  @Personal({
    ...PASSKEY,
    category: 'identity',
    purpose: 'Telling the person their passkeys apart.',
    readers: READERS,
  })
  name!: string

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({
    ...PASSKEY,
    category: 'activity',
    purpose: 'Telling the person their passkeys apart.',
    readers: READERS,
  })
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'last_used_at', precision: 3, nullable: true })
  @Personal({
    ...PASSKEY,
    category: 'activity',
    purpose: 'Telling the person their passkeys apart.',
    readers: READERS,
  })
  lastUsedAt!: Date | null
}
