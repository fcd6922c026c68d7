import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/** What a comment or message said before its author, whose data is held, changed or deleted it. They are not told. */
@Entity({ name: 'kept_texts' })
export class KeptText {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** Whose it is, and whose data key it is under. */
  @Column('uuid', { name: 'author_id' })
  @NotPersonal()
  @DataSubject()
  authorId!: Id

  @Column('text', { name: 'written_kind' })
  @NotPersonal()
  writtenKind!: 'comment' | 'message'

  /** The comment or message. */
  @Column('uuid', { name: 'written_id' })
  @NotPersonal()
  writtenId!: Id

  @Column('bytea', { name: 'former_text' })
  @Personal({
    category: 'content',
    purpose: 'Keeping what the law asks for, until it does no more.',
    readers: ['nobody'],
    retention: '30 days',
    onErase: 'shred',
    exported: false,
    encrypted: true,
  })
  formerText!: Buffer

  @Column({ type: 'timestamptz', name: 'kept_at', precision: 3 })
  @NotPersonal()
  keptAt!: Date
}
