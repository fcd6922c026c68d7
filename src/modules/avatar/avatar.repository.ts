import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { selectRows } from '../../db/page'
import { isHidden, isInAudience } from '../../db/reach'
import { Avatar } from './avatar.entity'

export type AvatarRow = Pick<Avatar, 'userId' | 'fileKey'>

/**
 * Every question about pictures of people. Whoever finds a person finds their picture. Of those who are shown to nobody else there is
 * none, for a picture cannot be asked who looks at it.
 */
export class AvatarRepository {
  constructor(private readonly db: Database) {}

  /** Those that these people show to the viewer. */
  async findShown(userIds: readonly Id[]): Promise<AvatarRow[]> {
    return selectRows(this.db, Avatar, 'avatar', ['userId', 'fileKey'])
      .innerJoin('users', 'person', 'person.id = avatar.userId')
      .where('avatar.userId = ANY(:userIds)', { userIds })
      .andWhere(`NOT ${isHidden('person')}`)
      .andWhere(...isInAudience(this.db.caller.viewer, 'person.avatar_audience', 'avatar.userId'))
      .getRawMany<AvatarRow>()
  }

  /** @visibility public to whoever has the link */
  async isShown(fileKey: string): Promise<boolean> {
    const rows = await this.db.query(
      `SELECT FROM avatars avatar JOIN users person ON person.id = avatar.user_id
       WHERE avatar.file_key = $1 AND NOT ${isHidden('person')}`,
      [fileKey],
    )
    return rows.length === 1
  }

  /** @visibility the use case asks whose it is */
  async findOf(userId: Id): Promise<Avatar | null> {
    return this.db.repo(Avatar).findOneBy({ userId })
  }

  /** Gives somebody a picture, in place of the one that they had. */
  async put({ userId, fileKey, changedAt }: Avatar): Promise<void> {
    await this.db.query(
      `INSERT INTO avatars (user_id, file_key, changed_at) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO UPDATE SET file_key = excluded.file_key, changed_at = excluded.changed_at`,
      [userId, fileKey, changedAt],
    )
  }

  /**
   * False where there was none.
   * @visibility whoever removes it has been found to be allowed to
   */
  async removeOf(userId: Id): Promise<boolean> {
    const { affected } = await this.db.repo(Avatar).delete({ userId })
    return affected === 1
  }
}
