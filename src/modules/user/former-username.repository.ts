import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { selectRows } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { FormerUsername } from './former-username.entity'

const COLUMNS = ['id', 'userId', 'username', 'changedAt', 'reservationEndsAt'] as const
export type FormerUsernameRow = Pick<FormerUsername, (typeof COLUMNS)[number]>

/** How many of somebody are shown. */
const MOST_SHOWN = 50

/** Every question about usernames that people have given up. */
export class FormerUsernameRepository {
  constructor(private readonly db: Database) {}

  /** The last ones of these people, the latest first, as far as the viewer may see them. */
  async findByUsers(userIds: readonly Id[]): Promise<FormerUsernameRow[]> {
    const rows = await selectRows(this.db, FormerUsername, 'former', COLUMNS)
      .addSelect(
        'row_number() OVER (PARTITION BY former.user_id ORDER BY former.changed_at DESC, former.id DESC)',
        'place',
      )
      .where('former.userId = ANY(:userIds)', { userIds })
      .andWhere(...ownOrWithinReach(this.db.caller.viewer, 'former.userId', 'users:read'))
      .orderBy('former.changedAt', 'DESC')
      .addOrderBy('former.id', 'DESC')
      .getRawMany<FormerUsernameRow & { place: string }>()
    return rows.filter(({ place }) => Number(place) <= MOST_SHOWN)
  }

  /**
   * Whose username this was and, as long as it is reserved, leads to.
   * @visibility usernames are public; whether its owner is shown, is asked next
   */
  async findOwner(username: string): Promise<Id | null> {
    const [row] = await this.db.query<{ id: Id }>(
      `SELECT user_id AS id FROM former_usernames WHERE username = $1 AND reservation_ends_at > $2
       ORDER BY changed_at DESC LIMIT 1`,
      [username, this.db.now],
    )
    return row?.id ?? null
  }

  /**
   * Which of these usernames are reserved for somebody, but for whoever is named.
   * @visibility that a username cannot be had is public
   */
  async findReserved(usernames: readonly string[], ownerId: Id | null): Promise<string[]> {
    const rows = await this.db.query<{ username: string }>(
      `SELECT DISTINCT username FROM former_usernames
       WHERE username = ANY($1) AND reservation_ends_at > $2 AND user_id IS DISTINCT FROM $3`,
      [usernames, this.db.now, ownerId],
    )
    return rows.map(({ username }) => username)
  }

  /**
   * When somebody has changed their username themselves since a moment, the earliest first.
   * @visibility a limit of what the person does
   */
  async findOwnChanges(userId: Id, since: Date): Promise<Date[]> {
    const rows = await this.db.query<{ changed_at: Date }>(
      `SELECT changed_at FROM former_usernames WHERE user_id = $1 AND changed_by_id = $1 AND changed_at > $2
       ORDER BY changed_at`,
      [userId, since],
    )
    return rows.map(({ changed_at: changedAt }) => changedAt)
  }

  async add(former: FormerUsername): Promise<void> {
    await this.db.repo(FormerUsername).insert(former)
  }

  /** Ends the reservations of a username that its owner takes again. */
  async release(userId: Id, username: string): Promise<void> {
    await this.db.repo(FormerUsername).update({ userId, username }, { reservationEndsAt: this.db.now })
  }
}
