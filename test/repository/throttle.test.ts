import { randomBytes } from 'node:crypto'
import { DAY, MINUTE, SECOND } from '../../src/core/clock'
import { ThrottleRepository } from '../../src/modules/throttle/throttle.repository'
import { useWorld } from '../support/world'

const world = useWorld()

const ALLOWANCE = { free: 3, firstWait: 30 * SECOND, longestWait: 2 * MINUTE, memory: DAY }
const counted = () => ({ key: randomBytes(32), ...ALLOWANCE })

describe('throttles', () => {
  const throttles = () => new ThrottleRepository(world.db)
  const untilOf = (key: Buffer) => throttles().closedUntil([key])

  test('R16 close after the last free try, for twice as long each time, to the longest wait', async () => {
    const one = counted()
    const waits: number[] = []
    for (let tries = 1; tries <= 7; tries++) {
      expect(await throttles().take([one])).toEqual([{ key: one.key, closes: tries >= 3 }])
      const until = await untilOf(one.key)
      const wait = until === null ? 0 : until.getTime() - world.clock.now().getTime()
      waits.push(Math.round(wait / SECOND))
      if (wait > 0) expect(await throttles().take([one])).toEqual([])
      world.clock.advance(wait)
    }
    expect(waits).toEqual([0, 0, 30, 60, 120, 120, 120])
  })

  test('R21 of two hundred tries at once only the free ones pass', async () => {
    const one = counted()
    const taken = await Promise.all(Array.from({ length: 200 }, () => throttles().take([one])))
    expect(taken.flat()).toHaveLength(3)
  })

  test('count the same what need not outlive a crash, and nothing else is remembered less well', async () => {
    const one = counted()
    const take = () => throttles().take([one], { outlivesCrash: false })
    const taken = await Promise.all(Array.from({ length: 50 }, take))
    expect(taken.flat()).toHaveLength(3)
    const [left] = await world.db.query(
      'SELECT setting = reset_val AS "isAsBefore" FROM pg_settings WHERE name = \'synchronous_commit\'',
    )
    expect(left).toEqual({ isAsBefore: true })
  })

  test('count several things at once, each for itself', async () => {
    const [one, other] = [counted(), counted()]
    for (let tries = 0; tries < 3; tries++) await throttles().take([one])
    expect(await throttles().take([one, other])).toEqual([{ key: other.key, closes: false }])
    expect(await throttles().closedUntil([other.key])).toBeNull()
    expect(await untilOf(one.key)).not.toBeNull()
    expect(await throttles().closedUntil([one.key, other.key])).toEqual(await untilOf(one.key))
  })

  test('R23 forget what was long ago, what is given back and what succeeded', async () => {
    const one = counted()
    const exhaust = async () => {
      for (let tries = 0; tries < 3; tries++) await throttles().take([one])
    }
    await exhaust()
    await throttles().giveBack([one.key])
    expect(await throttles().take([one])).toEqual([{ key: one.key, closes: true }])
    await throttles().forget([one.key])
    expect(await throttles().take([one])).toEqual([{ key: one.key, closes: false }])
    await exhaust()
    world.clock.advance(DAY + 1)
    expect(await throttles().take([one])).toEqual([{ key: one.key, closes: false }])
  })
})
