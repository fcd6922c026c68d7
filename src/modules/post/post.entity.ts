import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import { PostStatus, PostVisibility } from './post-status'

const CONTENT = {
  category: 'content',
  purpose: 'What the person has written for others.',
  readers: ['everyone'],
  retention: '30 days after it is deleted',
  onErase: 'clear',
  exported: true,
} as const

/** Something that a person has written. What has `deletedAt` is in the trash. */
@Entity({ name: 'posts' })
export class Post {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'author_id' })
  @Personal({
    ...CONTENT,
    purpose: 'Who has written it.',
    retention: 'while the row exists',
    onErase: 'clear',
  })
  @DataSubject()
  authorId!: Id

  @Column('text')
  @Personal({ ...CONTENT, purpose: 'The address of the post, made from its title.' })
  slug!: string

  @Column('text')
  @Personal(CONTENT)
  title!: string

  @Column('text')
  @Personal(CONTENT)
  body!: string

  @Column('text', { name: 'body_html', default: '' })
  @Personal({ ...CONTENT, purpose: 'The text as it is shown.' })
  bodyHtml!: string

  @Column('text', { default: '' })
  @Personal({ ...CONTENT, purpose: 'The beginning of the text, for lists.' })
  excerpt!: string

  /** The text without markup; none of what was written before there was a search, which has the body in its place for a while. */
  @Column('text', { name: 'plain_text', default: '' })
  @Personal({
    ...CONTENT,
    purpose: 'The words of the text, to find it by and to show where.',
  })
  plainText!: string

  /** PostgreSQL makes it of what the post says; nothing else writes it. */
  @Column({
    type: 'tsvector',
    name: 'search_vector',
    default: '',
    insert: false,
    update: false,
    select: false,
  })
  @Personal({
    ...CONTENT,
    purpose: 'Finding the post by its words.',
    readers: ['nobody'],
    exported: false,
  })
  searchVector?: never

  /** Which version has rendered it. */
  @Column('integer', { name: 'markup_version', default: 0 })
  @NotPersonal()
  markupVersion!: number

  @Column('text', { array: true })
  @Personal(CONTENT)
  tags!: string[]

  /** A BCP 47 tag, by which the post is found in its own language. */
  @Column('text', { default: 'und' })
  @Personal({ ...CONTENT, purpose: 'The language of the text.' })
  language!: string

  @Column('text')
  @NotPersonal()
  status!: PostStatus

  @Column('text', { default: PostVisibility.PUBLIC })
  @NotPersonal()
  visibility!: PostVisibility

  @Column({ type: 'timestamptz', name: 'publish_at', precision: 3, nullable: true })
  @NotPersonal()
  publishAt!: Date | null

  @Column({ type: 'timestamptz', name: 'published_at', precision: 3, nullable: true })
  @NotPersonal()
  publishedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'archived_at', precision: 3, nullable: true })
  @NotPersonal()
  archivedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  @NotPersonal()
  updatedAt!: Date

  @Column({ type: 'timestamptz', name: 'edited_at', precision: 3, nullable: true })
  @NotPersonal()
  editedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'deleted_at', precision: 3, nullable: true })
  @NotPersonal()
  deletedAt!: Date | null

  @Column('integer')
  @NotPersonal()
  version!: number
}
