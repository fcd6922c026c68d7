import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import { BlockKind } from './block-kind'

const BLOCK = {
  category: 'preference',
  purpose: 'Keeping away whom the person does not want to hear from.',
  readers: ['self'],
  retention: 'until it is deleted',
  onErase: 'clear',
  exported: true,
} as const

/** That a person has blocked or muted somebody, who is not told: the row is the person's alone. */
@Entity({ name: 'blocks' })
export class Block {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** Who blocks or mutes. */
  @Column('uuid', { name: 'person_id' })
  @NotPersonal()
  @DataSubject()
  personId!: Id

  /** Who is blocked or muted. */
  @Column('uuid', { name: 'blocked_id' })
  @Personal({ ...BLOCK, isMention: true })
  blockedId!: Id

  @Column('text')
  @Personal(BLOCK)
  kind!: BlockKind

  /** When it ends by itself; null for what lasts until it is taken back, as every block does. */
  @Column({ type: 'timestamptz', name: 'ends_at', precision: 3, nullable: true })
  @Personal(BLOCK)
  endsAt!: Date | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal(BLOCK)
  createdAt!: Date
}
