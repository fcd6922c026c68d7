import { API_REQUESTED } from '../../config/activity'
import { coarseNetwork } from '../../core/address'
import { SECOND } from '../../core/clock'
import { Rejected, UserErrorCode } from '../../core/error'
import { newId, type Id } from '../../core/id'
import type { ActivityDefinition } from '../../core/activity-definition'
import type { Page, PageRequest } from '../../core/page'
import { holdsUnasked } from '../../core/purpose'
import { impersonatorOf, viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import type { TrackActivityInput } from './activity.input'
import type { RefusedActivity } from './activity.payload'
import { ActivityRepository, type ActivityRow, type SharedActivity } from './activity.repository'
import { deviceOf } from './device'
import { lingeringOf } from './lingering-activity'
import { bufferOf, type ActivityBatch, type Stored } from './store-activity'
import { readActivity, type ToldActivity } from './told-activity'

export type { ActivityRow }

/** What became of what was told. */
export interface Tracked extends Stored {
  refused: RefusedActivity[]
}

const rejectedAltogether = (refused: RefusedActivity[]): Rejected =>
  new Rejected(
    ...refused.map(({ index, field, message }) => ({
      code: UserErrorCode.INVALID,
      field: ['events', String(index), field],
      message,
    })),
  ).answering({ accepted: 0, duplicates: 0, withheld: 0, refused })

/** An operation of the API that was carried out. */
export interface DoneOperation {
  /** As its client calls it. */
  name: string | null
  type: 'query' | 'mutation'
  /** `OK`, or the code of its first error. */
  outcome: string
  /** In milliseconds. */
  duration: number
}

/** How long it took, as coarsely as figures need it. */
const DURATIONS = [
  { below: 10, name: '<10ms' },
  { below: 100, name: '<100ms' },
  { below: SECOND, name: '<1s' },
  { below: 10 * SECOND, name: '<10s' },
  { below: Infinity, name: '≥10s' },
]

/** What people do: told by clients, kept as far as people agree, read by themselves. */
export class ActivityService {
  constructor(private readonly db: Database) {}

  /** What there is to be told, in the order in which it is defined. */
  definitions(): ActivityDefinition[] {
    return [...this.db.tools.activity.definitions.values()]
  }

  /**
   * Keeps what was done. What is told wrongly is refused one by one, and is in nobody's way.
   * @throws ApiError RATE_LIMITED where more is told than can be stored; Rejected INVALID where all of it is told wrongly.
   */
  async track({ events, anonymousId, consentedPurposeIds = [] }: TrackActivityInput): Promise<Tracked> {
    const { now, tools } = this.db
    const told: ToldActivity[] = []
    const refused: RefusedActivity[] = []
    events.forEach((event, index) => {
      const read = readActivity(tools.activity.definitions, event, now)
      if ('message' in read) refused.push({ index, ...read })
      else told.push(read)
    })
    if (told.length === 0) throw rejectedAltogether(refused)
    const personId = viewerId(this.db.caller.viewer)
    const kept = this.isFollowed()
      ? told.filter(({ definition }) => personId !== null || this.isAgreed(definition, consentedPurposeIds))
      : []
    const withheld = told.length - kept.length
    if (kept.length === 0) return { accepted: 0, duplicates: 0, withheld, refused }
    const stored = await bufferOf(tools).add(this.batchOf(kept, anonymousId?.toLowerCase() ?? null))
    return { ...stored, withheld: stored.withheld + withheld, refused }
  }

  /** Notes an operation of the API, if this is one of those that are recorded. Nothing waits for it. */
  noteOperation({ name, type, outcome, duration }: DoneOperation): void {
    const { definitions, apiShare } = this.db.tools.activity
    if (apiShare === 0 || Math.random() >= apiShare || !this.isFollowed()) return
    const definition = definitions.get(API_REQUESTED)!
    if (viewerId(this.db.caller.viewer) === null && !this.isAgreed(definition, [])) return
    const noted: ToldActivity = {
      id: newId(this.db.now),
      occurredAt: this.db.now,
      definition,
      version: definition.version,
      properties: {
        ...(name !== null && { operation: name.slice(0, 100) }),
        ...{ type, outcome, duration: DURATIONS.find(({ below }) => duration < below)!.name },
      },
      path: null,
    }
    lingeringOf(this.db.tools).offer(this.batchOf([noted], null))
  }

  /** Somebody's, newest first, with what they did before they signed in. */
  async list(userId: Id, page: PageRequest): Promise<Page<ActivityRow>> {
    return new ActivityRepository(this.db).list(userId, page)
  }

  async count(userId: Id): Promise<number> {
    return new ActivityRepository(this.db).count(userId)
  }

  /** Whoever acts as somebody does nothing of theirs; and a client may ask that nobody is followed. */
  private isFollowed(): boolean {
    const { viewer, objectsToTracking } = this.db.caller
    return objectsToTracking !== true && impersonatorOf(viewer) === null
  }

  private batchOf(told: readonly ToldActivity[], anonymousId: Id | null): ActivityBatch {
    const { viewer, address, userAgent } = this.db.caller
    const personId = viewerId(viewer)
    const receivedAt = this.db.now
    const sessionId = viewer.kind === 'signed-in' ? viewer.sessionId : null
    const network = address === null ? null : coarseNetwork(address)
    const { deviceClass, browser, os } = deviceOf(userAgent)
    const all = new Map<string, SharedActivity>()
    const sharedOf = ({ kind, key, retention }: ActivityDefinition, version: number): SharedActivity => {
      const known = all.get(`${key} ${version}`)
      if (known) return known
      const made = {
        ...{ receivedAt, personId, anonymousId: personId === null ? anonymousId : null, sessionId },
        ...{ kind, name: key, definitionVersion: version, retention, deviceClass, browser, os, network },
      }
      all.set(`${key} ${version}`, made)
      return made
    }
    const rowOf = ({ definition, version, id, occurredAt, properties, path }: ToldActivity) => ({
      purposeId: definition.purposeId,
      event: { id, occurredAt, properties, path, shared: sharedOf(definition, version) },
    })
    return { personId, anonymousId, rows: told.map(rowOf) }
  }

  /** Whether what a visitor does may be kept, who is known to nobody: as their client says, or unasked. */
  private isAgreed({ purposeId }: ActivityDefinition, consented: readonly string[]): boolean {
    const purpose = this.db.tools.purposes.get(purposeId)
    return purpose !== undefined && (holdsUnasked(purpose) || consented.includes(purposeId))
  }
}
