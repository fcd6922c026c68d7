import { later, SECOND } from '../../src/core/clock'
import { samenessOf, tooMuch } from '../../src/modules/content-filter/rate'

const start = new Date('2026-01-01')
const at = (seconds: number, authorId = 'ada', body = '') => ({
  authorId,
  at: later(start, seconds * SECOND),
  sameness: samenessOf(body),
})
const terms = { limit: 2, windowSeconds: 60, sameTextOnly: false }

test('what was more than the window lets through is found, whatever the order of the list', () => {
  const pieces = [at(70), at(0), at(30), at(20), at(200), at(201)]
  expect([...tooMuch(terms, pieces)].sort()).toEqual([0, 2])
})

test('each person counts by themselves, and a piece a whole window later begins anew', () => {
  expect(tooMuch(terms, [at(0), at(1), at(2, 'grace')]).size).toBe(0)
  expect(tooMuch(terms, [at(0), at(1), at(60)]).size).toBe(0)
  expect(tooMuch(terms, [at(0), at(1), at(59)])).toEqual(new Set([2]))
})

test('of the same text only what says the same counts', () => {
  const same = { ...terms, sameTextOnly: true }
  const pieces = [
    at(0, 'ada', 'Buy now'),
    at(1, 'ada', 'x'),
    at(2, 'ada', 'BUY NOW!!'),
    at(3, 'ada', 'b-u-y n o w'),
  ]
  expect(tooMuch(same, pieces)).toEqual(new Set([3]))
})

test('texts say the same whatever their case, punctuation and what shows nothing', () => {
  expect(samenessOf('*Buy*\nnow!')).toBe(samenessOf('b\u200buy NOOOW'))
  expect(samenessOf('Buy now')).not.toBe(samenessOf('Buy one'))
  expect(samenessOf('👍')).not.toBe(samenessOf('👎'))
})
