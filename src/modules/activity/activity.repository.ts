import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { readPage, selectRows, stretchOf, type ListOrder, type Stretch } from '../../db/page'
import { ownOrWithinReach } from '../../db/reach'
import { ActivityEvent } from './activity-event.entity'
import type { ActivityLink } from './activity-link.entity'

const COLUMNS = [
  'id',
  'occurredAt',
  'receivedAt',
  'kind',
  'name',
  'definitionVersion',
  'retention',
  'properties',
  'path',
  'deviceClass',
  'browser',
  'os',
  'network',
] as const
/** An event with whose it is, be it by what they did before they signed in. */
export type ActivityRow = Pick<ActivityEvent, (typeof COLUMNS)[number]> & { userId: Id }

/** Their ids begin with the moment. */
const NEWEST_FIRST: ListOrder<Pick<ActivityEvent, 'id'>> = { columns: ['id'], descending: true }

/** What a row that is added is made of: the column of each property, in the order of the statement, and its type. */
const ADDED = {
  id: ['id', 'uuid'],
  occurredAt: ['occurred_at', 'timestamptz'],
  receivedAt: ['received_at', 'timestamptz'],
  personId: ['person_id', 'uuid'],
  anonymousId: ['anonymous_id', 'uuid'],
  sessionId: ['session_id', 'uuid'],
  kind: ['kind', 'text'],
  name: ['name', 'text'],
  definitionVersion: ['definition_version', 'integer'],
  retention: ['retention', 'text'],
  properties: ['properties', 'jsonb'],
  path: ['path', 'text'],
  deviceClass: ['device_class', 'text'],
  browser: ['browser', 'text'],
  os: ['os', 'text'],
  network: ['network', 'text'],
} as const satisfies Record<keyof ActivityEvent, readonly [column: string, type: string]>

const PROPERTIES = Object.keys(ADDED) as (keyof ActivityEvent)[]

/**
 * What is there already stays as it is: a client whose answer was lost tells everything again. Its text is the same for any number of
 * events, and it says nothing more where all were added.
 */
const ADD = `WITH linked AS (
    INSERT INTO activity_links (id, person_id, linked_at)
    SELECT * FROM unnest($${PROPERTIES.length + 1}::uuid[], $${PROPERTIES.length + 2}::uuid[], $${PROPERTIES.length + 3}::timestamptz[])
    ON CONFLICT (id) DO NOTHING
  ), added AS (
    INSERT INTO activity_events (${Object.values(ADDED)
      .map(([column]) => column)
      .join(', ')})
    SELECT * FROM unnest(${Object.values(ADDED)
      .map(([, type], index) => `$${index + 1}::${type}[]`)
      .join(', ')})
    ON CONFLICT DO NOTHING RETURNING id
  )
  SELECT count(*)::int AS count, CASE WHEN count(*) < cardinality($1::uuid[]) THEN array_agg(id) END AS ids FROM added`

/**
 * An array as PostgreSQL reads one (§ 8.15.2 of its manual), of which the driver would look at each value in several ways. There are
 * thousands a second.
 */
function arrayOf(values: readonly ActivityEvent[keyof ActivityEvent][]): string {
  let text = '{'
  for (const value of values) {
    if (text.length > 1) text += ','
    if (value === null) text += 'NULL'
    else if (value instanceof Date) text += value.toISOString()
    else {
      const told = typeof value === 'object' ? JSON.stringify(value) : String(value)
      text += `"${told.replaceAll(SPECIAL, '\\$&')}"`
    }
  }
  return `${text}}`
}

const SPECIAL = /["\\]/g

/** Every question about what people have done. They see theirs, `privacy:manage` that of whom it reaches. */
export class ActivityRepository {
  constructor(private readonly db: Database) {}

  /**
   * Adds events, and whom visitors have turned out to be; returns the ids of those that were not there yet.
   * @visibility it is answered which of what was given is new
   */
  async add(events: readonly ActivityEvent[], links: readonly ActivityLink[]): Promise<ReadonlySet<Id>> {
    const [added] = await this.db.query<{ count: number; ids: Id[] | null }>(ADD, [
      ...PROPERTIES.map((property) => arrayOf(events.map((event) => event[property]))),
      links.map(({ id }) => id),
      links.map(({ personId }) => personId),
      links.map(({ linkedAt }) => linkedAt),
    ])
    const { count, ids } = added!
    return new Set(ids ?? (count === 0 ? [] : events.map(({ id }) => id)))
  }

  /** Somebody's events, and those of before they signed in. */
  async list(userId: Id, page: PageRequest): Promise<Page<ActivityRow>> {
    // Each of the two is read along an index; either could be long.
    const parts = [this.known(userId), this.linked(userId)]
    const read = async (stretch: Stretch) => {
      const found = await Promise.all(
        parts.map((part) => stretchOf(part, NEWEST_FIRST, stretch).getRawMany<ActivityRow>()),
      )
      const isForward = stretch.backward
      return found
        .flat()
        .sort((one, other) => (one.id < other.id === isForward ? -1 : 1))
        .slice(0, stretch.limit)
    }
    return readPage<ActivityRow>(this.known(userId), NEWEST_FIRST, page, read)
  }

  async count(userId: Id): Promise<number> {
    return (await this.known(userId).getCount()) + (await this.linked(userId).getCount())
  }

  private known(userId: Id): SelectQueryBuilder<ActivityEvent> {
    return this.visible(userId).andWhere('event.personId = :userId')
  }

  private linked(userId: Id): SelectQueryBuilder<ActivityEvent> {
    return this.visible(userId).andWhere(
      'event.anonymousId = ANY (ARRAY(SELECT id FROM activity_links WHERE person_id = :userId))',
    )
  }

  private visible(userId: Id): SelectQueryBuilder<ActivityEvent> {
    return selectRows(this.db, ActivityEvent, 'event', COLUMNS)
      .addSelect(':userId::uuid', 'userId')
      .where(...ownOrWithinReach(this.db.caller.viewer, ':userId::uuid', 'privacy:manage'))
      .setParameter('userId', userId)
  }
}
