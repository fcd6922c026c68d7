import { In } from 'typeorm'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { Thread } from './thread.entity'

/** Every question about threads. */
export class ThreadRepository {
  constructor(private readonly db: Database) {}

  /**
   * The threads of these posts; none of a post to which nothing has been said.
   * @visibility whoever asks has the post, and a thread says no more than a number and a moment
   */
  async lookup(postIds: readonly Id[]): Promise<Thread[]> {
    return this.db.repo(Thread).findBy({ postId: In([...postIds]) })
  }

  /**
   * The thread of a post, made where there is none, and locked until the transaction ends: what is said to a post has an order.
   * @visibility the use case has asked for the post
   */
  async lock(postId: Id): Promise<Thread> {
    await this.db.query(
      'INSERT INTO threads (post_id, comment_count) VALUES ($1, 0) ON CONFLICT (post_id) DO NOTHING',
      [postId],
    )
    return this.db.repo(Thread).findOneOrFail({ where: { postId }, lock: { mode: 'pessimistic_write' } })
  }

  async save({ postId, ...columns }: Thread): Promise<void> {
    await this.db.repo(Thread).update({ postId }, columns)
  }
}
