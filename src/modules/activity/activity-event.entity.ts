import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { ActivityKind, ActivityRetention } from '../../core/activity-definition'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import { ActivityLink } from './activity-link.entity'

const ACTIVITY = {
  category: 'activity',
  readers: ['self', 'privacy:manage'],
  retention: 'as long as its definition says: 30 days, 13 months or 36 months',
  onErase: 'clear',
  exported: true,
} as const satisfies Partial<PersonalData>

/** Something that somebody has done, known or not. It stands in the partition of its month. */
@Entity({ name: 'activity_events' })
export class ActivityEvent {
  /** Made of the moment and of the id that the client gave it; see `activityId`. */
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** As the client says. */
  @PrimaryColumn({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  @Personal({ ...ACTIVITY, purpose: 'Understanding when the application is used.' })
  occurredAt!: Date

  @Column({ type: 'timestamptz', name: 'received_at', precision: 3 })
  @NotPersonal()
  receivedAt!: Date

  /** Null for somebody who was not signed in. */
  @Column('uuid', { name: 'person_id', nullable: true })
  @NotPersonal()
  @DataSubject()
  personId!: Id | null

  /** What the client calls whoever uses it as long as nobody is signed in; null where somebody is. */
  @Column('uuid', { name: 'anonymous_id', nullable: true })
  @Personal({
    ...ACTIVITY,
    readers: ['self'],
    purpose: 'Telling visitors apart, and knowing who they are once they sign in.',
  })
  @DataSubject(() => ActivityLink)
  anonymousId!: Id | null

  /** In which it was told; null for somebody who was not signed in. */
  @Column('uuid', { name: 'session_id', nullable: true })
  @NotPersonal()
  sessionId!: Id | null

  @Column('text')
  @Personal({ ...ACTIVITY, purpose: 'Understanding how the application is used.' })
  kind!: ActivityKind

  /** The key of its definition. */
  @Column('text')
  @Personal({ ...ACTIVITY, purpose: 'Understanding how the application is used.' })
  name!: string

  @Column('integer', { name: 'definition_version' })
  @NotPersonal()
  definitionVersion!: number

  /** For how long it is kept. */
  @Column('text')
  @NotPersonal()
  retention!: ActivityRetention

  /** As its definition allows. */
  @Column('jsonb')
  @Personal({ ...ACTIVITY, purpose: 'Understanding how the application is used.' })
  properties!: Record<string, unknown>

  /** Of a page, without query and fragment; of a screen, its name. */
  @Column('text', { nullable: true })
  @Personal({ ...ACTIVITY, purpose: 'Knowing which pages and screens are used.' })
  path!: string | null

  /** desktop, mobile, tablet, tv or bot. */
  @Column('text', { name: 'device_class', nullable: true })
  @Personal({ ...ACTIVITY, purpose: 'Knowing on what the application is used.' })
  deviceClass!: string | null

  /** Its family, without a version. */
  @Column('text', { nullable: true })
  @Personal({ ...ACTIVITY, purpose: 'Knowing on what the application is used.' })
  browser!: string | null

  /** Its family, without a version. */
  @Column('text', { nullable: true })
  @Personal({ ...ACTIVITY, purpose: 'Knowing on what the application is used.' })
  os!: string | null

  /** As `coarseNetwork` writes it. */
  @Column('text', { nullable: true })
  @Personal({ ...ACTIVITY, category: 'location', purpose: 'Telling programs from people.' })
  network!: string | null
}
