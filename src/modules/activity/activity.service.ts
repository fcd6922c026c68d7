import { coarseNetwork } from '../../core/address'
import type { Id } from '../../core/id'
import type { ActivityDefinition } from '../../core/activity-definition'
import type { Page, PageRequest } from '../../core/page'
import { holdsUnasked } from '../../core/purpose'
import { impersonatorOf, viewerId } from '../../core/viewer'
import { Database } from '../../db/database'
import type { TrackActivityInput } from './activity.input'
import type { RefusedActivity } from './activity.payload'
import { ActivityRepository, type ActivityRow } from './activity.repository'
import { deviceOf } from './device'
import { bufferOf, type Stored } from './store-activity'
import { readActivity, type ToldActivity } from './told-activity'

export type { ActivityRow }

/** What became of what was told. */
export interface Tracked extends Stored {
  refused: RefusedActivity[]
}

/** What people do: told by clients, kept as far as people agree, read by themselves. */
export class ActivityService {
  constructor(private readonly db: Database) {}

  /** What there is to be told, in the order in which it is defined. */
  definitions(): ActivityDefinition[] {
    return [...this.db.tools.activity.definitions.values()]
  }

  /**
   * Keeps what was done. What is told wrongly is refused one by one, and stands in nobody's way.
   * @throws ApiError RATE_LIMITED where more is told than can be stored.
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
    const { caller } = this.db
    const personId = viewerId(caller.viewer)
    // Whoever acts as somebody does nothing of theirs.
    const isFollowed = caller.objectsToTracking !== true && impersonatorOf(caller.viewer) === null
    const kept = isFollowed
      ? told.filter(({ definition }) => personId !== null || this.isAgreed(definition, consentedPurposeIds))
      : []
    const withheld = told.length - kept.length
    if (kept.length === 0) return { accepted: 0, duplicates: 0, withheld, refused }
    const sessionId = caller.viewer.kind === 'signed-in' ? caller.viewer.sessionId : null
    const stored = await bufferOf(tools).add({
      personId,
      anonymousId: anonymousId?.toLowerCase() ?? null,
      rows: kept.map(({ definition, version, ...event }) => ({
        purposeId: definition.purposeId,
        event: {
          ...event,
          receivedAt: now,
          personId,
          anonymousId: personId === null ? (anonymousId?.toLowerCase() ?? null) : null,
          sessionId,
          kind: definition.kind,
          name: definition.key,
          definitionVersion: version,
          retention: definition.retention,
          ...deviceOf(caller.userAgent),
          network: caller.address === null ? null : coarseNetwork(caller.address),
        },
      })),
    })
    return { ...stored, withheld: stored.withheld + withheld, refused }
  }

  /** Somebody's, newest first, with what they did before they signed in. */
  async list(userId: Id, page: PageRequest): Promise<Page<ActivityRow>> {
    return new ActivityRepository(this.db).list(userId, page)
  }

  async count(userId: Id): Promise<number> {
    return new ActivityRepository(this.db).count(userId)
  }

  /** Whether what a visitor does may be kept, who is known to nobody: as their client says, or unasked. */
  private isAgreed({ purposeId }: ActivityDefinition, consented: readonly string[]): boolean {
    const purpose = this.db.tools.purposes.get(purposeId)
    return purpose !== undefined && (holdsUnasked(purpose) || consented.includes(purposeId))
  }
}
