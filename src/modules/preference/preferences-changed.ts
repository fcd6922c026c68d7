import { createHash } from 'node:crypto'
import type { Id } from '../../core/id'
import { foreignCursor, fromCursor, toCursor } from '../../core/page'
import type { PreferenceDefinitions } from '../../core/preference-definition'
import type { Database } from '../../db/database'
import { follow, publish, type Following, type StreamEvent } from '../../db/event-stream'
import type { Message, PubSub } from '../../db/pub-sub'
import { groupChanged, membershipsChanged } from '../group/group-changed'
import { PreferenceRepository, type Standing } from './preference.repository'

/*
 * What changes somebody's preferences is told to those who follow them. What they change themselves is an event of their own topic. What
 * a group says is told once, however many its members are: each of them follows their groups, and the cursor carries a fingerprint of
 * how things stand with these, so that whoever comes back is told that something has changed, whatever it was.
 */

/** What may be another one by now; its value is looked up when that is told. */
export interface PreferencesChanged extends Message {
  /** Null for what cannot be named: any of them. */
  keys: readonly string[] | null
  /** The device to which it matters alone; null for all. */
  deviceId: string | null
}

/** What people change of their own. */
export const preferencesTopic = (userId: Id): string => `preferences:${userId}`

/** How many keys a message names, one of which has at most 8,000 bytes in PostgreSQL. */
const MAX_NAMED = 50

/** Tells whoever follows a person's preferences: the last thing that a use case does. */
export async function tellPerson(
  tx: Database,
  userId: Id,
  { keys, deviceId }: { keys: readonly string[]; deviceId: string | null },
): Promise<void> {
  const event: PreferencesChanged = { keys: keys.length > MAX_NAMED ? null : keys, deviceId }
  await publish(tx, [preferencesTopic(userId)], event)
}

/** Tells those members of a group who follow their preferences that it says something else, at commit. */
export async function tellMembers(tx: Database, groupId: Id): Promise<void> {
  await tx.notify(groupChanged(groupId), {})
}

/** What a cursor is one of. */
export const listOf = (userId: Id): string => `preferences-changed:${userId}`

/**
 * What changes the preferences of a person, from now on or from a cursor on, as `follow` tells it.
 * @throws ApiError BAD_USER_INPUT for a cursor that is not one of this person, or from before what is kept.
 */
export async function followPreferences(
  { db, pubSub }: { db: Database; pubSub: PubSub },
  userId: Id,
  after: string | null,
): Promise<AsyncIterableIterator<StreamEvent>> {
  const [own = null, fingerprint = null] = after === null ? [] : fromCursor(listOf(userId), after)
  if (after !== null && !(typeof own === 'string' && typeof fingerprint === 'string')) throw foreignCursor()
  const following = await follow({ db, pubSub }, preferencesTopic(userId), { after: own as string | null })
  const follower = new PreferenceFollower(db, pubSub, userId, following)
  try {
    await follower.begin(fingerprint as string | null)
  } catch (error) {
    await follower.return()
    throw error
  }
  return follower
}

class PreferenceFollower implements AsyncIterableIterator<StreamEvent> {
  private readonly unsubscribe: (() => void)[]
  private readonly groups = new Map<Id, () => void>()
  /** What their groups said when they were last looked at. */
  private standing: readonly Standing[] = []
  private fingerprint = ''
  /** What their groups say may be something else by now: they have to be looked at. */
  private isBehind = false
  /** Something was missed of which nobody knows what it was. */
  private hasMissed = false
  private pending: Promise<IteratorResult<StreamEvent>> | null = null
  private wake: (() => void) | null = null

  constructor(
    private readonly db: Database,
    private readonly pubSub: PubSub,
    private readonly userId: Id,
    private readonly own: Following,
  ) {
    this.unsubscribe = [
      pubSub.subscribe(membershipsChanged(userId), () => this.fallBehind()),
      pubSub.onReconnect(() => this.fallBehind()),
    ]
  }

  async begin(fingerprint: string | null): Promise<void> {
    await this.lookAtGroups()
    this.hasMissed = fingerprint !== null && fingerprint !== this.fingerprint
  }

  async next(): Promise<IteratorResult<StreamEvent>> {
    for (;;) {
      if (this.hasMissed) {
        this.hasMissed = false
        return this.telling({ keys: null, deviceId: null })
      }
      if (this.isBehind) {
        this.isBehind = false
        const keys = await this.lookAtGroups()
        if (keys.length > 0) return this.telling({ keys, deviceId: null })
      }
      this.pending ??= this.own.next()
      const woken = new Promise<null>((resolve) => (this.wake = () => resolve(null)))
      // It may have fallen behind while its groups were looked at.
      const result = this.isBehind ? null : await Promise.race([this.pending, woken])
      this.wake = null
      if (result === null) continue
      this.pending = null
      return result.done ? result : this.telling(result.value.event)
    }
  }

  async return(): Promise<IteratorResult<StreamEvent>> {
    for (const one of [...this.unsubscribe, ...this.groups.values()]) one()
    return this.own.return!()
  }

  [Symbol.asyncIterator]() {
    return this
  }

  private telling(event: Message): IteratorResult<StreamEvent> {
    const cursor = toCursor(listOf(this.userId), [this.own.cursor, this.fingerprint])
    return { done: false, value: { cursor, event } }
  }

  private fallBehind(): void {
    this.isBehind = true
    this.wake?.()
  }

  /** Looks at what their groups say, and answers the keys of what is not as it was. */
  private async lookAtGroups(): Promise<string[]> {
    const groups = new PreferenceRepository(this.db)
    let standing = await groups.standingOf(this.userId)
    // What happens from here on is heard; what has happened before is read.
    while (this.listenTo(standing)) standing = await groups.standingOf(this.userId)
    const before = new Set(this.standing.map(entryOf))
    const now = new Set(standing.map(entryOf))
    const changed = [
      ...this.standing.filter((each) => !now.has(entryOf(each))),
      ...standing.filter((each) => !before.has(entryOf(each))),
    ]
    this.standing = standing
    this.fingerprint = fingerprintOf([...now], this.db.tools.preferences)
    return [...new Set(changed.flatMap(({ key }) => key ?? []))]
  }

  /** Listens to these groups and to no others; returns whether one is new. */
  private listenTo(standing: readonly Standing[]): boolean {
    const groupIds = new Set(standing.map(({ groupId }) => groupId))
    for (const [groupId, stop] of this.groups) {
      if (groupIds.has(groupId)) continue
      stop()
      this.groups.delete(groupId)
    }
    const added = [...groupIds].filter((groupId) => !this.groups.has(groupId))
    for (const groupId of added)
      this.groups.set(
        groupId,
        this.pubSub.subscribe(groupChanged(groupId), () => this.fallBehind()),
      )
    return added.length > 0
  }
}

/** What a group says of a preference, by the membership through which it says so. */
const entryOf = ({ membershipId, key, version }: Standing): string => `${membershipId} ${key} ${version}`

function fingerprintOf(entries: readonly string[], definitions: PreferenceDefinitions): string {
  const defined = [...definitions.values()].map(({ schema, ...definition }) => ({
    ...definition,
    schema: schema.json,
  }))
  return createHash('sha256')
    .update(JSON.stringify([[...entries].sort(), defined]))
    .digest('base64url')
    .slice(0, 22)
}
