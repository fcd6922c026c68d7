import { escapeLiteral } from 'pg'
import { PLANNED_ANEW } from '../../src/db/preparing-client'
import { unique, type Statement, type World } from './world'

/** A step of what PostgreSQL does for a statement (EXPLAIN, FORMAT JSON); some are known once it has been carried out. */
export interface Plan {
  'Node Type': string
  'Join Type'?: string
  'Index Name'?: string
  'Relation Name'?: string
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}

export interface Explained {
  Plan: Plan
  /** In milliseconds. */
  'Execution Time': number
}

/** A plan with all that it consists of. */
export const flatten = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(flatten)]

/** How often PostgreSQL plans what is prepared for what it is given, before it may settle on one plan for all. */
const CUSTOM_PLANS = 5

/**
 * What PostgreSQL does for statements of one request that have been sent often: each as Portico sends it, prepared or planned anew, and
 * each at its best of so many rounds. Settings among them are made.
 */
export async function explain(
  world: World,
  statements: readonly Statement[],
  rounds: number,
): Promise<Explained[]> {
  return world.db.transaction(async (tx) => {
    const explained: Explained[] = []
    for (const [sql, parameters] of statements) {
      if (sql.startsWith('SET LOCAL')) {
        await tx.query(sql)
        continue
      }
      const isPlannedAnew = sql.startsWith(`/* ${PLANNED_ANEW}`)
      const name = unique('prepared_')
      const execute = `EXECUTE ${name}${parameters.length > 0 ? `(${parameters.map(literal).join(', ')})` : ''}`
      await tx.query(`SET LOCAL plan_cache_mode = ${isPlannedAnew ? 'force_custom_plan' : 'auto'}`)
      await tx.query(`PREPARE ${name} AS ${sql}`)
      if (!isPlannedAnew) for (let before = 0; before < CUSTOM_PLANS; before++) await tx.query(execute)
      const found: Explained[] = []
      for (let round = 0; round < rounds; round++) {
        const [row] = await tx.query<{ 'QUERY PLAN': [Explained] }>(
          `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${execute}`,
        )
        found.push(row!['QUERY PLAN'][0])
      }
      await tx.query(`DEALLOCATE ${name}`)
      explained.push(
        found.reduce((best, one) => (one['Execution Time'] < best['Execution Time'] ? one : best)),
      )
    }
    return explained
  })
}

const literal = (value: unknown): string =>
  value === null || value === undefined ? 'NULL' : escapeLiteral(textOf(value))

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map((item) => JSON.stringify(textOf(item))).join()}}`
  if (value instanceof Date) return value.toISOString()
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`
  return String(value)
}
