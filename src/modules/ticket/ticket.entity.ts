import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import type { TicketCategory, TicketPriority, TicketStatus } from './ticket-status'

const TICKET = {
  category: 'activity',
  readers: ['self', 'tickets:answer'],
  retention: '2 years',
  onErase: 'clear',
  exported: true,
} as const satisfies Partial<PersonalData>

/** What staff alone see. Whoever asks for their data is answered about it by people, as about notes. */
const HANDLING = {
  ...TICKET,
  readers: ['tickets:answer'],
  exported: false,
} as const satisfies Partial<PersonalData>

/** What somebody wants of the staff, or staff of somebody. What was said of it are its messages and notes. */
@Entity({ name: 'tickets' })
export class Ticket {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** By what people call it: counted from 1 in each installation, with gaps. */
  @Column('integer')
  @NotPersonal()
  number!: number

  /** Whom it is for, and whose data key all that is said in it is under. */
  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  /** Who of the staff has opened it; null where the person has. */
  @Column('uuid', { name: 'opened_by_id', nullable: true })
  @Personal({
    ...TICKET,
    purpose: 'Knowing who began to talk.',
    onErase: 'pseudonymise',
    isMention: true,
  })
  openedById!: Id | null

  @Column('bytea', { name: 'subject_line' })
  @Personal({
    ...TICKET,
    category: 'content',
    purpose: 'What it is about, in the words of whoever has opened it.',
    onErase: 'shred',
    encrypted: true,
  })
  subjectLine!: Buffer

  @Column('text')
  @Personal({ ...TICKET, purpose: 'Having it dealt with by those who know about it.' })
  category!: TicketCategory

  @Column('text')
  @Personal({ ...TICKET, purpose: 'Knowing what is still to be done.' })
  status!: TicketStatus

  @Column('integer')
  @Personal({ ...HANDLING, purpose: 'Dealing first with what matters most.' })
  priority!: TicketPriority

  @Column('uuid', { name: 'assignee_id', nullable: true })
  @Personal({
    ...HANDLING,
    purpose: 'Knowing who deals with it.',
    onErase: 'pseudonymise',
    isMention: true,
  })
  assigneeId!: Id | null

  @Column('text', { array: true })
  @Personal({ ...HANDLING, category: 'content', purpose: 'Finding tickets of one kind.' })
  tags!: string[]

  /** The ticket that was over when the person wrote on. */
  @Column('uuid', { name: 'follow_up_of_id', nullable: true })
  @NotPersonal()
  followUpOfId!: Id | null

  /** The ticket of the same person in which it goes on. */
  @Column('uuid', { name: 'merged_into_id', nullable: true })
  @NotPersonal()
  mergedIntoId!: Id | null

  @Column({ type: 'timestamptz', name: 'opened_at', precision: 3 })
  @Personal({ ...TICKET, purpose: 'Knowing how long the person waits.' })
  openedAt!: Date

  @Column({ type: 'timestamptz', name: 'last_message_at', precision: 3 })
  @Personal({ ...TICKET, purpose: 'Showing first where something was said last.' })
  lastMessageAt!: Date

  @Column({ type: 'timestamptz', name: 'first_responded_at', precision: 3, nullable: true })
  @Personal({ ...HANDLING, purpose: 'Knowing how soon people are answered.' })
  firstRespondedAt!: Date | null

  @Column('integer', { name: 'first_response_seconds', nullable: true })
  @Personal({ ...HANDLING, purpose: 'Knowing how soon people are answered.' })
  firstResponseSeconds!: number | null

  @Column({ type: 'timestamptz', name: 'solved_at', precision: 3, nullable: true })
  @Personal({ ...TICKET, purpose: 'Knowing until when it can be taken up again.' })
  solvedAt!: Date | null

  @Column('integer', { name: 'resolution_seconds', nullable: true })
  @Personal({ ...HANDLING, purpose: 'Knowing how soon people are helped.' })
  resolutionSeconds!: number | null

  @Column({ type: 'timestamptz', name: 'closed_at', precision: 3, nullable: true })
  @Personal({ ...TICKET, purpose: 'Knowing when it can be forgotten.' })
  closedAt!: Date | null

  /** Since when the person waits for staff, beyond `waitedSeconds`; null while they do not. See `ticket-clock.ts`. */
  @Column({ type: 'timestamptz', name: 'clock_since', precision: 3, nullable: true })
  @NotPersonal()
  clockSince!: Date | null

  @Column('integer', { name: 'waited_seconds' })
  @NotPersonal()
  waitedSeconds!: number

  /** When the next target is missed; far away while nobody waits for staff. */
  @Column({ type: 'timestamptz', name: 'due_at', precision: 3 })
  @Personal({ ...HANDLING, purpose: 'Answering in time.' })
  dueAt!: Date

  /** Counts what is changed or said, but notes. Staff alone see it: it would tell the person that something was done. */
  @Column('integer')
  @NotPersonal()
  version!: number
}
