import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import { EndReason } from './end-reason'
import type { AuthenticationMethod } from './authentication-method'
import { Transport } from './transport'

const SESSION = {
  retention: '90 days after the session ends or expires',
  onErase: 'clear',
  exported: true,
} as const
const READERS = ['self', 'sessions:read'] as const

@Entity({ name: 'sessions' })
export class Session {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  /** Who of the staff acts as the person in it; null for a session of their own. */
  @Column('uuid', { name: 'impersonator_id', nullable: true })
  @Personal({
    ...SESSION,
    category: 'activity',
    purpose: 'Letting the person know who has acted as them.',
    readers: READERS,
    isMention: true,
  })
  impersonatorId!: Id | null

  @Column('bytea', { name: 'token_hash' })
  @Personal({
    ...SESSION,
    category: 'credential',
    purpose: 'Recognising the session.',
    readers: ['nobody'],
    exported: false,
  })
  tokenHash!: Buffer

  @Column('text')
  @NotPersonal()
  transport!: Transport

  /** How the holder has proven who they are, since the beginning. */
  @Column('text', { array: true })
  @Personal({
    ...SESSION,
    category: 'activity',
    purpose: 'Letting the person notice a session that is not theirs.',
    readers: READERS,
  })
  methods!: AuthenticationMethod[]

  @Column('text', { name: 'device_name' })
  @Personal({
    ...SESSION,
    category: 'activity',
    purpose: 'Telling the person their sessions apart.',
    readers: READERS,
  })
  deviceName!: string

  @Column('bytea', { nullable: true })
  @Personal({
    ...SESSION,
    category: 'location',
    purpose: 'Letting the person notice a session that is not theirs.',
    readers: READERS,
    onErase: 'shred',
    encrypted: true,
  })
  address!: Buffer | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...SESSION, category: 'activity', purpose: 'When the person signed in.', readers: READERS })
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'authenticated_at', precision: 3 })
  @NotPersonal()
  authenticatedAt!: Date

  @Column({ type: 'timestamptz', name: 'last_seen_at', precision: 3 })
  @Personal({
    ...SESSION,
    category: 'activity',
    purpose: 'Ending sessions that are not used.',
    readers: READERS,
  })
  lastSeenAt!: Date

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  @NotPersonal()
  expiresAt!: Date

  @Column({ type: 'timestamptz', name: 'ended_at', precision: 3, nullable: true })
  @NotPersonal()
  endedAt!: Date | null

  @Column('text', { name: 'end_reason', nullable: true })
  @NotPersonal()
  endReason!: EndReason | null
}
