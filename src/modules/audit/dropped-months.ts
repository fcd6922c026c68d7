import type { ClientBase } from 'pg'
import type { Seal } from './seal'
import { KEPT_FOR } from './trail-partitions'
import type { Problem } from './trail-problem'
import { asText, nameOf, type RowKey } from './trail-row'

/** What an event says: that these months of a table were dropped. Months are `2026-07`; null stands for the beginning. */
interface Drop {
  table: string
  from: string | null
  until: string
  /** The event, as `nameOf` has it. */
  event: string
  /** The number of the seal under which the event stands as it was sealed; null where it is not sealed yet. */
  seal: number | null
  isBelieved: boolean
}

/** Rows that are gone and would be rightly so if one of some events could be believed. */
interface Excused {
  drops: readonly Drop[]
  problems: Problem[]
  count: number
}

/** How many rows are remembered one by one, for each set of events that excuse them. */
const REMEMBERED = 1_000

const YEARS = Number.parseInt(KEPT_FOR, 10)

/**
 * What was dropped from the trail because its time was over, as the trail itself says. Anybody who may write could say so of any
 * month, and would find it sealed a minute later. So an event is believed only as it was sealed, and only of whole months that had ended
 * six years before its own date and before that of its seal, which is dated by whoever holds the keyring; before now, where it waits
 * for its seal. What else is gone is missing.
 */
export class DroppedMonths {
  private readonly drops: ReadonlyMap<string, Drop>
  private readonly covering = new Map<string, readonly Drop[]>()
  private readonly excused = new Map<readonly Drop[], Excused>()
  private readonly doubted: (readonly [number, number])[] = []

  private constructor(
    drops: readonly Drop[],
    private readonly now: Date,
  ) {
    this.drops = new Map(drops.map((drop) => [drop.event, drop]))
  }

  /** Reads what the trail says. */
  static async read(client: ClientBase, now: Date): Promise<DroppedMonths> {
    const { rows } = await client.query<Pick<RowKey, 'id' | 'occurredAt'> & { details: unknown }>(
      `SELECT id::text, ${asText('occurred_at')} AS "occurredAt", details FROM public.audit_events
       WHERE action = 'trail.partition-dropped' ORDER BY occurred_at, id`,
    )
    return new DroppedMonths(rows.flatMap(dropOf), now)
  }

  /** A row of the trail is sealed; `isAsSealed` tells whether nothing of it, its entry and its seal was altered. */
  meet(row: RowKey, { number, sealedAt }: Pick<Seal, 'number' | 'sealedAt'>, isAsSealed: boolean): void {
    const drop = this.drops.get(nameOf(row))
    if (!drop) return
    drop.isBelieved &&= isAsSealed && hadBeenKept(drop, sealedAt)
    drop.seal = number
  }

  /** No key that is known vouches for these seals. */
  doubt(from: number, until: number): void {
    this.doubted.push([from, until])
  }

  /** Takes note of a row that is gone. False where no event says that it was dropped. */
  excuses({ trail, occurredAt }: RowKey, problem: () => Problem): boolean {
    const drops = this.dropsOf(trail, monthOf(occurredAt))
    if (drops.length === 0) return false
    const excused = this.excused.get(drops) ?? { drops, problems: [], count: 0 }
    this.excused.set(drops, excused)
    if (excused.count++ < REMEMBERED) excused.problems.push(problem())
    return true
  }

  /** Once everything was compared: how many rows were dropped rightly, and what is to be told of the others. */
  judge(): { dropped: number; missing: Pick<Excused, 'problems' | 'count'>[] } {
    const all = [...this.excused.values()]
    const missing = all.filter(({ drops }) => !drops.some((drop) => this.believes(drop)))
    const dropped = all.filter((one) => !missing.includes(one)).reduce((sum, { count }) => sum + count, 0)
    return { dropped, missing }
  }

  private believes(drop: Drop): boolean {
    const { seal, isBelieved } = drop
    if (seal === null) return hadBeenKept(drop, this.now.toISOString())
    return isBelieved && !this.doubted.some(([from, until]) => seal >= from && seal <= until)
  }

  private dropsOf(table: string, month: string): readonly Drop[] {
    const key = `${table} ${month}`
    const known = this.covering.get(key)
    if (known) return known
    const drops = [...this.drops.values()].filter(
      (drop) => drop.table === table && (drop.from === null || drop.from <= month) && month < drop.until,
    )
    this.covering.set(key, drops)
    return drops
  }
}

/** The month of a moment as PostgreSQL writes it in UTC. */
const monthOf = (moment: string): string => moment.slice(0, 7)

/** What an event says; nothing where that is not what Portico would say. */
function dropOf({
  id,
  occurredAt,
  details,
}: Pick<RowKey, 'id' | 'occurredAt'> & { details: unknown }): Drop[] {
  const { table, from, until } = (details ?? {}) as Record<string, unknown>
  const [first, end] = [beginningOf(from), beginningOf(until)]
  if (typeof table !== 'string' || end === null || (first === null && from !== null)) return []
  const event = nameOf({ trail: 'audit_events', id, occurredAt })
  const drop: Drop = { table, from: first, until: end, event, seal: null, isBelieved: true }
  return hadBeenKept(drop, occurredAt) ? [drop] : []
}

/** The month that begins with a moment; null for what is not the beginning of one. */
const beginningOf = (moment: unknown): string | null =>
  /^(\d{4}-\d\d)-01T00:00:00\.000Z$/.exec(String(moment))?.[1] ?? null

/** Whether all of these months had been kept for long enough at a moment. */
function hadBeenKept({ until }: Pick<Drop, 'until'>, moment: string): boolean {
  const [year, month] = until.split('-')
  return monthOf(moment) >= `${String(Number(year) + YEARS).padStart(4, '0')}-${month}`
}
