import fc from 'fast-check'
import { DAY, MINUTE } from '../../src/core/clock'
import { afterQuietHours, nextAt } from '../../src/core/wall-clock'

/** Zones with half hours, hours that are left out or doubled by an hour or by half of one, and a day that is left out. */
const AWKWARD = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
] as const

/** What a clock on the wall shows, as the platform says, which knows zones by other means. */
const wallIn = (zone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
  /** As minutes, as if what it shows were the time in Greenwich. */
  const minutesAt = (moment: number): number => {
    const [day, month, year, hour, minute] = format.format(moment).match(/\d+/g)!.map(Number)
    return Date.UTC(year!, month! - 1, day, hour, minute) / MINUTE
  }
  return { minutesAt, timeAt: (moment: Date) => timeIn(minutesAt(moment.getTime())) }
}

const timeIn = (minutes: number) => new Date(minutes * MINUTE).toISOString().slice(11, 16)
const isMonday = (minutes: number) => new Date(minutes * MINUTE).getUTCDay() === 1

/** Clocks are put forward and back at a full hour or half past one in Greenwich, so between two quarters of an hour they only go on. */
const QUARTER = 15

/**
 * The first moment after another at which it is a time of day, looked for minute by minute: of a time that is shown twice the first, and
 * of one that is leapt over when it would have been shown had the clock gone on.
 */
function dueAfter(after: Date, time: string, zone: string, isMeant: (minutes: number) => boolean): Date {
  const { minutesAt } = wallIn(zone)
  const isIt = (minutes: number) => timeIn(minutes) === time && isMeant(minutes)
  const start = Math.floor((after.getTime() - DAY) / (QUARTER * MINUTE)) * QUARTER * MINUTE
  const due: number[] = []
  let shown = minutesAt(start)
  for (let moment = start; due.length === 0; moment += QUARTER * MINUTE) {
    const next = minutesAt(moment + QUARTER * MINUTE)
    // What it shows until then, and what it leaps over at its end.
    const last = Math.max(next - 1, minutesAt(moment) + QUARTER - 1)
    for (let minutes = minutesAt(moment); minutes <= last; minutes++) {
      const isFirst = minutes > shown || moment === start
      const shownAt = moment + (minutes - minutesAt(moment)) * MINUTE
      if (isFirst && isIt(minutes) && shownAt > after.getTime()) due.push(shownAt)
    }
    shown = Math.max(shown, last)
  }
  return new Date(Math.min(...due))
}

/** When clocks were put forward or back there, in these years. */
function changesIn(zone: string): number[] {
  const { minutesAt } = wallIn(zone)
  const ahead = (moment: number) => minutesAt(moment) - moment / MINUTE
  const changes: number[] = []
  for (let day = Date.UTC(2011, 0); day < Date.UTC(2027, 0); day += DAY) {
    if (ahead(day) === ahead(day + DAY)) continue
    let moment = day
    while (ahead(moment) === ahead(day)) moment += QUARTER * MINUTE
    changes.push(moment)
  }
  return changes
}

const isWithin = (time: string, from: string, to: string) =>
  from < to ? time >= from && time < to : from > to && (time >= from || time < to)

const timeOfDay = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 1, 15, 30, 45, 59))
  .map(([hour, minute]) => `${`${hour}`.padStart(2, '0')}:${`${minute}`.padStart(2, '0')}`)

/** Any minute, or one within a day of a change of the clocks, or of the day that Apia left out. */
const minute = fc
  .oneof(
    fc.date({ min: new Date('2011-01-01T00:00Z'), max: new Date('2027-01-01T00:00Z'), noInvalidDate: true }),
    fc
      .tuple(
        fc.constantFrom(
          '2011-12-30T10:00Z',
          '2026-03-08T06:00Z',
          '2026-03-29T01:00Z',
          '2026-04-04T15:00Z',
          '2026-10-03T15:30Z',
          '2026-10-25T01:00Z',
          '2026-11-01T06:00Z',
          '2018-11-04T03:00Z',
          '2018-02-18T02:00Z',
          '2026-02-15T02:00Z',
        ),
        fc.integer({ min: -DAY, max: DAY }),
      )
      .map(([moment, away]) => new Date(Date.parse(moment) + away)),
  )
  .map((moment) => new Date(Math.floor(moment.getTime() / MINUTE) * MINUTE))

/** The minutes from a moment on, until it has answered. */
function firstMinute(from: Date, isIt: (moment: Date) => boolean): Date {
  let moment = from
  while (!isIt(moment)) moment = new Date(moment.getTime() + MINUTE)
  return moment
}

describe.each(AWKWARD)('in %s', (zone) => {
  const wall = wallIn(zone)
  const changes = changesIn(zone)
  /** A time of day about which the clock was changed, and a moment in the two days before. */
  const aboutAChange =
    changes.length === 0
      ? []
      : [
          fc
            .tuple(
              fc.constantFrom(...changes),
              fc.integer({ min: -90, max: 90 }),
              fc.integer({ min: -120, max: 2 * 1_440 }),
            )
            .map(([change, away, before]): [Date, string] => [
              new Date(change - before * MINUTE),
              timeIn(wall.minutesAt(change - MINUTE) + 1 + away),
            ]),
        ]
  const asked = fc.oneof(fc.tuple(minute, timeOfDay), ...aboutAChange)

  test('quiet hours are over in the first minute that a clock on the wall does not show as one of theirs', () => {
    fc.assert(
      fc.property(minute, timeOfDay, timeOfDay, (at, from, to) => {
        const expected = firstMinute(at, (moment) => !isWithin(wall.timeAt(moment), from, to))
        expect(afterQuietHours(at, { from, to }, zone)).toEqual(expected)
      }),
      { numRuns: 25 },
    )
  })

  test('what is due at a time of day is due the next time that a clock on the wall shows it', () => {
    fc.assert(
      fc.property(asked, ([after, time]) => {
        expect(nextAt(after, time, zone)).toEqual(dueAfter(after, time, zone, () => true))
      }),
      { numRuns: 50 },
    )
  })

  test('what is due on Mondays is due the next time that a clock on the wall shows it on one', () => {
    fc.assert(
      fc.property(asked, ([after, time]) => {
        expect(nextAt(after, time, zone, { onMondays: true })).toEqual(dueAfter(after, time, zone, isMonday))
      }),
      { numRuns: 50 },
    )
  })
})

test('hours that end when they begin are none', () => {
  const at = new Date('2026-11-30T23:00Z')
  expect(afterQuietHours(at, { from: '22:00', to: '22:00' }, 'UTC')).toBe(at)
})

test('an hour that is left out is not waited for, and one that is doubled is waited for twice', () => {
  const quiet = { from: '22:00', to: '02:30' }
  // Clocks leap from 2:00 to 3:00 in Berlin.
  expect(afterQuietHours(new Date('2026-03-28T22:00Z'), quiet, 'Europe/Berlin')).toEqual(
    new Date('2026-03-29T01:00Z'),
  )
  // From 3:00 they are put back to 2:00: it is half past two, and quiet again half an hour later.
  expect(afterQuietHours(new Date('2026-10-24T22:00Z'), quiet, 'Europe/Berlin')).toEqual(
    new Date('2026-10-25T00:30Z'),
  )
  expect(afterQuietHours(new Date('2026-10-25T01:00Z'), quiet, 'Europe/Berlin')).toEqual(
    new Date('2026-10-25T01:30Z'),
  )
})
