import { keepLedger } from '../support/delivery-ledger'

const MESSAGES = 300
const PER_LIFE = 150

test('kill -9 of whoever sends loses no message that is committed, and sends twice only under the same id', async () => {
  const { acknowledged, delivered, repeated, cutOff } = await keepLedger(MESSAGES, PER_LIFE)
  expect(acknowledged.length).toBeGreaterThanOrEqual(MESSAGES)
  expect(cutOff).toBeGreaterThan(0)
  expect(acknowledged.filter((name) => !delivered.has(name))).toEqual([])
  expect([...delivered].filter(([name, ids]) => ids.size !== 1 || name.startsWith('gone'))).toEqual([])
  // What a process had under way when it died, and what a provider has taken without saying so, comes twice; not all of it does.
  expect(repeated).toBeLessThan(acknowledged.length / 2)
}, 300_000)
