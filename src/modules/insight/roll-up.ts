import type { Database } from '../../db/database'
import type { Job } from '../../db/task'
import type { FactSet } from './fact-set'
import { FACT_SETS } from './facts'
import { InsightRepository } from './insight.repository'

/** How many marks one step takes, besides those of the same slots. */
const BATCH = 1_000

/** How many slots are counted by one statement, which may take a minute. */
const SLOTS = 50

/**
 * Counts anew what has changed since it was counted, step by step. A step takes marks away and counts what they mark in one transaction,
 * so whoever dies in between has done nothing; and what is counted is what is there, so nothing is counted twice.
 */
export async function rollUp({ db, stopping }: Pick<Job, 'db' | 'stopping'>): Promise<void> {
  while (!(await db.transaction((tx) => rollSome(tx)))) stopping.throwIfAborted()
}

/** One step; whether it was the last one. */
async function rollSome(tx: Database): Promise<boolean> {
  const insight = new InsightRepository(tx)
  await insight.lock()
  const { marks, isLast } = await insight.takeMarks(BATCH)
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
  return isLast
}

/** How many rows of one kind of facts are not as a recount finds them. */
export interface Difference {
  facts: string
  differences: number
}

/** How far back is counted. */
export interface HowFar {
  /** All, though the tables may have forgotten a part of it; else as far back as they keep everything that is counted. */
  all?: boolean
}

/**
 * Counts all anew, one kind of facts after the other, each in a transaction, so that no figure is lost with the rows that it was counted
 * from. Returns what was not as it should be, before.
 */
export async function rebuild(
  { db, stopping }: Pick<Job, 'db' | 'stopping'>,
  howFar: HowFar = {},
): Promise<Difference[]> {
  const found: Difference[] = []
  for (const facts of FACT_SETS) {
    stopping.throwIfAborted()
    const differences = await db.transaction(async (tx) => {
      const insight = new InsightRepository(tx)
      await insight.lock()
      const since = await keptSince(tx, facts, howFar)
      const before = await insight.differences(facts, since)
      await insight.rebuild(facts, since)
      return before
    })
    found.push({ facts: facts.name, differences })
  }
  return found
}

/** What is not as a recount finds it; what is marked and has yet to be counted differs rightly. */
export async function check(db: Database, howFar: HowFar = {}): Promise<Difference[]> {
  const found: Difference[] = []
  for (const facts of FACT_SETS) {
    const since = await keptSince(db, facts, howFar)
    found.push({ facts: facts.name, differences: await new InsightRepository(db).differences(facts, since) })
  }
  return found
}

/** Since when the tables keep all that is counted; null for always. */
async function keptSince(db: Database, { keptFor }: FactSet, { all = false }: HowFar): Promise<Date | null> {
  return keptFor === null || all ? null : new InsightRepository(db).ago(keptFor, db.now)
}
