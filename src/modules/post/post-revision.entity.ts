import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const FORMER = {
  category: 'content',
  purpose: 'What a post said before it was changed.',
  readers: ['self', 'posts:moderate'],
  retention: '30 days after it is deleted',
  onErase: 'clear',
  exported: true,
} as const

/** What a post said before one of its changes. It goes with the post. */
@Entity({ name: 'post_revisions' })
export class PostRevision {
  @PrimaryColumn('uuid', { name: 'post_id' })
  @NotPersonal()
  postId!: Id

  /** Counts the changes of a post, from 1. */
  @PrimaryColumn('integer')
  @NotPersonal()
  number!: number

  /** The author of the post, whoever has changed it. */
  @Column('uuid', { name: 'author_id' })
  @Personal({ ...FORMER, purpose: 'Whose post it is.', readers: ['self'], retention: 'while the row exists' })
  @DataSubject()
  authorId!: Id

  /** Who has put something else in its place. */
  @Column('uuid', { name: 'editor_id', nullable: true })
  @Personal({
    ...FORMER,
    purpose: 'Knowing who has changed a post.',
    onErase: 'pseudonymise',
    isMention: true,
  })
  editorId!: Id | null

  @Column({ type: 'timestamptz', name: 'replaced_at', precision: 3 })
  @NotPersonal()
  replacedAt!: Date

  @Column('text')
  @Personal(FORMER)
  title!: string

  @Column('text')
  @Personal(FORMER)
  body!: string

  @Column('text', { array: true })
  @Personal(FORMER)
  tags!: string[]
}
