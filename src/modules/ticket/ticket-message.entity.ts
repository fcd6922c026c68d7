import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'

const SAID = {
  category: 'content',
  readers: ['self', 'tickets:answer'],
  retention: 'while the row exists',
  exported: true,
} as const satisfies Partial<PersonalData>

/** What the person and staff say to each other in a ticket. */
@Entity({ name: 'ticket_messages' })
export class TicketMessage {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'ticket_id' })
  @NotPersonal()
  ticketId!: Id

  /** For whom the ticket is, and under whose data key the text is, whoever has written it. */
  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('uuid', { name: 'author_id' })
  @Personal({ ...SAID, purpose: 'Knowing who has said it.', onErase: 'pseudonymise', isMention: true })
  authorId!: Id

  @Column('boolean', { name: 'is_from_staff' })
  @NotPersonal()
  isFromStaff!: boolean

  @Column('bytea', { name: 'written_text' })
  @Personal({ ...SAID, purpose: 'Helping the person.', onErase: 'shred', encrypted: true })
  writtenText!: Buffer

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date
}
