import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/**
 * Something that staff note about a person, who does not see it. Whoever asks for their data is answered about notes by people,
 * because they may speak of others (GDPR art. 15 (4)); so the export leaves them out.
 */
@Entity({ name: 'staff_notes' })
export class StaffNote {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  /** Whom it is about, and whose data key its text is under. */
  @Column('uuid', { name: 'subject_id' })
  @NotPersonal()
  @DataSubject()
  subjectId!: Id

  @Column('uuid', { name: 'author_id', nullable: true })
  @Personal({
    category: 'content',
    purpose: 'Knowing whom to ask about it.',
    readers: ['notes:read'],
    retention: 'until it is deleted',
    onErase: 'pseudonymise',
    exported: false,
    isMention: true,
  })
  authorId!: Id | null

  @Column('bytea')
  @Personal({
    category: 'content',
    purpose: 'What staff have to know to look after the person.',
    readers: ['notes:read'],
    retention: 'until it is deleted',
    onErase: 'shred',
    exported: false,
    encrypted: true,
  })
  body!: Buffer

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  @NotPersonal()
  updatedAt!: Date

  @Column('integer')
  @NotPersonal()
  version!: number
}
