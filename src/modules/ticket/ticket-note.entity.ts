import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'

const NOTED = {
  category: 'content',
  readers: ['tickets:answer'],
  retention: 'while the row exists',
  exported: false,
} as const satisfies Partial<PersonalData>

/**
 * What staff note in a ticket for each other. A table of its own: no list, export or search of what the person sees can hold one by
 * mistake. Like notes about people, the export leaves them out, because they may speak of others (GDPR art. 15 (4)).
 */
@Entity({ name: 'ticket_notes' })
export class TicketNote {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'ticket_id' })
  @NotPersonal()
  ticketId!: Id

  /** For whom the ticket is, and under whose data key the text is. */
  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('uuid', { name: 'author_id' })
  @Personal({ ...NOTED, purpose: 'Knowing whom to ask about it.', onErase: 'pseudonymise', isMention: true })
  authorId!: Id

  @Column('bytea', { name: 'note_text' })
  @Personal({
    ...NOTED,
    purpose: 'What staff have to know to help the person.',
    onErase: 'shred',
    encrypted: true,
  })
  noteText!: Buffer

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date
}
