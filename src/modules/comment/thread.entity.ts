import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal } from '../../core/personal-data'

/** What is said to a post, as a whole. It comes into being with the first comment, or when it is closed before. */
@Entity({ name: 'threads' })
export class Thread {
  @PrimaryColumn('uuid', { name: 'post_id' })
  @NotPersonal()
  postId!: Id

  /** How many comments there are, answers included and deleted ones not. */
  @Column('integer', { name: 'comment_count' })
  @NotPersonal()
  commentCount!: number

  @Column({ type: 'timestamptz', name: 'closed_at', precision: 3, nullable: true })
  @NotPersonal()
  closedAt!: Date | null

  /** Whether a moderator has closed it, and not whoever has written the post. */
  @Column('boolean', { name: 'is_closed_by_moderator', default: false })
  @NotPersonal()
  isClosedByModerator!: boolean
}
