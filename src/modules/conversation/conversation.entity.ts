import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const STARTED = {
  category: 'content',
  readers: ['self'],
  retention: 'while the row exists',
  exported: true,
} as const

/** A conversation of two people, of which there is one for each pair, or of a group. Who is in it, the participants say. */
@Entity({ name: 'conversations' })
export class Conversation {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'creator_id' })
  @Personal({ ...STARTED, purpose: 'Who has started it.', onErase: 'pseudonymise', isMention: true })
  creatorId!: Id

  /** Who has given it its title, and under whose key that is; who has started it, where nobody has given it another. */
  @Column('uuid', { name: 'named_by_id' })
  @Personal({ ...STARTED, purpose: 'Whose words the title is.', onErase: 'pseudonymise' })
  @DataSubject()
  namedById!: Id

  /** Of a conversation of two, both, the lesser id first; null for a group. */
  @Column('uuid', { name: 'lower_id', nullable: true })
  @NotPersonal()
  lowerId!: Id | null

  @Column('uuid', { name: 'higher_id', nullable: true })
  @NotPersonal()
  higherId!: Id | null

  @Column('boolean', { name: 'is_group' })
  @NotPersonal()
  isGroup!: boolean

  @Column('bytea', { nullable: true })
  @Personal({
    ...STARTED,
    purpose: 'By what name its participants know it.',
    onErase: 'shred',
    encrypted: true,
  })
  title!: Buffer | null

  /** Of a group, what its creator's client knows it by, so that it is not started twice. */
  @Column('text', { name: 'client_id', nullable: true })
  @NotPersonal()
  clientId!: string | null

  /** How many messages have been sent, and so the number of the last. */
  @Column('integer', { name: 'last_number' })
  @NotPersonal()
  lastNumber!: number

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date
}
