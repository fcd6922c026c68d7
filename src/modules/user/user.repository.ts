import { IsNull, Not, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Permission } from '../../core/permission'
import { constraintMeans } from '../../db/database-error'
import { UserErrorCode } from '../../core/error'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { PLANNED_ANEW } from '../../db/preparing-client'
import { countEntries, searching, type Condition } from '../../db/search'
import type { Audience } from '../../core/audience'
import { isInAudience, isMemberOf, isShown, reachOf } from '../../db/reach'
import { User } from './user.entity'
import { UserSearch } from './user-search.entity'
import { isActive, UserStatus } from './user-status'
import { normaliseUsername } from './username'

constraintMeans(
  'users_username_key',
  'username',
  UserErrorCode.TAKEN,
  'This username is taken. Choose another.',
)

/** What a row shows as it is stored; its status depends on the time as well. */
const STORED = [
  'id',
  'username',
  'displayName',
  'bioAudience',
  'lastSeenAudience',
  'locale',
  'timeZone',
  'lastSignInAt',
  'credentialsFrozenUntil',
  'invitedAt',
  'restrictedAt',
  'deactivatedAt',
  'createdAt',
  'version',
] as const

/** What a row shows to those to whom its person does: of others it is null. */
const AUDIENCES = {
  bio: 'bioAudience',
  lastSeenAt: 'lastSeenAudience',
  // The picture itself is elsewhere; that it is shown at all, nobody else needs to know.
  avatarAudience: 'avatarAudience',
} as const
const SHOWN = Object.entries(AUDIENCES) as [keyof typeof AUDIENCES, string][]

export interface UserRow extends Pick<
  User,
  (typeof STORED)[number] | Exclude<keyof typeof AUDIENCES, 'avatarAudience'> | 'status'
> {
  avatarAudience: Audience | null
}

const SUSPENSION = ['id', 'suspendedAt', 'suspendedUntil', 'suspendedById', 'suspensionReason'] as const
export type SuspensionRow = Pick<User, (typeof SUSPENSION)[number]>

const IS_ACTIVE = isActive('"user"', ':now')
const STATUS = `CASE WHEN ${IS_ACTIVE} THEN '${UserStatus.ACTIVE}' ELSE "user".status END`

/** Which people are meant; what is empty or left out says nothing. */
export interface UserFilter {
  id?: Id
  /** One of these. */
  ids?: readonly Id[]
  /** Parts of the username or the display name, separated by spaces. */
  search?: string
  /** Beginning of the username. */
  usernamePrefix?: string
  /** The role is held at this moment. */
  roleId?: Id
  /** The group that they are in. */
  groupId?: Id
  status?: UserStatus
  createdSince?: Date
  createdBefore?: Date
  lastSeenSince?: Date
  /** Whoever was never seen counts as seen when the account was made. */
  lastSeenBefore?: Date
}

/** What whoever filters so must be allowed to read of each person who is found. */
export const permissionsToFind = ({ id, ids, roleId, groupId }: UserFilter): Permission[] => [
  'users:read',
  ...(id || ids ? (['users:read-contact'] as const) : []),
  ...(roleId ? (['roles:read'] as const) : []),
  ...(groupId ? (['groups:read'] as const) : []),
]

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

/** What the columns of a suspension hold of somebody who is not suspended. */
export const NOT_SUSPENDED = {
  suspendedAt: null,
  suspendedUntil: null,
  suspendedById: null,
  suspensionReason: null,
} as const

/**
 * Every question about people. Profiles are public, so whoever names a person finds them, and which fields they may read is
 * the policy's; but for those whose data is kept and no more. Lists hold those whom `users:read` reaches.
 */
export class UserRepository {
  constructor(private readonly db: Database) {}

  async findShown(ids: readonly Id[]): Promise<UserRow[]> {
    return this.visible().andWhere('user.id = ANY(:ids)', { ids }).getRawMany<UserRow>()
  }

  async findShownByUsername(username: string): Promise<UserRow | null> {
    const row = await this.visible().andWhere('user.username = :username', { username }).getRawOne<UserRow>()
    return row ?? null
  }

  /** @visibility a use case acts on them, whoever is shown to whom */
  async lookup(ids: readonly Id[]): Promise<UserRow[]> {
    return this.rows().where('user.id = ANY(:ids)', { ids }).getRawMany<UserRow>()
  }

  /** @visibility somebody signs in, when nobody is the viewer yet */
  async findByUsername(username: string): Promise<UserRow | null> {
    const row = await this.rows().where('user.username = :username', { username }).getRawOne<UserRow>()
    return row ?? null
  }

  /** @visibility usernames are public */
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

  async findIds(filter: UserFilter, after: Id | null, limit: number): Promise<Id[]> {
    const query = selectRows(this.db, UserSearch, 'entry', ['id'])
    for (const { sql, parameters } of this.matching(filter)) query.andWhere(sql, parameters)
    if (after !== null) query.andWhere('entry.id > :after', { after })
    const rows = await query.orderBy('entry.id').limit(limit).comment(PLANNED_ANEW).getRawMany<UserSearch>()
    return rows.map(({ id }) => id)
  }

  /** @visibility asked at the start, when there is no viewer */
  async isEmpty(): Promise<boolean> {
    return !(await this.db.repo(User).existsBy({}))
  }

  /**
   * Which of these usernames somebody has.
   * @visibility usernames are public
   */
  async findTaken(usernames: readonly string[]): Promise<string[]> {
    const rows = await selectRows(this.db, User, 'user', ['username'])
      .where('user.username = ANY(:usernames)', { usernames })
      .getRawMany<Pick<User, 'username'>>()
    return rows.map(({ username }) => username)
  }

  /** Those of these usernames whose holders the viewer is shown, by their ids. */
  async findShownIds(usernames: readonly string[]): Promise<Id[]> {
    const rows = await this.visible()
      .andWhere('user.username = ANY(:usernames)', { usernames })
      .getRawMany<UserRow>()
    return rows.map(({ id }) => id)
  }

  /**
   * Which of these words a username can be taken for.
   * @visibility it asks about no person
   */
  async wordsLike(username: string, words: readonly string[]): Promise<string[]> {
    const rows = await this.db.query<{ word: string }>(
      'SELECT word FROM unnest($2::text[]) AS word WHERE username_skeleton(lower(word)) = username_skeleton($1)',
      [username, words],
    )
    return rows.map(({ word }) => word)
  }

  /**
   * Who has a username that this one can be taken for, itself included.
   * @visibility usernames are public
   */
  async findIdsLike(username: string): Promise<Id[]> {
    const rows = await this.db.query<{ id: Id }>(
      'SELECT id FROM users WHERE username_skeleton(username) = username_skeleton($1)',
      [username],
    )
    return rows.map(({ id }) => id)
  }

  async add(...users: User[]): Promise<void> {
    await insertRows(this.db, User, users)
  }

  /**
   * The whole row, locked until the transaction ends, so that a check and the change that it allows are one.
   * @visibility the use case asks whose it is
   */
  async lock(id: Id): Promise<User | null> {
    return this.db.repo(User).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  /**
   * Until when changes are frozen, the row locked: changes of one person's credentials take turns.
   * @visibility a person whose sign-in is changed; nobody is shown it
   */
  async lockCredentials(id: Id): Promise<Date | null> {
    const row = await this.db.repo(User).findOne({
      where: { id },
      select: { id: true, credentialsFrozenUntil: true },
      lock: { mode: 'for_no_key_update' },
    })
    return row?.credentialsFrozenUntil ?? null
  }

  /**
   * Locks the rows of people as `lockCredentials` does one.
   * @visibility nobody is shown them
   */
  async lockAll(ids: readonly Id[]): Promise<void> {
    await this.db.query('SELECT FROM users WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE', [ids])
  }

  async setCredentialsFrozenUntil(id: Id, credentialsFrozenUntil: Date | null): Promise<void> {
    await this.db.repo(User).update({ id }, { credentialsFrozenUntil })
  }

  async save(user: User): Promise<void> {
    const { id, ...columns } = user
    await this.db.repo(User).update({ id }, columns)
  }

  /**
   * Notes that somebody has signed in, which ends a deactivation. Says since when they were deactivated; null where they were not.
   * @visibility somebody signs in
   */
  async signIn(id: Id): Promise<Date | null> {
    const [row] = await this.db.query<{ deactivated_at: Date | null }>(
      `WITH before AS (SELECT deactivated_at FROM users WHERE id = $1 FOR NO KEY UPDATE), changed AS (
         UPDATE users SET last_sign_in_at = $2, deactivated_at = NULL FROM before WHERE id = $1 RETURNING before.deactivated_at
       ) SELECT * FROM changed`,
      [id, this.db.now],
    )
    return row?.deactivated_at ?? null
  }

  /** Notes that somebody does not use their account from now on. */
  async deactivate(id: Id): Promise<void> {
    await this.db.repo(User).update({ id }, { deactivatedAt: this.db.now })
  }

  /**
   * Whether somebody may use their account at this moment; if so, the row is locked as by `lockCredentials`.
   * @visibility signing in asks, when nobody is the viewer yet
   */
  async lockActive(id: Id): Promise<boolean> {
    const rows = await this.db.query(
      `SELECT FROM users person WHERE id = $1 AND ${isActive('person', '$2')} FOR NO KEY UPDATE`,
      [id, this.db.now],
    )
    return rows.length === 1
  }

  /**
   * The suspensions that are in force, of these people.
   * @visibility guarded as `User.suspension`
   */
  async findSuspensions(ids: readonly Id[]): Promise<SuspensionRow[]> {
    return selectRows(this.db, User, 'user', SUSPENSION)
      .where(`user.id = ANY(:ids) AND user.status = '${UserStatus.SUSPENDED}' AND NOT ${IS_ACTIVE}`, {
        ids,
        now: this.db.now,
      })
      .getRawMany<SuspensionRow>()
  }

  /** Suspends somebody, or changes the suspension that is in force. */
  async suspend({
    id,
    ...suspension
  }: Pick<User, 'id' | 'suspendedUntil' | 'suspendedById' | 'suspensionReason'>): Promise<void> {
    const { now } = this.db
    const since = `CASE WHEN ${isActive('users', ':now')} THEN :now ELSE coalesce(suspended_at, :now) END`
    await this.db
      .repo(User)
      .createQueryBuilder()
      .update()
      .set({ ...suspension, status: UserStatus.SUSPENDED, suspendedAt: () => since, updatedAt: now })
      .where(`id = :id AND status <> '${UserStatus.ERASED}'`, { id, now })
      .execute()
  }

  /**
   * Ends a suspension; false where none is in force.
   * @visibility whoever changes it has been found to be allowed to
   */
  async reinstate(id: Id): Promise<boolean> {
    const { now } = this.db
    const { affected } = await this.db
      .repo(User)
      .createQueryBuilder()
      .update()
      .set({ status: UserStatus.ACTIVE, updatedAt: now, ...NOT_SUSPENDED })
      .where(`id = :id AND status = '${UserStatus.SUSPENDED}' AND NOT ${isActive('users', ':now')}`, {
        id,
        now,
      })
      .execute()
    return affected === 1
  }

  /**
   * Keeps somebody's data from a moment on, and no more. False where that is so already.
   * @visibility whoever changes it has been found to be allowed to
   */
  async restrict(id: Id, at: Date): Promise<boolean> {
    const { affected } = await this.db.repo(User).update({ id, restrictedAt: IsNull() }, { restrictedAt: at })
    return affected === 1
  }

  /**
   * Ends that, where `since` is given only what began then. False where it is not so.
   * @visibility whoever changes it has been found to be allowed to
   */
  async liftRestriction(id: Id, since?: Date): Promise<boolean> {
    const { affected } = await this.db
      .repo(User)
      .update({ id, restrictedAt: since ?? Not(IsNull()) }, { restrictedAt: null })
    return affected === 1
  }

  /** Notes that somebody is being sent a link to take up their account. */
  async invite(id: Id): Promise<void> {
    await this.db.repo(User).update({ id }, { invitedAt: this.db.now })
  }

  /** What a filter says, and with it whom the viewer may find. */
  private matching(filter: UserFilter): Condition[] {
    const { id, ids, search, usernamePrefix, roleId, groupId, status, createdSince, createdBefore } = filter
    const { lastSeenSince, lastSeenBefore } = filter
    const conditions = wordsOf(search ?? '').map((word, index): Condition => {
      const name = `word${index}`
      return { sql: `entry.search_text LIKE folded(:${name})`, parameters: { [name]: patternOf(word) } }
    })
    const add = (sql: string, parameters: ObjectLiteral, how: Omit<Condition, 'sql' | 'parameters'> = {}) =>
      conditions.push({ sql, parameters, ...how })
    const { viewer } = this.db.caller
    // A filter finds nobody of whom the viewer may not read what it asks for.
    for (const permission of permissionsToFind(filter)) {
      const [sql, parameters] = reachOf(viewer, 'entry.id', permission)
      if (sql !== 'true') add(sql, parameters, { looksUp: true })
    }
    if (groupId) add(isMemberOf('entry.id', 'ARRAY[:groupId]::uuid[]'), { groupId }, { looksUp: true })
    if (id) add('entry.id = :id', { id }, { isOne: true })
    if (ids) add('entry.id = ANY(:ids)', { ids }, { looksUp: true })
    if (usernamePrefix) {
      const prefix = normaliseUsername(usernamePrefix)
      add('starts_with(entry.username, :prefix)', { prefix }, { along: 'username' })
    }
    if (status) {
      const { now } = this.db
      if (status === UserStatus.ACTIVE) add(isActive('entry', ':now'), { now })
      // The index holds nobody else, except those whose suspension is over.
      else add(`NOT ${isActive('entry', ':now')}`, { now }, { along: 'createdAt' })
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

  private visible(): SelectQueryBuilder<User> {
    const { viewer } = this.db.caller
    const query = this.known().where(...isShown(viewer, 'user.id'))
    for (const [property, audience] of SHOWN) {
      const [isTheirs, parameters] = isInAudience(viewer, `user.${audience}`, 'user.id')
      query.addSelect(`CASE WHEN ${isTheirs} THEN user.${property} END`, property).setParameters(parameters)
    }
    return query
  }

  /** The rows with all that is in them: of whoever signs in, a use case acts on, or `users:read` reaches. */
  private rows(): SelectQueryBuilder<User> {
    const query = this.known()
    for (const [property] of SHOWN) query.addSelect(`user.${property}`, property)
    return query
  }

  private known(): SelectQueryBuilder<User> {
    return selectRows(this.db, User, 'user', STORED)
      .addSelect(STATUS, 'status')
      .setParameter('now', this.db.now)
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
