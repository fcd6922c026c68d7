import fc from 'fast-check'
import { HOUR } from '../../src/core/clock'
import { timeSlices } from '../../src/db/time-slices'

const LONGEST = 1_024
const moments = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })

/** From which hour to before which a slice lasts, as it is numbered. */
function hoursOf(slice: number): [from: number, before: number] {
  const length = 4 ** Math.floor(slice / 2 ** 24)
  const place = slice % 2 ** 24
  return [place * length, (place + 1) * length]
}

const hourOf = (moment: Date): number => Math.floor(moment.getTime() / HOUR)

test('slices follow each other without a gap from one moment to the other, forwards or backwards', () => {
  fc.assert(
    fc.property(moments, moments, (from, to) => {
      const hours = timeSlices(from, to).map(hoursOf)
      const isForward = from <= to
      const inOrder = isForward ? hours : hours.toReversed()
      for (const [index, [begin]] of inOrder.entries())
        if (index > 0) expect(begin).toBe(inOrder[index - 1]![1])
      const [first, last] = isForward ? [from, to] : [to, from]
      expect(inOrder[0]![0]).toBeLessThanOrEqual(hourOf(first))
      expect(inOrder.at(-1)![1]).toBeGreaterThan(hourOf(last))
    }),
  )
})

test('slices begin with an hour and become longer, so that there are few of them', () => {
  fc.assert(
    fc.property(moments, moments, (from, to) => {
      const lengths = timeSlices(from, to)
        .map(hoursOf)
        .map(([begin, before]) => before - begin)
      expect(lengths[0]).toBe(1)
      expect(lengths).toEqual([...lengths].sort((one, other) => one - other))
      const span = Math.abs(hourOf(to) - hourOf(from)) + 1
      expect(lengths.length).toBeLessThanOrEqual(4 * 6 + span / LONGEST)
    }),
  )
})
