import { mannWhitney, median } from '../support/mann-whitney'

const range = (from: number, count: number, step = 1) =>
  Array.from({ length: count }, (_, index) => from + index * step)

test('the median is the middle value, or lies between the two', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
})

test('separate samples differ as the tables say', () => {
  // U = 0, mean 12.5, deviation √(25 · 11 / 12) = 4.787: z = −2.611
  expect(mannWhitney(range(1, 5), range(6, 5))).toBeCloseTo(0.009023, 5)
  expect(mannWhitney(range(6, 5), range(1, 5))).toBeCloseTo(0.009023, 5)
})

test('ties share their rank and narrow the deviation', () => {
  // Ranks of the first: 1, 3, 3, 5.5 (sum 12.5, U = 2.5). Groups of 3, 2 and 2 take 24 + 6 + 6 away.
  const deviation = Math.sqrt((16 / 12) * (9 - 36 / 56))
  expect(deviation).toBeCloseTo(3.3381, 3)
  // z = (2.5 − 8) / 3.3381 = −1.6476
  expect(mannWhitney([1, 2, 2, 3], [2, 3, 4, 4])).toBeCloseTo(0.0994, 3)
})

test('the same sample does not differ from itself, and neither do constants', () => {
  expect(mannWhitney(range(1, 50), range(1, 50))).toBeCloseTo(1, 6)
  expect(mannWhitney([7, 7, 7], [7, 7])).toBe(1)
})

test('a shift that is small beside the spread is found with many values', () => {
  const sample = range(0, 400, 1)
  expect(
    mannWhitney(
      sample,
      sample.map((value) => value + 4),
    ),
  ).toBeGreaterThan(0.01)
  expect(
    mannWhitney(
      sample,
      sample.map((value) => value + 40),
    ),
  ).toBeLessThan(0.001)
})
