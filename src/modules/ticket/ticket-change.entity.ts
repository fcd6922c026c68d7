import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'
import type { TicketField } from './ticket-status'

const CHANGE = {
  category: 'activity',
  readers: ['tickets:answer'],
  retention: 'while the row exists',
  onErase: 'clear',
  exported: false,
} as const satisfies Partial<PersonalData>

/** What was changed about a ticket. The trail has that it was, and no values. */
@Entity({ name: 'ticket_changes' })
export class TicketChange {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'ticket_id' })
  @NotPersonal()
  ticketId!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  /** Null where time alone has done it. */
  @Column('uuid', { name: 'changed_by_id', nullable: true })
  @Personal({ ...CHANGE, purpose: 'Knowing whom to ask about it.', onErase: 'pseudonymise', isMention: true })
  changedById!: Id | null

  @Column({ type: 'timestamptz', name: 'changed_at', precision: 3 })
  @Personal({ ...CHANGE, purpose: 'Knowing how a ticket came to where it is.' })
  changedAt!: Date

  @Column('text')
  @Personal({ ...CHANGE, purpose: 'Knowing how a ticket came to where it is.' })
  field!: TicketField

  /** As the API spells it: the name of an enum's value, a global id, tags with commas between them. */
  @Column('text', { nullable: true })
  @Personal({ ...CHANGE, purpose: 'Knowing how a ticket came to where it is.' })
  before!: string | null

  @Column('text', { nullable: true })
  @Personal({ ...CHANGE, purpose: 'Knowing how a ticket came to where it is.' })
  after!: string | null
}
