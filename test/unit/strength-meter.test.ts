import { once } from 'node:events'
import { SECOND } from '../../src/core/clock'
import { StrengthMeter } from '../../src/crypto/strength-meter'

/** The thread of a meter: what these tests are about is what becomes of it. */
const threadOf = (meter: StrengthMeter) => (meter as unknown as { worker: Worker | null }).worker
type Worker = import('node:worker_threads').Worker

const PATIENT = 20 * SECOND

/** Patterns within patterns, which take far longer than a tick. */
const HOSTILE = '4@8({[</369&#!1/|0$5+720'.repeat(50)

describe('the strength of a password', () => {
  const meter = new StrengthMeter(PATIENT)
  afterAll(() => meter.stop())

  test('is told with what is weak and how it could be better', async () => {
    const weak = await meter.measure('password1', [])
    expect(weak).toMatchObject({ score: 0, warning: expect.stringMatching(/common/i) })
    expect(weak!.suggestions.length).toBeGreaterThan(0)
    const strong = await meter.measure('kettle sang winter lamps across', [])
    expect(strong).toMatchObject({ score: 4, warning: null })
  })

  test('is less for somebody who knows its owner', async () => {
    const score = async (words: string[]) => (await meter.measure('brunhilde.wunderlich', words))!.score
    expect(await score(['brunhilde.wunderlich'])).toBeLessThan(await score([]))
  })

  test('of a hostile one, long and full of patterns, is found out from its beginning', async () => {
    const words = Array.from({ length: 1_000 }, (_, index) => `${index}`.repeat(1_000))
    expect((await meter.measure(HOSTILE, words))!.score).toBe(
      (await meter.measure(HOSTILE.slice(0, 60), []))!.score,
    )
  })

  test('is told to as many as may wait, and the rest get none', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => meter.measure('kettle sang winter', [])),
    )
    expect(answers.filter((answer) => answer !== null)).toHaveLength(16)
    expect(await meter.measure('kettle sang winter', [])).not.toBeNull()
  })
})

describe('the thread', () => {
  test('starts with the first question, and again after it has died', async () => {
    const meter = new StrengthMeter(PATIENT)
    expect(threadOf(meter)).toBeNull()
    expect(await meter.measure('kettle sang winter', [])).not.toBeNull()
    const first = threadOf(meter)!
    const waiting = meter.measure('kettle sang winter', [])
    const ended = once(first, 'exit')
    await first.terminate()
    await ended
    // Whether it had answered before it died is chance; that somebody is answered is not.
    await waiting
    expect(await meter.measure('kettle sang winter', [])).not.toBeNull()
    expect(threadOf(meter)).not.toBe(first)
    await meter.stop()
  })

  test('that takes too long is given up, and the next question is answered by another', async () => {
    const meter = new StrengthMeter(PATIENT)
    await meter.measure('kettle sang winter', [])
    const first = threadOf(meter)!
    Object.assign(meter, { patience: 0 })
    expect(await meter.measure(HOSTILE, [])).toBeNull()
    Object.assign(meter, { patience: PATIENT })
    expect(await meter.measure('kettle sang winter', [])).not.toBeNull()
    expect(threadOf(meter)).not.toBe(first)
    await meter.stop()
  })

  test('that still loads when the patience ends is let be', async () => {
    const meter = new StrengthMeter(0)
    expect(await meter.measure('kettle sang winter', [])).toBeNull()
    const first = threadOf(meter)
    expect(first).not.toBeNull()
    Object.assign(meter, { patience: PATIENT })
    expect(await meter.measure('kettle sang winter', [])).not.toBeNull()
    expect(threadOf(meter)).toBe(first)
    await meter.stop()
  })

  test('ends with the meter, and whoever waits gets no advice', async () => {
    const meter = new StrengthMeter(PATIENT)
    const waiting = meter.measure('kettle sang winter', [])
    await meter.stop()
    expect(await waiting).toBeNull()
    expect(threadOf(meter)).toBeNull()
  })
})
