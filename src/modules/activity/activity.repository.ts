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

/** The column of each property that is an event's own, and its type. */
const OWN = {
  id: ['id', 'uuid'],
  occurredAt: ['occurred_at', 'timestamptz'],
  properties: ['properties', 'jsonb'],
  path: ['path', 'text'],
} as const satisfies Partial<Record<keyof ActivityEvent, readonly [column: string, type: string]>>

/** Of each that many have in common which are told together: they are sent once for all of them. */
const SHARED = {
  receivedAt: ['received_at', 'timestamptz'],
  personId: ['person_id', 'uuid'],
  anonymousId: ['anonymous_id', 'uuid'],
  sessionId: ['session_id', 'uuid'],
  kind: ['kind', 'text'],
  name: ['name', 'text'],
  definitionVersion: ['definition_version', 'integer'],
  retention: ['retention', 'text'],
  deviceClass: ['device_class', 'text'],
  browser: ['browser', 'text'],
  os: ['os', 'text'],
  network: ['network', 'text'],
} as const satisfies Record<
  Exclude<keyof ActivityEvent, keyof typeof OWN>,
  readonly [column: string, type: string]
>

/** What events have in common that were told together: whose they are, and what was done. */
export type SharedActivity = Pick<ActivityEvent, keyof typeof SHARED>

export type NewActivity = Pick<ActivityEvent, keyof typeof OWN> & { shared: SharedActivity }

const OWN_PROPERTIES = Object.keys(OWN) as (keyof typeof OWN)[]
const SHARED_PROPERTIES = Object.keys(SHARED) as (keyof typeof SHARED)[]

type Columns = Record<string, readonly [column: string, type: string]>
const columnsOf = (columns: Columns) => Object.values(columns).map(([column]) => column)
const typesOf = (columns: Columns) => Object.values(columns).map(([, type]) => type)

/** So many parameters, each an array of such a type. */
const arrays = (types: readonly string[], after: number): string =>
  types.map((type, index) => `$${after + index + 1}::${type}[]`).join(', ')

const OWN_TYPES = [...typesOf(OWN), 'integer']
const LINK_TYPES = ['uuid', 'uuid', 'timestamptz']

/**
 * What is there already stays as it is: a client whose answer was lost tells everything again. Its text is the same for any number of
 * events, and it says nothing more where all were added.
 */
const ADD = `WITH linked AS (
    INSERT INTO activity_links (id, person_id, linked_at)
    SELECT * FROM unnest(${arrays(LINK_TYPES, OWN_TYPES.length + SHARED_PROPERTIES.length)})
    ON CONFLICT (id) DO NOTHING
  ), added AS (
    INSERT INTO activity_events (${[...columnsOf(OWN), ...columnsOf(SHARED)].join(', ')})
    SELECT ${[...columnsOf(OWN).map((column) => `own.${column}`), ...columnsOf(SHARED).map((column) => `shared.${column}`)].join(', ')}
    FROM unnest(${arrays(OWN_TYPES, 0)}) own (${columnsOf(OWN).join(', ')}, number)
      JOIN unnest(${arrays(typesOf(SHARED), OWN_TYPES.length)}) WITH ORDINALITY shared (${columnsOf(SHARED).join(', ')}, number) USING (number)
    ON CONFLICT DO NOTHING RETURNING id
  )
  SELECT count(*)::int AS count, CASE WHEN count(*) < cardinality($1::uuid[]) THEN array_agg(id) END AS ids FROM added`

/**
 * An array as PostgreSQL reads one (§ 8.15.2 of its manual), of which the driver would look at each value in several ways. There are
 * thousands a second.
 */
function arrayOf(values: readonly (ActivityEvent[keyof ActivityEvent] | number)[]): string {
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
  async add(events: readonly NewActivity[], links: readonly ActivityLink[]): Promise<ReadonlySet<Id>> {
    const numbers = new Map<SharedActivity, number>()
    for (const { shared } of events) if (!numbers.has(shared)) numbers.set(shared, numbers.size + 1)
    const shared = [...numbers.keys()]
    const [added] = await this.db.query<{ count: number; ids: Id[] | null }>(ADD, [
      ...OWN_PROPERTIES.map((property) => arrayOf(events.map((event) => event[property]))),
      events.map((event) => numbers.get(event.shared)!),
      ...SHARED_PROPERTIES.map((property) => arrayOf(shared.map((each) => each[property]))),
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
