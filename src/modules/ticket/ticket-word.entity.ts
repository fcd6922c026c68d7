import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/** A word that was said in a ticket, as a keyed hash; see `ticket-words.ts`. */
@Entity({ name: 'ticket_words' })
export class TicketWord {
  @PrimaryColumn('uuid', { name: 'ticket_id' })
  @NotPersonal()
  ticketId!: Id

  @PrimaryColumn('bytea')
  @Personal({
    category: 'content',
    purpose: 'Finding a ticket by what was said in it.',
    readers: ['nobody'],
    retention: 'while the row exists',
    onErase: 'clear',
    exported: false,
  })
  word!: Buffer

  /** Whether it stands in a note, where the person does not find it. */
  @PrimaryColumn('boolean', { name: 'is_internal' })
  @NotPersonal()
  isInternal!: boolean

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id
}
