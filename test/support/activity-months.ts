import { newId, type Id } from '../../src/core/id'
import type { ActivityRetention } from '../../src/core/activity-definition'
import { connected } from '../../src/db/connection'
import { monthAgo } from './old-months'
import type { World } from './world'

/** What the month of activity is called that was so many months ago. */
export const activityMonth = (months: number): string =>
  `activity_events_${monthAgo(months).toISOString().slice(0, 7).replace('-', '_')}`

/** Gives activity partitions for months long past, as it would have if Portico had run since then. */
export const makeActivityMonths = (world: World, months: readonly number[]): Promise<void> =>
  connected(world.portico.config.databaseOwnerUrl!, async (client) => {
    for (const ago of months)
      await client.query(
        `CREATE TABLE partitions.${activityMonth(ago)} PARTITION OF public.activity_events
           FOR VALUES FROM ('${monthAgo(ago).toISOString()}') TO ('${monthAgo(ago - 1).toISOString()}')`,
      )
  })

interface Did {
  at: Date
  retention?: ActivityRetention
  personId?: Id
  anonymousId?: Id
}

/** Something that was done at that time; its id. */
export async function activityAt(world: World, { at, retention, personId, anonymousId }: Did): Promise<Id> {
  const id = newId(at)
  await world.db.query(
    `INSERT INTO activity_events (id, occurred_at, received_at, person_id, anonymous_id, kind, name, definition_version, retention, properties)
     VALUES ($1, $2, $2, $3, $4, 'CUSTOM', 'old.thing', 1, $5, '{}')`,
    [id, at, personId ?? null, anonymousId ?? null, retention ?? 'STANDARD'],
  )
  return id
}
