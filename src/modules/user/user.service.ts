import { notFound, Rejected, rejected, UserErrorCode, type Problem } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { requireSignedIn, viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { isLocale, LOCALE_ADVICE } from './locale'
import { User } from './user.entity'
import { UserStatus } from './user-status'
import type { UpdateProfileInput } from './user.input'
import { NOT_SUSPENDED, UserOrder, UserRepository, type UserFilter, type UserRow } from './user.repository'
import { normaliseUsername } from './username'

/** Tells every process that what it knows of somebody who is signed in has changed: status or username. */
export const USER_CHANGED = 'user-changed'

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

export class UserService {
  private readonly users: UserRepository

  constructor(private readonly db: Database) {
    this.users = new UserRepository(db)
  }

  /** Who has this username, however it is spelled. */
  async findByUsername(username: string): Promise<UserRow | null> {
    return this.users.findByUsername(normaliseUsername(username))
  }

  async isUsernameTaken(username: string): Promise<boolean> {
    return this.users.existsByUsername(username)
  }

  async lookup(id: Id): Promise<UserRow | null> {
    return (await this.users.lookup([id]))[0] ?? null
  }

  async lookupAll(ids: readonly Id[]): Promise<UserRow[]> {
    return this.users.lookup(ids)
  }

  async exists(id: Id): Promise<boolean> {
    return (await this.users.lookup([id])).length === 1
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

  /** Whether nobody has an account yet. */
  async isEmpty(): Promise<boolean> {
    return this.users.isEmpty()
  }

  /** Which of these usernames somebody has. */
  async takenUsernames(usernames: readonly string[]): Promise<string[]> {
    return this.users.findTaken(usernames)
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
      updatedAt: now,
      version: 1,
    }))
    await this.users.add(...created)
    return created
  }

  /** Notes that somebody has signed in. */
  async noteSignIn(id: Id): Promise<void> {
    await this.users.signIn(id)
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

  /** The suspensions that are in force, of these people, with their reasons decrypted. */
  async suspensions(userIds: readonly Id[]): Promise<Suspension[]> {
    const rows = await this.users.findSuspensions(userIds)
    const places = rows.map((row) => ({ ...row, ownerId: row.id }))
    const reasons = await this.db.codec.open(User, 'suspensionReason', places, (row) => row.suspensionReason)
    return rows.map(({ id: userId, suspendedAt, suspendedUntil: endsAt, suspendedById: byId }, index) => {
      return { userId, reason: reasons[index] ?? null, suspendedAt, endsAt, byId }
    })
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
      await users.save({ ...user, ...given, updatedAt: tx.now, version: user.version + 1 })
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

const moment = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** @throws Rejected naming what is neither a locale nor a time zone. */
export function checkProfile({ locale, timeZone }: Pick<UpdateProfileInput, 'locale' | 'timeZone'>): void {
  const problems: Problem[] = []
  const refuse = (field: string, message: string) =>
    problems.push({ code: UserErrorCode.INVALID, field: [field], message })
  if (locale !== undefined && !isLocale(locale)) refuse('locale', LOCALE_ADVICE)
  if (timeZone !== undefined && !isTimeZone(timeZone))
    refuse('timeZone', 'Use an IANA time zone such as `Europe/Berlin`.')
  if (problems.length > 0) throw new Rejected(...problems)
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return /^[A-Za-z]/.test(name)
  } catch {
    return false
  }
}
