import { keepLedger } from '../support/delivery-ledger'

const PER_LIFE = 700
const MESSAGES = 10_000

test(`kill -9 at random moments over ${MESSAGES} messages loses none, and sends twice only under the same id`, async () => {
  const { acknowledged, delivered, repeated, cutOff } = await keepLedger(MESSAGES, PER_LIFE)
  process.stderr.write(
    `${JSON.stringify({ acknowledged: acknowledged.length, delivered: delivered.size, repeated, cutOff })}\n`,
  )
  expect(acknowledged.length).toBeGreaterThanOrEqual(MESSAGES)
  expect(acknowledged.filter((name) => !delivered.has(name))).toEqual([])
  expect([...delivered].filter(([name, ids]) => ids.size !== 1 || name.startsWith('gone'))).toEqual([])
}, 1_800_000)
