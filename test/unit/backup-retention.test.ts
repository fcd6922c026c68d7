import { DAY, later } from '../../src/core/clock'
import { supersededArchives } from '../../src/modules/backup/retention'

/** One a day, newest first, ending on a Sunday. */
const daily = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const takenAt = later(new Date('2026-03-29T01:40:00Z'), -index * DAY)
    return { name: takenAt.toISOString().slice(0, 10), takenAt }
  })

const kept = (archives: ReturnType<typeof daily>, [days, weeks, months]: [number, number, number]) => {
  const gone = new Set(supersededArchives(archives, { daily: days, weekly: weeks, monthly: months }))
  return archives.filter((archive) => !gone.has(archive)).map(({ name }) => name)
}

test('the last of seven days, four weeks and twelve months stay, by default', () => {
  expect(kept(daily(800), [7, 4, 12])).toEqual([
    ...['2026-03-29', '2026-03-28', '2026-03-27', '2026-03-26', '2026-03-25', '2026-03-24', '2026-03-23'],
    ...['2026-03-22', '2026-03-15', '2026-03-08'],
    ...['2026-02-28', '2026-01-31', '2025-12-31', '2025-11-30', '2025-10-31', '2025-09-30', '2025-08-31'],
    ...['2025-07-31', '2025-06-30', '2025-05-31', '2025-04-30'],
  ])
})

test('of several on one day the last stays, in whatever order they are named', () => {
  const noon = { name: 'noon', takenAt: new Date('2026-03-29T12:00:00Z') }
  const evening = { name: 'evening', takenAt: new Date('2026-03-29T20:00:00Z') }
  expect(kept([...daily(3), noon, evening], [2, 0, 0])).toEqual(['2026-03-28', 'evening'])
})

test('a pause takes nothing away, and the newest always stays', () => {
  const old = daily(3).map(({ name, takenAt }) => ({ name, takenAt: later(takenAt, -1_000 * DAY) }))
  expect(kept(old, [7, 4, 12])).toHaveLength(3)
  expect(kept(daily(5), [0, 0, 0])).toEqual(['2026-03-29'])
  expect(supersededArchives([], { daily: 7, weekly: 4, monthly: 12 })).toEqual([])
})

test('what was kept on one day is never needed again later: pruning every day keeps what pruning once keeps', () => {
  const all = daily(120).toReversed()
  let present: typeof all = []
  for (const archive of all) {
    present = [...present, archive]
    const gone = new Set(supersededArchives(present, { daily: 7, weekly: 4, monthly: 12 }))
    present = present.filter((each) => !gone.has(each))
  }
  expect(present.map(({ name }) => name).toReversed()).toEqual(kept(daily(120), [7, 4, 12]))
})
