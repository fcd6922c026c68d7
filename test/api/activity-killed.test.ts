import { keepActivityLedger, type Victim } from '../support/activity-ledger'

const KILLS = 2
const PER_LIFE = 200

test(`kill -9 of Node and of PostgreSQL, ${KILLS} times, loses no event that was acknowledged, and keeps none twice`, async () => {
  const victims = Array.from({ length: KILLS }, (_, index): Victim => (index % 2 === 0 ? 'node' : 'postgres'))
  const { acknowledged, kept, toldAgain } = await keepActivityLedger(victims, PER_LIFE)
  expect(acknowledged.size).toBeGreaterThan(KILLS * PER_LIFE * 0.5)
  expect(toldAgain).toBeGreaterThan(0)
  const there = new Set(kept)
  expect([...acknowledged].filter((id) => !there.has(id))).toEqual([])
  expect(kept).toHaveLength(there.size)
  // Every client has gone on until it had its answer.
  expect(there.size).toBe(acknowledged.size)
}, 120_000)
