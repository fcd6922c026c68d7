import { Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/** Somebody whom a comment names with `@username`. PostgreSQL forgets it with the words. */
@Entity({ name: 'mentions' })
export class Mention {
  @PrimaryColumn('uuid', { name: 'comment_id' })
  @NotPersonal()
  commentId!: Id

  @PrimaryColumn('uuid', { name: 'user_id' })
  @Personal({
    category: 'activity',
    purpose: 'Telling people where they are mentioned.',
    readers: ['everyone'],
    retention: 'while the row exists',
    onErase: 'clear',
    exported: true,
  })
  @DataSubject()
  userId!: Id
}
