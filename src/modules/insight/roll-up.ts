import type { Database } from '../../db/database'
import type { Job } from '../../db/task'
import type { FactSet } from './fact-set'
import { FACT_SETS } from './facts'
import { InsightRepository } from './insight.repository'

/** How many marks one step takes. */
const BATCH = 2_000

/** How many slots are counted by one statement. */
const SLOTS = 500

/**
 * Counts anew what has changed since it was counted, step by step. A step takes marks away and counts what they mark in one transaction,
 * so whoever dies in between has done nothing; and what is counted is what is there, so nothing is counted twice.
 */
export async function rollUp({ db, stopping }: Pick<Job, 'db' | 'stopping'>): Promise<number> {
  let rolled = 0
  for (;;) {
    const taken = await db.transaction((tx) => rollSome(tx))
    rolled += taken
    if (taken < BATCH) return rolled
    stopping.throwIfAborted()
  }
}

async function rollSome(tx: Database): Promise<number> {
  const insight = new InsightRepository(tx)
  await insight.lock()
  const { marks, taken } = await insight.takeMarks(BATCH)
  for (const facts of FACT_SETS) {
    const slots = new Map(
      marks
        .filter(({ source }) => facts.sources.includes(source))
        .map(({ slotAt }) => [slotAt.getTime(), slotAt]),
    )
    const list = [...slots.values()]
    for (let next = 0; next < list.length; next += SLOTS)
      await insight.roll(facts, list.slice(next, next + SLOTS))
  }
  return taken
}

/**
 * Counts all anew, one kind of facts after the other, each in a transaction: as far back as the tables keep everything that it is counted
 * from, so that no figure is lost with them. Returns whether each kind was as it should be, before.
 */
export async function rebuild(db: Database): Promise<{ facts: string; differences: number }[]> {
  const found: { facts: string; differences: number }[] = []
  for (const facts of FACT_SETS) {
    const differences = await db.transaction(async (tx) => {
      const insight = new InsightRepository(tx)
      await insight.lock()
      const since = await keptSince(tx, facts)
      const before = await insight.differences(facts, since)
      await insight.rebuild(facts, since)
      return before
    })
    found.push({ facts: facts.name, differences })
  }
  return found
}

/** How many rows of each kind differ from a recount; what is marked and has yet to be counted differs rightly. */
export async function check(db: Database): Promise<{ facts: string; differences: number }[]> {
  const found: { facts: string; differences: number }[] = []
  for (const facts of FACT_SETS) {
    const since = await keptSince(db, facts)
    found.push({ facts: facts.name, differences: await new InsightRepository(db).differences(facts, since) })
  }
  return found
}

/** Since when the tables keep all that is counted; null for always. Whole slots. */
async function keptSince(db: Database, { keptFor }: FactSet): Promise<Date | null> {
  if (keptFor === null) return null
  return new InsightRepository(db).ago(keptFor, db.now)
}
