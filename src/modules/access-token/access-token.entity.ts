import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import type { AccessTokenEndReason } from './end-reason'

const ACCESS_TOKEN = {
  retention: '90 days after the token expires',
  onErase: 'clear',
  exported: true,
} as const
const READERS = ['self', 'security:read'] as const

/** What a person gives a program so that it can act for them. */
@Entity({ name: 'access_tokens' })
export class AccessToken {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('text')
  @Personal({
    ...ACCESS_TOKEN,
    category: 'content',
    purpose: 'Telling the person their access tokens apart.',
    readers: READERS,
  })
  name!: string

  @Column('bytea', { name: 'token_hash' })
  @Personal({
    ...ACCESS_TOKEN,
    category: 'credential',
    purpose: 'Recognising the token.',
    readers: ['nobody'],
    exported: false,
  })
  tokenHash!: Buffer

  /** The permissions that it may make use of, as far as its owner holds them. */
  @Column('text', { array: true })
  @NotPersonal()
  scopes!: string[]

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({
    ...ACCESS_TOKEN,
    category: 'activity',
    purpose: 'Letting the person notice a token that is not theirs.',
    readers: READERS,
  })
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  @NotPersonal()
  expiresAt!: Date

  @Column({ type: 'timestamptz', name: 'last_used_at', precision: 3, nullable: true })
  @Personal({
    ...ACCESS_TOKEN,
    category: 'activity',
    purpose: 'Letting the person notice a token that is not in use, or in use by somebody else.',
    readers: READERS,
  })
  lastUsedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  @NotPersonal()
  revokedAt!: Date | null

  @Column('text', { name: 'end_reason', nullable: true })
  @NotPersonal()
  endReason!: AccessTokenEndReason | null
}
