import { Audience } from '../../core/audience'
import { DAY, later, SECOND } from '../../core/clock'
import { ApiError, notFound, Rejected, rejected, UserErrorCode, type Problem } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { isLocale, isTimeZone, LOCALE_ADVICE, TIME_ZONE_ADVICE } from '../../core/locale'
import type { Page, PageRequest } from '../../core/page'
import { holdsSomewhere, readerId, requireSignedIn, viewerId } from '../../core/viewer'
import { Change } from '../../db/change'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { FormerUsernameRepository } from './former-username.repository'
import { User } from './user.entity'
import { UserStatus } from './user-status'
import type { UpdateProfileInput } from './user.input'
import {
  NOT_SUSPENDED,
  permissionsToFind,
  UserOrder,
  UserRepository,
  type UserFilter,
  type UserRow,
} from './user.repository'
import { normaliseUsername, USERNAME_CHANGES, USERNAME_RESERVATION } from './username'

/** Tells every process that what it knows of somebody who is signed in has changed: status or username. */
export const USER_CHANGED = 'user-changed'

/** Somebody is shown to nobody else from now on, restricted or deactivated, or that ends. Its transaction holds their row. */
export const hidingChange = new Change<{ userId: Id }>()

export interface NewUser {
  id: Id
  username: string
  displayName: string
  locale: string
  timeZone?: string
  bio?: string | null
  status?: UserStatus
  createdAt?: Date
}

export { UserOrder, type UserFilter }

/** Why, since when, until when and by whom somebody may not use their account; null for what is not known, or has no end. */
export interface Suspension {
  userId: Id
  reason: string | null
  suspendedAt: Date | null
  endsAt: Date | null
  byId: Id | null
}

/** What can be changed in a profile; what is left out stays. */
export type ProfileChanges = Omit<UpdateProfileInput, 'expectedVersion'> & { username?: string }

/** To whom somebody shows what is on their profile; what is left out stays. */
export interface ProfileAudiences {
  bio?: Audience | undefined
  avatar?: Audience | undefined
  lastSeen?: Audience | undefined
}

/** What there is to be shown, where it says to whom, and the field that shows it. */
const PROFILE_AUDIENCES = [
  { name: 'bio', column: 'bioAudience', field: 'bio' },
  { name: 'avatar', column: 'avatarAudience', field: 'avatarUrl' },
  { name: 'lastSeen', column: 'lastSeenAudience', field: 'lastSeenAt' },
] as const

export class UserService {
  private readonly users: UserRepository

  constructor(private readonly db: Database) {
    this.users = new UserRepository(db)
  }

  /** Those of these people who are shown to the viewer. */
  async findShown(ids: readonly Id[]): Promise<UserRow[]> {
    return this.users.findShown(ids)
  }

  /** Whether there is such a person for the viewer, who may be shown to others alone; not once they have been erased. */
  async isShown(id: Id): Promise<boolean> {
    return (await this.shownAmong([id])).has(id)
  }

  /** Those of these people of whom the same is true. */
  async shownAmong(ids: readonly Id[]): Promise<Set<Id>> {
    const people = await this.users.findShown(ids)
    return new Set(people.filter(({ status }) => status !== UserStatus.ERASED).map(({ id }) => id))
  }

  /** The language that somebody speaks. */
  async localeOf(id: Id): Promise<string> {
    const [user] = await this.users.lookup([id])
    return user!.locale
  }

  /**
   * Who has this username, however it is spelled, if they are shown to the viewer; or who had it, as long as it is reserved for
   * them.
   */
  async findShownByUsername(given: string): Promise<UserRow | null> {
    const username = normaliseUsername(given)
    const holder = await this.users.findShownByUsername(username)
    if (holder) return holder
    const formerId = await new FormerUsernameRepository(this.db).findOwner(username)
    const [former] = formerId === null ? [] : await this.users.findShown([formerId])
    return former ?? null
  }

  /** Who has this username, however it is spelled. */
  async findByUsername(username: string): Promise<UserRow | null> {
    return this.users.findByUsername(normaliseUsername(username))
  }

  /** The ids of the people who have these usernames, however they are spelled, and are shown to the viewer. */
  async findIdsByUsername(usernames: readonly string[]): Promise<Id[]> {
    return this.users.findShownIds(usernames.map(normaliseUsername))
  }

  /** Whether somebody has this username, or it is reserved for somebody who had it; `ownerId` says for whom it may be. */
  async isUsernameTaken(username: string, ownerId: Id | null = null): Promise<boolean> {
    if (await this.users.existsByUsername(username)) return true
    return (await new FormerUsernameRepository(this.db).findReserved([username], ownerId)).length > 0
  }

  /** Which of these words a username can be taken for by whoever reads it. */
  async wordsLike(username: string, words: readonly string[]): Promise<string[]> {
    return this.users.wordsLike(username, words)
  }

  /** Who has a username that this one can be taken for, itself included. */
  async findIdsLike(username: string): Promise<Id[]> {
    return this.users.findIdsLike(username)
  }

  /**
   * Makes sure that somebody has not changed their username too often, inside the transaction that changes it.
   * @throws ApiError RATE_LIMITED with `retryAfter` in seconds.
   */
  async assertMayChangeUsername(userId: Id): Promise<void> {
    await this.users.lockCredentials(userId)
    const { now } = this.db
    const { most, within } = USERNAME_CHANGES
    const changes = await new FormerUsernameRepository(this.db).findOwnChanges(userId, later(now, -within))
    const earliest = changes.at(-most)
    if (earliest === undefined) return
    const wait = later(earliest, within).getTime() - now.getTime()
    throw new ApiError(
      'RATE_LIMITED',
      `A username can be changed ${most} times in ${within / DAY} days. Wait before you choose the next.`,
      { retryAfter: Math.ceil(wait / SECOND) },
    )
  }

  async lookup(id: Id): Promise<UserRow | null> {
    return (await this.users.lookup([id]))[0] ?? null
  }

  /** Whether there is such a person; not once they have been erased. */
  async exists(id: Id): Promise<boolean> {
    const [person] = await this.users.lookup([id])
    return person !== undefined && person.status !== UserStatus.ERASED
  }

  async list(filter: UserFilter, order: UserOrder, page: PageRequest): Promise<Page<UserRow>> {
    return this.users.list(filter, order, page)
  }

  async count(filter: UserFilter): Promise<number> {
    return this.users.count(filter)
  }

  /** Some of the people whom `list` finds, after a person and in the order of their ids. */
  async findIds(filter: UserFilter, after: Id | null, limit: number): Promise<Id[]> {
    return this.users.findIds(filter, after, limit)
  }

  /** Whether the viewer may read of anybody what such a filter asks for; else it finds nobody, whoever there is. */
  canFilterBy(filter: UserFilter): boolean {
    return permissionsToFind(filter).every((permission) => holdsSomewhere(this.db.caller.viewer, permission))
  }

  /** Whether nobody has an account yet. */
  async isEmpty(): Promise<boolean> {
    return this.users.isEmpty()
  }

  /** Which of these usernames somebody has, or are reserved for somebody who had them. */
  async takenUsernames(usernames: readonly string[]): Promise<string[]> {
    const reserved = await new FormerUsernameRepository(this.db).findReserved(usernames, null)
    return [...new Set([...(await this.users.findTaken(usernames)), ...reserved])]
  }

  /** Adds a person. @throws Rejected TAKEN when the username has gone to somebody else. */
  async create(user: NewUser): Promise<User> {
    return (await this.createAll([user]))[0]!
  }

  /** Adds people, who are active and made now where nothing else is said. @throws Rejected TAKEN as `create` does. */
  async createAll(users: readonly NewUser[]): Promise<User[]> {
    const { now } = this.db
    const created = users.map((user): User => ({
      bio: null,
      bioAudience: Audience.PUBLIC,
      avatarAudience: Audience.PUBLIC,
      lastSeenAudience: Audience.ONLY_ME,
      timeZone: 'UTC',
      status: UserStatus.ACTIVE,
      createdAt: now,
      ...user,
      ...NOT_SUSPENDED,
      suspendedAt: user.status === UserStatus.SUSPENDED ? now : null,
      lastSeenAt: null,
      lastSignInAt: null,
      credentialsFrozenUntil: null,
      invitedAt: null,
      restrictedAt: null,
      deactivatedAt: null,
      updatedAt: now,
      version: 1,
    }))
    const usernames = users.map(({ username }) => username)
    const reserved = await new FormerUsernameRepository(this.db).findReserved(usernames, null)
    if (reserved.length > 0) throw usernameTaken()
    await this.users.add(...created)
    return created
  }

  /** Notes that somebody has signed in, which ends a deactivation: true where there was one. Call it in a transaction. */
  async noteSignIn(userId: Id): Promise<boolean> {
    if ((await this.users.signIn(userId)) === null) return false
    await hidingChange.make(this.db, { userId })
    return true
  }

  /** Shows somebody to nobody but staff, until they sign in again. Call it in a transaction that holds their row. */
  async deactivate(userId: Id): Promise<void> {
    await this.users.deactivate(userId)
    await hidingChange.make(this.db, { userId })
  }

  /**
   * Keeps an account from being used, until a moment or until somebody reinstates it: what is signed in to it answers as anonymous
   * from the next request on, on every process. Where it is suspended already, that suspension changes. False when there is
   * no such person. Whoever decides it says so on the trail.
   */
  async suspend(id: Id, { reason, until = null }: { reason: string; until?: Date | null }): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      if (!(await new UserService(tx).exists(id))) return false
      await new UserRepository(tx).suspend({
        id,
        suspendedUntil: until,
        suspendedById: viewerId(tx.caller.viewer),
        suspensionReason: await tx.codec.seal(User, 'suspensionReason', { id, ownerId: id }, reason),
      })
      await tx.notify(USER_CHANGED, { userId: id })
      return true
    })
  }

  /** Lets an account be used again; false when there is no such person, or they are not suspended at this moment. */
  async reinstate(id: Id): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      if (!(await new UserRepository(tx).reinstate(id))) return false
      await tx.notify(USER_CHANGED, { userId: id })
      return true
    })
  }

  /**
   * Keeps somebody's data and does no more with it (GDPR art. 18): they are not listed, found or counted by others. False where
   * that is so already. Whoever decides it says so on the trail.
   */
  async restrict(id: Id, at = this.db.now): Promise<boolean> {
    return this.changeRestriction(id, (users) => users.restrict(id, at))
  }

  /** Ends a restriction, where `since` is given the one that began then; false where there is none. */
  async liftRestriction(id: Id, since?: Date): Promise<boolean> {
    return this.changeRestriction(id, (users) => users.liftRestriction(id, since))
  }

  private async changeRestriction(
    userId: Id,
    change: (users: UserRepository) => Promise<boolean>,
  ): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      const isChanged = await change(new UserRepository(tx))
      if (isChanged) await hidingChange.make(tx, { userId })
      return isChanged
    })
  }

  /** The suspensions that are in force, of these people, with their reasons decrypted; an error for one whose does not open. */
  async suspensions(userIds: readonly Id[]): Promise<Map<Id, Suspension | Error>> {
    const rows = await this.users.findSuspensions(userIds)
    const places = rows.map((row) => ({ ...row, ownerId: row.id }))
    const reasons = await this.db.codec.openEach(
      User,
      'suspensionReason',
      places,
      (row) => row.suspensionReason,
    )
    return new Map(
      rows.map(({ id: userId, suspendedAt, suspendedUntil: endsAt, suspendedById: byId }, index) => {
        const reason = reasons[index] ?? null
        return [userId, reason instanceof Error ? reason : { userId, reason, suspendedAt, endsAt, byId }]
      }),
    )
  }

  /** Whether somebody may use their account, which stays so until the transaction ends. Call it first in one. */
  async holdActive(id: Id): Promise<boolean> {
    return this.users.lockActive(id)
  }

  /** Notes that somebody is being sent a link to take up their account. */
  async noteInvitation(id: Id): Promise<void> {
    await this.users.invite(id)
  }

  /** Until when nothing can be changed about how this person signs in; null where nothing is frozen. */
  freezeEndsAt({ credentialsFrozenUntil }: Pick<UserRow, 'credentialsFrozenUntil'>): Date | null {
    return this.standing(credentialsFrozenUntil)
  }

  /**
   * Makes sure, inside the transaction that changes how somebody signs in, that this is not frozen, nor will be before it
   * ends: whoever freezes it waits, and finds the change.
   * @throws Rejected FROZEN, which says until when.
   */
  async assertNotFrozen(id: Id): Promise<void> {
    const until = this.standing(await this.users.lockCredentials(id))
    if (until === null) return
    throw rejected(
      [],
      UserErrorCode.FROZEN,
      `You have told us that something was not you, so nothing about how you sign in can be changed until ${moment(until)}. ` +
        'Choose a new password with the link that we have sent you, and it can at once.',
    )
  }

  /** Makes whatever changes, or freezes, how somebody signs in wait until the transaction ends. */
  async hold(id: Id): Promise<void> {
    await this.users.lockCredentials(id)
  }

  /** The same for many, in the order of their ids, so that those who do it at once do not wait in a circle. */
  async holdAll(ids: readonly Id[]): Promise<void> {
    await this.users.lockAll(ids)
  }

  /** Freezes how somebody signs in; whatever changes it at this moment comes before. Call it first in a transaction. */
  async freezeCredentials(id: Id, until: Date): Promise<void> {
    await this.users.setCredentialsFrozenUntil(id, until)
  }

  /** Ends a freeze, if there is one. Call it first in a transaction: whoever freezes waits for its end. */
  async thawCredentials(id: Id): Promise<void> {
    await this.users.setCredentialsFrozenUntil(id, null)
  }

  private standing(until: Date | null): Date | null {
    return until !== null && until > this.db.now ? until : null
  }

  /**
   * Changes the viewer's own profile.
   * @throws Rejected naming fields that cannot be accepted; ApiError CONFLICT when `expectedVersion` is not the current one.
   */
  async updateProfile({ expectedVersion, ...changes }: UpdateProfileInput): Promise<UserRow> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    await this.change(userId, changes, expectedVersion)
    return (await this.lookup(userId))!
  }

  /**
   * Says to whom somebody shows what is on their profile; returns the names of the fields of which that has changed. Whose it is, the
   * caller asks.
   * @throws ApiError CONFLICT, NOT_FOUND
   */
  async setAudiences(
    userId: Id,
    given: ProfileAudiences,
    expectedVersion: number | undefined,
  ): Promise<string[]> {
    return this.db.transaction(async (tx) => {
      const users = new UserRepository(tx)
      const user = await users.lock(userId)
      if (!user) throw notFound('user')
      const { bioAudience: bio, avatarAudience: avatar, lastSeenAudience: lastSeen } = user
      const current = { bio, avatar, lastSeen }
      assertVersion(user.version, expectedVersion, current)
      const changed = PROFILE_AUDIENCES.filter(
        ({ name }) => given[name] !== undefined && given[name] !== current[name],
      )
      if (changed.length > 0) {
        const wanted = Object.fromEntries(changed.map(({ name, column }) => [column, given[name]]))
        await users.save({ ...user, ...wanted, updatedAt: tx.now, version: user.version + 1 })
      }
      return changed.map(({ field }) => field)
    })
  }

  /**
   * Changes a profile, and returns the names of the fields that have changed. Whoever calls it for somebody else makes sure that
   * the viewer may.
   * @throws Rejected as `updateProfile`, and TAKEN for a username; ApiError CONFLICT, NOT_FOUND
   */
  async change(
    userId: Id,
    { username, ...profile }: ProfileChanges,
    expectedVersion: number | undefined,
  ): Promise<string[]> {
    checkProfile(profile)
    const changes = { ...profile, ...(username !== undefined && { username: normaliseUsername(username) }) }
    return this.db.transaction(async (tx) => {
      const users = new UserRepository(tx)
      const user = await users.lock(userId)
      if (!user) throw notFound('user')
      const { displayName, bio, locale, timeZone } = user
      const current = { displayName, bio, locale, timeZone }
      assertVersion(user.version, expectedVersion, {
        ...current,
        ...(username !== undefined && { username: user.username }),
      })
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
      const fields = Object.keys(given).filter((field) => user[field as keyof User] !== given[field])
      if (fields.length === 0) return fields
      const { now } = tx
      if (fields.includes('username')) await giveUpUsername(tx, user, given.username as string, now)
      await users.save({ ...user, ...given, updatedAt: now, version: user.version + 1 })
      await new AuditService(tx).record('profile.updated', {
        subjectId: userId,
        target: toGlobalId('user', userId),
        details: { fields },
      })
      if (fields.includes('username')) await tx.notify(USER_CHANGED, { userId })
      return fields
    })
  }
}

/** Keeps a username for its owner who is about to have another. @throws Rejected TAKEN where that is kept for somebody else. */
async function giveUpUsername(
  tx: Database,
  { id: userId, username: former }: User,
  username: string,
  now: Date,
): Promise<void> {
  const formers = new FormerUsernameRepository(tx)
  if ((await formers.findReserved([username], userId)).length > 0) throw usernameTaken()
  await formers.release(userId, username)
  await formers.add({
    id: newId(now),
    userId,
    username: former,
    changedById: readerId(tx.caller.viewer),
    changedAt: now,
    reservationEndsAt: later(now, USERNAME_RESERVATION),
  })
}

/** The same for a username that somebody has and for one that must not pass for another: nobody learns from it who there is. */
export const usernameTaken = (): Rejected =>
  rejected('username', UserErrorCode.TAKEN, 'This username is taken. Choose another.')

const moment = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** @throws Rejected naming what is neither a locale nor a time zone. */
export function checkProfile({ locale, timeZone }: Pick<UpdateProfileInput, 'locale' | 'timeZone'>): void {
  const problems: Problem[] = []
  const refuse = (field: string, message: string) =>
    problems.push({ code: UserErrorCode.INVALID, field: [field], message })
  if (locale !== undefined && !isLocale(locale)) refuse('locale', LOCALE_ADVICE)
  if (timeZone !== undefined && !isTimeZone(timeZone)) refuse('timeZone', TIME_ZONE_ADVICE)
  if (problems.length > 0) throw new Rejected(...problems)
}
