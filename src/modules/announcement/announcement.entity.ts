import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const ANNOUNCEMENT = {
  category: 'activity',
  readers: ['self'],
  retention: '90 days after it ends',
  exported: true,
} as const

/** What an announcement says in one language. */
export interface AnnouncementWords {
  subject: string
  text: string
}

/** Something that many people are told, some of them at a time. */
@Entity({ name: 'announcements' })
export class Announcement {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** On whose behalf it is sent, to those whom they may see by then; null once they are gone. */
  @Column('uuid', { name: 'created_by_id', nullable: true })
  @Personal({
    ...ANNOUNCEMENT,
    purpose: 'Reaching no more people than its author sees.',
    onErase: 'pseudonymise',
  })
  @DataSubject()
  createdById!: Id | null

  /** The session in which it was made. */
  @Column('uuid', { name: 'session_id' })
  @NotPersonal()
  sessionId!: Id

  /** The request that made it, which is that of every event that it records. */
  @Column('text', { name: 'request_id', nullable: true })
  @NotPersonal()
  requestId!: string | null

  /** What it says, by BCP 47 tag; the first language is for those whose own is missing, so their order is kept. */
  @Column('json')
  @NotPersonal()
  texts!: Record<string, AnnouncementWords>

  /** Whom it is for: `Whom` as JSON. */
  @Column('bytea')
  @Personal({
    ...ANNOUNCEMENT,
    purpose: 'Telling those whom it is for.',
    onErase: 'shred',
    encrypted: true,
    // It has words about others.
    readers: ['nobody'],
    exported: false,
  })
  whom!: Buffer

  @Column('boolean', { name: 'is_for_everybody' })
  @NotPersonal()
  isForEverybody!: boolean

  /** Only those are told who agree to this purpose of the configuration when their turn comes; null for all. */
  @Column('text', { name: 'purpose_id', nullable: true })
  @NotPersonal()
  purposeId!: string | null

  /** How many people have their turn within a minute, at most. */
  @Column('integer', { name: 'per_minute' })
  @NotPersonal()
  perMinute!: number

  @Column({ type: 'timestamptz', name: 'send_at', precision: 3 })
  @NotPersonal()
  sendAt!: Date

  /** From when on the next people have their turn. */
  @Column({ type: 'timestamptz', name: 'next_at', precision: 3 })
  @NotPersonal()
  nextAt!: Date

  /** The last of the people who have had their turn, which is in the order of their ids. */
  @Column('uuid', { name: 'served_up_to', nullable: true })
  @NotPersonal()
  servedUpTo!: Id | null

  /** Of how many people it was looked how they want to be told. */
  @Column('integer', { name: 'served_count' })
  @NotPersonal()
  servedCount!: number

  /** How many of them were told. */
  @Column('integer', { name: 'told_count' })
  @NotPersonal()
  toldCount!: number

  /** To how many of these a mail goes as well, or alone, unless they read it before. */
  @Column('integer', { name: 'mailed_count' })
  @NotPersonal()
  mailedCount!: number

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3, nullable: true })
  @NotPersonal()
  startedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'ended_at', precision: 3, nullable: true })
  @NotPersonal()
  endedAt!: Date | null

  @Column('boolean', { name: 'is_cancelled' })
  @NotPersonal()
  isCancelled!: boolean

  /** How many tries have failed since the last one that has not. */
  @Column('integer', { name: 'failure_count' })
  @NotPersonal()
  failureCount!: number

  /** Why it was given up: a code, and no words; null where it was not. */
  @Column('text', { nullable: true })
  @NotPersonal()
  failure!: string | null
}
