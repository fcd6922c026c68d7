import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const CONTENT = {
  category: 'content',
  purpose: 'What the person has said to a post.',
  readers: ['everyone'],
  retention: 'until it is deleted',
  onErase: 'clear',
  exported: true,
} as const

/** Something said to a post, or to another comment. One that is deleted, or whose author was erased, stays without its text. */
@Entity({ name: 'comments' })
export class Comment {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'post_id' })
  @NotPersonal()
  postId!: Id

  /** The comment that it answers; null for one to the post itself. */
  @Column('uuid', { name: 'parent_id', nullable: true })
  @NotPersonal()
  parentId!: Id | null

  /** How many comments stand above it. */
  @Column('integer')
  @NotPersonal()
  depth!: number

  @Column('uuid', { name: 'author_id' })
  @Personal({
    ...CONTENT,
    purpose: 'Who has said it.',
    retention: 'while the row exists',
    onErase: 'pseudonymise',
  })
  @DataSubject()
  authorId!: Id

  @Column('text')
  @Personal(CONTENT)
  body!: string

  /** What is shown of it, as the renderer of that version has made it. */
  @Column('text', { name: 'body_html' })
  @Personal(CONTENT)
  bodyHtml!: string

  @Column('integer', { name: 'markup_version' })
  @NotPersonal()
  markupVersion!: number

  /** How many comments answer it directly, deleted ones included. */
  @Column('integer', { name: 'reply_count' })
  @NotPersonal()
  replyCount!: number

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'edited_at', precision: 3, nullable: true })
  @NotPersonal()
  editedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'deleted_at', precision: 3, nullable: true })
  @NotPersonal()
  deletedAt!: Date | null

  /** When moderation took its text from its readers; it is kept, to be given back. */
  @Column({ type: 'timestamptz', name: 'removed_at', precision: 3, nullable: true })
  @NotPersonal()
  removedAt!: Date | null

  /** Since when it waits for a moderator, because of a filter, or for its author, because it is hidden. */
  @Column({ type: 'timestamptz', name: 'held_at', precision: 3, nullable: true })
  @NotPersonal()
  heldAt!: Date | null

  /** Whether moderation hides it until its author has changed it, after which it waits for a moderator. */
  @Column('boolean', { name: 'is_hidden', default: false })
  @NotPersonal()
  isHidden!: boolean

  /** Whether it has waited from the beginning, so that others know of no place that it has. */
  @Column('boolean', { name: 'is_unseen', default: false })
  @NotPersonal()
  isUnseen!: boolean

  @Column('integer')
  @NotPersonal()
  version!: number
}
