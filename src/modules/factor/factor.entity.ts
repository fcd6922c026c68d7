import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import { AuthenticationMethod } from '../session/authentication-method'

export const FACTOR_KINDS = [AuthenticationMethod.TOTP, AuthenticationMethod.EMAIL_CODE] as const
export type FactorKind = (typeof FACTOR_KINDS)[number]

const FACTOR = { retention: 'while the account exists', onErase: 'clear', exported: true } as const

/** A second factor that a person has turned on, one of each kind at most. Passkeys have a table of their own. */
@Entity({ name: 'factors' })
export class Factor {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('text')
  @Personal({
    ...FACTOR,
    category: 'activity',
    purpose: 'Knowing what to ask for at sign-in.',
    readers: ['self', 'security:read'],
  })
  kind!: FactorKind

  /** Of the authenticator app, in base32, encrypted. */
  @Column('bytea', { name: 'shared_secret', nullable: true })
  @Personal({
    ...FACTOR,
    category: 'credential',
    purpose: 'Verifying the codes of the authenticator app.',
    readers: ['nobody'],
    onErase: 'shred',
    exported: false,
    encrypted: true,
  })
  sharedSecret!: Buffer | null

  /** The time step of the last code that was accepted, so that none serves twice (RFC 6238 §5.2). */
  @Column('integer', { name: 'last_step', nullable: true })
  @NotPersonal()
  lastStep!: number | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...FACTOR, category: 'activity', purpose: 'Knowing since when it is on.', readers: ['self'] })
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'last_used_at', precision: 3, nullable: true })
  @Personal({ ...FACTOR, category: 'activity', purpose: 'Knowing when it was last used.', readers: ['self'] })
  lastUsedAt!: Date | null
}
