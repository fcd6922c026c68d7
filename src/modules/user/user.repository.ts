import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { constraintMeans } from '../../db/database-error'
import { UserErrorCode } from '../../core/error'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { countEntries, searching, type Condition } from '../../db/search'
import { User } from './user.entity'
import { UserSearch } from './user-search.entity'
import { UserStatus } from './user-status'
import { normaliseUsername } from './username'

constraintMeans(
  'users_username_key',
  'username',
  UserErrorCode.TAKEN,
  'This username is taken. Choose another.',
)

const COLUMNS = [
  'id',
  'username',
  'displayName',
  'bio',
  'locale',
  'timeZone',
  'status',
  'lastSeenAt',
  'lastSignInAt',
  'credentialsFrozenUntil',
  'createdAt',
  'version',
] as const
export type UserRow = Pick<User, (typeof COLUMNS)[number]>

/** Which people are meant; what is empty or left out says nothing. */
export interface UserFilter {
  id?: Id
  /** Parts of the username or the display name, separated by spaces. */
  search?: string
  /** Beginning of the username. */
  usernamePrefix?: string
  /** The role is held at this moment. */
  roleId?: Id
  status?: UserStatus
  createdSince?: Date
  createdBefore?: Date
  lastSeenSince?: Date
  /** Whoever was never seen counts as seen when the account was made. */
  lastSeenBefore?: Date
}

export enum UserOrder {
  NEWEST_FIRST = 'NEWEST_FIRST',
  OLDEST_FIRST = 'OLDEST_FIRST',
  USERNAME = 'USERNAME',
}

const ORDERS: Record<UserOrder, ListOrder<UserRow>> = {
  [UserOrder.NEWEST_FIRST]: { columns: ['createdAt', 'id'], descending: true },
  [UserOrder.OLDEST_FIRST]: { columns: ['createdAt', 'id'], descending: false },
  [UserOrder.USERNAME]: { columns: ['username'], descending: false },
}

/** Every question about people. Profiles are public, so no row depends on the viewer; which fields they may read is the policy's. */
export class UserRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<UserRow[]> {
    return this.rows().where('user.id = ANY(:ids)', { ids }).getRawMany<UserRow>()
  }

  async findByUsername(username: string): Promise<UserRow | null> {
    const row = await this.rows().where('user.username = :username', { username }).getRawOne<UserRow>()
    return row ?? null
  }

  async existsByUsername(username: string): Promise<boolean> {
    return this.db.repo(User).existsBy({ username })
  }

  async list(filter: UserFilter, order: UserOrder, page: PageRequest): Promise<Page<UserRow>> {
    const read = searching(this.db, {
      entries: UserSearch,
      conditions: this.matching(filter),
      order: ORDERS[order],
      rows: (db) => new UserRepository(db).rows(),
    })
    return readPage(this.rows(), ORDERS[order], page, read)
  }

  async count(filter: UserFilter): Promise<number> {
    return countEntries(this.db, { entries: UserSearch, conditions: this.matching(filter) })
  }

  /** Which of these usernames somebody has. */
  async findTaken(usernames: readonly string[]): Promise<string[]> {
    const rows = await selectRows(this.db, User, 'user', ['username'])
      .where('user.username = ANY(:usernames)', { usernames })
      .getRawMany<Pick<User, 'username'>>()
    return rows.map(({ username }) => username)
  }

  async add(...users: User[]): Promise<void> {
    await insertRows(this.db, User, users)
  }

  /** The whole row, locked until the transaction ends, so that a check and the change that it allows are one. */
  async lock(id: Id): Promise<User | null> {
    return this.db.repo(User).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  /** Until when changes are frozen, the row locked: changes of one person's credentials take turns. */
  async lockCredentials(id: Id): Promise<Date | null> {
    const row = await this.db.repo(User).findOne({
      where: { id },
      select: { id: true, credentialsFrozenUntil: true },
      lock: { mode: 'for_no_key_update' },
    })
    return row?.credentialsFrozenUntil ?? null
  }

  async setCredentialsFrozenUntil(id: Id, credentialsFrozenUntil: Date | null): Promise<void> {
    await this.db.repo(User).update({ id }, { credentialsFrozenUntil })
  }

  async save(user: User): Promise<void> {
    const { id, ...columns } = user
    await this.db.repo(User).update({ id }, columns)
  }

  /** Notes that somebody has signed in. */
  async signIn(id: Id): Promise<void> {
    await this.db.repo(User).update({ id }, { lastSignInAt: this.db.now })
  }

  /** Lets an account be used, or not; false when there is none. */
  async setStatus(id: Id, status: UserStatus): Promise<boolean> {
    const result = await this.db.repo(User).update({ id }, { status, updatedAt: this.db.now })
    return result.affected === 1
  }

  /** What a filter says, and with it whom the viewer may find. */
  private matching(filter: UserFilter): Condition[] {
    const { id, search, usernamePrefix, roleId, status, createdSince, createdBefore } = filter
    const { lastSeenSince, lastSeenBefore } = filter
    const conditions = wordsOf(search ?? '').map((word, index): Condition => {
      const name = `word${index}`
      return { sql: `entry.search_text LIKE folded(:${name})`, parameters: { [name]: patternOf(word) } }
    })
    const add = (sql: string, parameters: ObjectLiteral, how: Omit<Condition, 'sql' | 'parameters'> = {}) =>
      conditions.push({ sql, parameters, ...how })
    if (id) add('entry.id = :id', { id }, { isOne: true })
    if (usernamePrefix) {
      const prefix = normaliseUsername(usernamePrefix)
      add('starts_with(entry.username, :prefix)', { prefix }, { along: 'username' })
    }
    if (status) {
      const isRare = status !== UserStatus.ACTIVE
      add('entry.status = :status', { status }, isRare ? { along: 'createdAt' } : {})
    }
    if (createdSince) add('entry.created_at >= :createdSince', { createdSince }, { along: 'createdAt' })
    if (createdBefore) add('entry.created_at < :createdBefore', { createdBefore }, { along: 'createdAt' })
    if (roleId) {
      const held =
        'held.user_id = entry.id AND held.role_id = :roleId AND (held.expires_at IS NULL OR held.expires_at > :now)'
      const parameters = { roleId, now: this.db.now }
      add(`EXISTS (SELECT FROM role_grants held WHERE ${held})`, parameters, { looksUp: true })
    }
    const seen = 'SELECT FROM users seen WHERE seen.id = entry.id AND'
    if (lastSeenSince)
      add(`EXISTS (${seen} seen.last_seen_at >= :lastSeenSince)`, { lastSeenSince }, { looksUp: true })
    if (lastSeenBefore) {
      // Nobody is seen before the account is made, so the younger ones need not be asked about.
      add('entry.created_at < :lastSeenBefore', { lastSeenBefore }, { along: 'createdAt' })
      const earlier = '(seen.last_seen_at < :lastSeenBefore OR seen.last_seen_at IS NULL)'
      add(`EXISTS (${seen} ${earlier})`, { lastSeenBefore }, { looksUp: true })
    }
    return conditions
  }

  private rows(): SelectQueryBuilder<User> {
    return selectRows(this.db, User, 'user', COLUMNS)
  }
}

/** The words of a search; what has no letter or digit says nothing. An underscore separates words, as in usernames. */
const wordsOf = (search: string): string[] =>
  search
    .normalize('NFKD')
    .split(/[\s_]+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))

/**
 * What matches a word anywhere; or, where it has not three letters in a row, by which the index finds parts of words, at the
 * beginning of a word.
 */
const patternOf = (word: string): string =>
  `%${/[\p{L}\p{N}]{3}/u.test(word) ? '' : ' '}${word.replace(/[\\%]/g, '\\$&')}%`
