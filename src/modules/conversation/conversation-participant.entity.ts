import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import { ParticipantStatus } from './participant-status'

const TAKES_PART = {
  category: 'activity',
  readers: ['self'],
  retention: 'while the account exists',
  onErase: 'clear',
  exported: true,
} as const

/**
 * That somebody takes part in a conversation, is asked to, or has left. It changes under a lock on the conversation's row, but
 * for when its messages call.
 */
@Entity({ name: 'conversation_participants' })
export class ConversationParticipant {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'conversation_id' })
  @Personal({ ...TAKES_PART, purpose: 'Which conversations the person takes part in.' })
  conversationId!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('text')
  @Personal({ ...TAKES_PART, purpose: 'Whether the person wants to be written to there.' })
  status!: ParticipantStatus

  @Column({ type: 'timestamptz', name: 'joined_at', precision: 3 })
  @Personal({ ...TAKES_PART, purpose: 'Since when.' })
  joinedAt!: Date

  /** The messages up to this number were written before they came, and are not for them. */
  @Column('integer', { name: 'sees_after' })
  @NotPersonal()
  seesAfter!: number

  @Column('integer', { name: 'last_read_number' })
  @Personal({ ...TAKES_PART, purpose: 'How far the person has read.' })
  lastReadNumber!: number

  /**
   * How many messages after `lastReadNumber` and `seesAfter` are there to read: of others whom the person has not blocked, and not
   * deleted. Kept up for whoever reads the conversation.
   */
  @Column('integer', { name: 'unread_count' })
  @NotPersonal()
  unreadCount!: number

  /** Until when its messages do not call the person; null where they do. */
  @Column({ type: 'timestamptz', name: 'mute_ends_at', precision: 3, nullable: true })
  @Personal({ ...TAKES_PART, category: 'preference', purpose: 'Whether new messages call the person.' })
  muteEndsAt!: Date | null

  /** When something was last written that the person sees: the order of their list. */
  @Column({ type: 'timestamptz', name: 'last_activity_at', precision: 3 })
  @NotPersonal()
  lastActivityAt!: Date
}
