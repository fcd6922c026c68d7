import { DAY, HOUR, later, MINUTE, SECOND } from '../../src/core/clock'
import { nextAttemptAfter, pauseOf, WAITS } from '../../src/modules/webhook/retry-timetable'

const NOW = new Date('2026-11-29T12:00:00Z')

describe('what was not taken', () => {
  const waitAfter = (failed: number, random: number) =>
    nextAttemptAfter(failed, NOW, null, () => random)!.getTime() - NOW.getTime()

  test('is tried seven times more, over a day', () => {
    expect(WAITS.map((_, index) => waitAfter(index + 1, 0))).toEqual([
      5 * SECOND,
      5 * MINUTE,
      30 * MINUTE,
      2 * HOUR,
      5 * HOUR,
      6 * HOUR,
      10.5 * HOUR,
    ])
    const all = WAITS.reduce((sum, wait) => sum + wait, 0)
    expect(all).toBeGreaterThan(DAY)
    expect(all).toBeLessThan(1.05 * DAY)
    expect(nextAttemptAfter(WAITS.length + 1, NOW, null)).toBeNull()
  })

  test('waits up to a tenth longer each time, so that not all come back at once', () => {
    expect(waitAfter(4, 0.999)).toBeGreaterThan(2.19 * HOUR)
    expect(waitAfter(4, 0.999)).toBeLessThan(2.2 * HOUR)
    const waits = new Set(Array.from({ length: 20 }, () => nextAttemptAfter(7, NOW, null)!.getTime()))
    expect(waits.size).toBeGreaterThan(1)
  })

  test('waits as long as its receiver wants, where that is longer', () => {
    const wanted = later(NOW, HOUR)
    expect(nextAttemptAfter(1, NOW, wanted)).toEqual(wanted)
    expect(nextAttemptAfter(4, NOW, wanted)!.getTime()).toBeGreaterThan(wanted.getTime())
    expect(nextAttemptAfter(WAITS.length + 1, NOW, wanted)).toBeNull()
  })
})

describe('a receiver that says when to come again', () => {
  const pauseAfter = (status: number, retryAfter: string | null) => {
    const until = pauseOf({ status, retryAfter }, NOW)
    return until && until.getTime() - NOW.getTime()
  }

  test.each([
    [429, '120', 2 * MINUTE],
    [503, ' 5 ', 5 * SECOND],
    [503, 'Sun, 29 Nov 2026 13:00:00 GMT', HOUR],
    [429, '31536000', DAY],
    [429, 'Fri, 01 Jan 2100 00:00:00 GMT', DAY],
  ])('with %d and %p is left alone for as long, and a day at most', (status, retryAfter, wait) => {
    expect(pauseAfter(status, retryAfter)).toBe(wait)
  })

  test.each([
    [429, null],
    [429, '0'],
    [429, '-5'],
    [429, 'soon'],
    [429, '99999999999999999999'],
    [503, 'Sun, 29 Nov 2026 11:00:00 GMT'],
    [500, '120'],
    [200, '120'],
    [301, '120'],
  ])('with %d and %p has said nothing', (status, retryAfter) => {
    expect(pauseAfter(status, retryAfter)).toBeNull()
  })
})
