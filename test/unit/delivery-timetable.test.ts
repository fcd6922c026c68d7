import { HOUR, later, MINUTE, SECOND } from '../../src/core/clock'
import { LONGEST_WAITS, nextAttemptAfter } from '../../src/modules/delivery/timetable'

const NOW = new Date('2026-11-30T12:00:00Z')
const waitAfter = (failed: number, random: number) =>
  nextAttemptAfter(failed, NOW, null, () => random)!.getTime() - NOW.getTime()

test('the wait after a failure is at random, from a second to twice as much as the time before', () => {
  for (const [index, longest] of LONGEST_WAITS.entries()) {
    expect(waitAfter(index + 1, 0)).toBe(SECOND)
    expect(waitAfter(index + 1, 1)).toBe(longest)
    expect(waitAfter(index + 1, 0.5)).toBe((SECOND + longest) / 2)
    if (index > 0) expect(longest / LONGEST_WAITS[index - 1]!).toBeLessThanOrEqual(2)
  }
})

test('whoever greylists for minutes is asked again afterwards, and it is given up after hours', () => {
  const total = LONGEST_WAITS.reduce((sum, wait) => sum + wait, 0)
  expect(total).toBeGreaterThan(8 * HOUR)
  expect(total).toBeLessThan(12 * HOUR)
  expect(Math.max(...LONGEST_WAITS)).toBeGreaterThan(15 * MINUTE)
  expect(nextAttemptAfter(LONGEST_WAITS.length + 1, NOW, null)).toBeNull()
})

test('a provider that wants to be left alone is, and no wait is shortened by that', () => {
  const far = later(NOW, HOUR)
  expect(nextAttemptAfter(1, NOW, far, () => 1)).toEqual(far)
  expect(nextAttemptAfter(1, NOW, later(NOW, 2 * SECOND), () => 1)).toEqual(later(NOW, LONGEST_WAITS[0]))
})
