import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal, Personal } from '../../core/personal-data'
import { PostStatus } from './post-status'

const CONTENT = {
  category: 'content',
  purpose: 'What the person has written for others.',
  readers: ['everyone'],
  retention: 'until it is deleted',
  onErase: 'clear',
  exported: true,
} as const

/** Something that a person has written. Of a deleted one an empty row stays, with `deletedAt`, which nothing reads. */
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
    onErase: 'pseudonymise',
  })
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

  @Column('text', { array: true })
  @Personal(CONTENT)
  tags!: string[]

  @Column('text')
  @NotPersonal()
  status!: PostStatus

  @Column({ type: 'timestamptz', name: 'published_at', precision: 3, nullable: true })
  @NotPersonal()
  publishedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  @NotPersonal()
  updatedAt!: Date

  @Column({ type: 'timestamptz', name: 'deleted_at', precision: 3, nullable: true })
  @NotPersonal()
  deletedAt!: Date | null

  @Column('integer')
  @NotPersonal()
  version!: number
}
