import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const WRITTEN = {
  category: 'content',
  readers: ['self'],
  retention: 'until it is deleted',
  exported: true,
} as const

/**
 * A private message, under the key of whoever has sent it: with them it is lost everywhere. Of one that is deleted, or whose
 * sender was erased, the row stays without its text, so that numbers have no gaps.
 */
@Entity({ name: 'messages' })
export class Message {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'conversation_id' })
  @NotPersonal()
  conversationId!: Id

  /** Counts the messages of a conversation from 1, in the order in which they were committed. */
  @Column('integer')
  @NotPersonal()
  number!: number

  @Column('uuid', { name: 'sender_id' })
  @Personal({
    ...WRITTEN,
    purpose: 'Who has written it.',
    retention: 'while the row exists',
    onErase: 'pseudonymise',
  })
  @DataSubject()
  senderId!: Id

  @Column('bytea', { nullable: true })
  @Personal({
    ...WRITTEN,
    purpose: 'What the person has written to others in private.',
    onErase: 'shred',
    encrypted: true,
  })
  body!: Buffer | null

  @Column('uuid', { name: 'reply_to_id', nullable: true })
  @NotPersonal()
  replyToId!: Id | null

  /** What the sender's client knows it by, so that it is not sent twice. */
  @Column('text', { name: 'client_id', nullable: true })
  @Personal({
    ...WRITTEN,
    purpose: 'Not sending a message twice.',
    retention: 'while the row exists',
    onErase: 'clear',
  })
  clientId!: string | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'edited_at', precision: 3, nullable: true })
  @NotPersonal()
  editedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'deleted_at', precision: 3, nullable: true })
  @NotPersonal()
  deletedAt!: Date | null

  /** When moderation took its text from all but its sender. */
  @Column({ type: 'timestamptz', name: 'removed_at', precision: 3, nullable: true })
  @NotPersonal()
  removedAt!: Date | null

  @Column('integer')
  @NotPersonal()
  version!: number
}
