import { Column, Entity, PrimaryColumn } from 'typeorm'
import { Audience } from '../../core/audience'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import { UserStatus } from './user-status'

const PROFILE = { retention: 'while the account exists', onErase: 'clear', exported: true } as const

/** To whom the person shows something. */
const SHOWING = { ...PROFILE, category: 'preference', readers: ['self', 'users:read'] } as const

/** The person is told by mail. */
const SUSPENSION = { ...PROFILE, category: 'activity', readers: ['users:read'] } as const

@Entity({ name: 'users' })
export class User {
  @PrimaryColumn('uuid')
  @NotPersonal()
  @DataSubject()
  id!: Id

  @Column('text')
  @Personal({
    ...PROFILE,
    category: 'identity',
    purpose: 'The public name others find the person by.',
    readers: ['everyone'],
    onErase: 'pseudonymise',
  })
  username!: string

  @Column('text', { name: 'display_name' })
  @Personal({
    ...PROFILE,
    category: 'identity',
    purpose: 'How the person wants to be called.',
    readers: ['everyone'],
    onErase: 'pseudonymise',
  })
  displayName!: string

  @Column('text', { nullable: true })
  @Personal({
    ...PROFILE,
    category: 'identity',
    purpose: 'What the person tells about themselves.',
    readers: ['everyone'],
  })
  bio!: string | null

  @Column('text', { name: 'bio_audience', default: Audience.PUBLIC })
  @Personal({
    ...SHOWING,
    purpose: 'Showing what the person tells about themselves to nobody to whom they do not.',
  })
  bioAudience!: Audience

  @Column('text', { name: 'avatar_audience', default: Audience.PUBLIC })
  @Personal({ ...SHOWING, purpose: 'Showing the picture of the person to nobody to whom they do not.' })
  avatarAudience!: Audience

  @Column('text', { name: 'last_seen_audience', default: Audience.ONLY_ME })
  @Personal({ ...SHOWING, purpose: 'Showing when the person was here to nobody to whom they do not.' })
  lastSeenAudience!: Audience

  @Column('text', { default: 'en' })
  @Personal({
    ...PROFILE,
    category: 'preference',
    purpose: "Speaking the person's language.",
    readers: ['self', 'users:read'],
  })
  locale!: string

  @Column('text', { name: 'time_zone', default: 'UTC' })
  @Personal({
    ...PROFILE,
    category: 'location',
    purpose: "Showing times in the person's day.",
    readers: ['self', 'users:read'],
  })
  timeZone!: string

  /** As it was last set; whether the account may be used at a moment is what `isActive` says. */
  @Column('text')
  @Personal({
    ...PROFILE,
    category: 'activity',
    purpose: 'Whether the account may be used.',
    readers: ['self', 'users:read'],
    onErase: 'keep',
    basis: 'That the account is erased, and cannot be used.',
  })
  status!: UserStatus

  @Column({ type: 'timestamptz', name: 'suspended_at', precision: 3, nullable: true })
  @Personal({ ...SUSPENSION, purpose: 'Since when the account may not be used.' })
  suspendedAt!: Date | null

  /** Null for a suspension that somebody has to end. */
  @Column({ type: 'timestamptz', name: 'suspended_until', precision: 3, nullable: true })
  @Personal({ ...SUSPENSION, purpose: 'Until when the account may not be used.' })
  suspendedUntil!: Date | null

  @Column('uuid', { name: 'suspended_by_id', nullable: true })
  @Personal({ ...SUSPENSION, purpose: 'Who can answer for it.', exported: false, isMention: true })
  suspendedById!: Id | null

  @Column('bytea', { name: 'suspension_reason', nullable: true })
  @Personal({
    ...SUSPENSION,
    purpose: 'Telling the person, and whoever decides about it next, why.',
    onErase: 'shred',
    encrypted: true,
  })
  suspensionReason!: Buffer | null

  /** When the person was last sent a link to take up an account that staff have made. */
  @Column({ type: 'timestamptz', name: 'invited_at', precision: 3, nullable: true })
  @Personal({
    ...PROFILE,
    category: 'activity',
    purpose: 'Knowing which accounts wait to be taken up.',
    readers: ['users:read'],
  })
  invitedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'last_seen_at', precision: 3, nullable: true })
  @Personal({
    ...PROFILE,
    category: 'activity',
    purpose: 'Finding dormant accounts, and telling others where the person shows it.',
    readers: ['everyone'],
  })
  lastSeenAt!: Date | null

  @Column({ type: 'timestamptz', name: 'last_sign_in_at', precision: 3, nullable: true })
  @Personal({
    ...PROFILE,
    category: 'activity',
    purpose: 'Letting the person notice a sign-in that was not theirs.',
    readers: ['self', 'users:read'],
  })
  lastSignInAt!: Date | null

  /** Until when nothing can be changed about how the account is signed in to; null where nothing is frozen. */
  @Column({ type: 'timestamptz', name: 'credentials_frozen_until', precision: 3, nullable: true })
  @Personal({
    ...PROFILE,
    category: 'activity',
    purpose: 'Keeping whoever has got into an account from making it theirs.',
    readers: ['self', 'security:read'],
  })
  credentialsFrozenUntil!: Date | null

  /**
   * Since when the person's data is kept and no more (GDPR art. 18); null where it is not. Whom they are shown to then, `isShown`
   * says.
   */
  @Column({ type: 'timestamptz', name: 'restricted_at', precision: 3, nullable: true })
  @Personal({
    ...PROFILE,
    category: 'activity',
    purpose: 'Doing nothing with data that the person wants kept and not used.',
    readers: ['self', 'privacy:manage'],
  })
  restrictedAt!: Date | null

  /** Since when the person does not use their account; null where they do. Signing in ends it. */
  @Column({ type: 'timestamptz', name: 'deactivated_at', precision: 3, nullable: true })
  @Personal({
    ...PROFILE,
    category: 'activity',
    purpose: 'Showing nobody an account that its owner does not use for a while.',
    readers: ['self', 'users:read'],
  })
  deactivatedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({
    ...PROFILE,
    category: 'activity',
    purpose: 'How long the person has been here.',
    readers: ['everyone'],
    onErase: 'keep',
    basis: 'Figures over time; without a name it says nothing about anybody.',
  })
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  @NotPersonal()
  updatedAt!: Date

  @Column('integer')
  @NotPersonal()
  version!: number
}
