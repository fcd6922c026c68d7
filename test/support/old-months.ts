import { monthsLater } from '../../src/core/clock'
import { newId, type Id } from '../../src/core/id'
import { connected } from '../../src/db/connection'
import { TRAILS, type Trail } from '../../src/modules/audit/trail-row'
import type { World } from './world'

/** The first moment of the month so many months before this one. */
export const monthAgo = (months: number): Date => {
  const now = new Date()
  return monthsLater(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth())), -months)
}

export const partitionOf = (trail: Trail, months: number): string =>
  `${trail}_${monthAgo(months).toISOString().slice(0, 7).replace('-', '_')}`

/** Gives both tables of the trail partitions for months long past, as they would have if Portico had run since then. */
export const makeOldMonths = (world: World, months: readonly number[]): Promise<void> =>
  connected(world.portico.config.databaseOwnerUrl!, async (client) => {
    for (const trail of TRAILS) {
      const past = `partitions.${trail}_past`
      const { rows } = await client.query<{ until: string }>(
        `SELECT substring(pg_get_expr(relpartbound, oid) FROM $$TO \\('([^']+)'\\)$$) AS until FROM pg_class WHERE oid = $1::regclass`,
        [past],
      )
      await client.query(
        `ALTER TABLE public.${trail} DETACH PARTITION ${past};
         ALTER TABLE public.${trail} ATTACH PARTITION ${past} FOR VALUES FROM ('${monthAgo(Math.min(...months) - 1).toISOString()}') TO ('${rows[0]!.until}')`,
      )
      for (const ago of months)
        await client.query(
          `CREATE TABLE partitions.${partitionOf(trail, ago)} PARTITION OF public.${trail}
             FOR VALUES FROM ('${monthAgo(ago).toISOString()}') TO ('${monthAgo(ago - 1).toISOString()}')`,
        )
    }
  })

interface Told {
  at: Date
  action?: string
  details?: object
  actorId?: Id
  impersonatorId?: Id
  subjectId?: Id
}

/** An event as it could have been written at that time, or by whoever may write now; its id. */
export async function eventAt(world: World, { at, ...told }: Told): Promise<Id> {
  const id = newId(at)
  await world.db.query(
    `INSERT INTO audit_events (id, occurred_at, action, outcome, owner_id, is_security_event, details, actor_id, impersonator_id, subject_id)
     VALUES ($1, $2, $3, 'success', gen_random_uuid(), false, $4, $5, $6, $7)`,
    [
      id,
      at,
      told.action ?? 'post.created',
      told.details ?? {},
      told.actorId ?? null,
      told.impersonatorId ?? null,
      told.subjectId ?? null,
    ],
  )
  return id
}

/** A record of access as it could have been written at that time; its id. */
export async function accessAt(world: World, at: Date, readerId: Id, subjectId: Id): Promise<Id> {
  const id = newId(at)
  await world.db.query(
    `INSERT INTO access_records (id, occurred_at, reader_id, subject_id, roles, fields) VALUES ($1, $2, $3, $4, '{}', '{email}')`,
    [id, at, readerId, subjectId],
  )
  return id
}
