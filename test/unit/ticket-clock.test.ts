import fc from 'fast-check'
import { DAY, HOUR, later, MINUTE, SECOND } from '../../src/core/clock'
import {
  NEVER,
  TARGETS,
  timesAfter,
  unstarted,
  waitedAt,
  type TicketState,
  type TicketTimes,
} from '../../src/modules/ticket/ticket-clock'
import { TicketPriority, TicketStatus } from '../../src/modules/ticket/ticket-status'

const START = new Date('2026-03-02T09:00:00Z')
const at = (milliseconds: number): Date => later(START, milliseconds)

/** The times after what happens at so many milliseconds, one after the other. */
function play(...steps: [milliseconds: number, state: Partial<TicketState>][]): TicketTimes {
  let [times, state] = [unstarted, { status: TicketStatus.OPEN, priority: TicketPriority.NORMAL }]
  for (const [milliseconds, { isAnswered = false, ...changes }] of steps) {
    state = { ...state, ...changes }
    times = timesAfter(times, { ...state, isAnswered }, at(milliseconds))
  }
  return times
}

describe('the clock of a ticket', () => {
  test('runs while it waits for staff or whom they wait for, and stands while it waits for the person', () => {
    const times = play(
      [0, {}],
      [HOUR, { status: TicketStatus.PENDING }],
      [10 * HOUR, { status: TicketStatus.OPEN }],
      [11 * HOUR, { status: TicketStatus.ON_HOLD }],
    )
    expect(waitedAt(times, at(13 * HOUR))).toBe((4 * HOUR) / SECOND)
  })

  test('says how long the first answer took, once, and how long it was until it was solved', () => {
    const times = play(
      [0, {}],
      [90 * MINUTE, { status: TicketStatus.PENDING, isAnswered: true }],
      [DAY, { status: TicketStatus.OPEN }],
      [DAY + HOUR, { status: TicketStatus.SOLVED, isAnswered: true }],
    )
    expect(times).toMatchObject({
      firstRespondedAt: at(90 * MINUTE),
      firstResponseSeconds: (90 * MINUTE) / SECOND,
      solvedAt: at(DAY + HOUR),
      resolutionSeconds: (150 * MINUTE) / SECOND,
      clockSince: null,
      dueAt: NEVER,
    })
  })

  test('goes on where a ticket is taken up again, and what was solved is not any more', () => {
    const reopened = play(
      [0, {}],
      [HOUR, { status: TicketStatus.SOLVED }],
      [DAY, { status: TicketStatus.OPEN }],
    )
    expect(reopened).toMatchObject({ solvedAt: null, resolutionSeconds: null, clockSince: at(DAY) })
    const solved = timesAfter(
      reopened,
      { status: TicketStatus.SOLVED, priority: TicketPriority.NORMAL },
      at(DAY + HOUR),
    )
    expect(solved).toMatchObject({ solvedAt: at(DAY + HOUR), resolutionSeconds: (2 * HOUR) / SECOND })
  })

  test('keeps when it was solved where it is closed', () => {
    const times = play(
      [0, {}],
      [HOUR, { status: TicketStatus.SOLVED }],
      [14 * DAY, { status: TicketStatus.CLOSED }],
    )
    expect(times).toMatchObject({
      solvedAt: at(HOUR),
      resolutionSeconds: HOUR / SECOND,
      closedAt: at(14 * DAY),
    })
  })

  test.each(Object.values(TicketPriority).filter((priority) => typeof priority === 'number'))(
    'is due at the first answer, then at the solution, each by its priority (%i)',
    (priority) => {
      const { firstResponse, resolution } = TARGETS[priority]
      expect(play([0, { priority }]).dueAt).toEqual(at(firstResponse))
      expect(play([0, { priority }], [MINUTE, { isAnswered: true }]).dueAt).toEqual(at(resolution))
      // An hour in which it waited for the person does not count.
      expect(
        play(
          [0, { priority }],
          [MINUTE, { isAnswered: true, status: TicketStatus.PENDING }],
          [HOUR + MINUTE, { status: TicketStatus.OPEN }],
        ).dueAt,
      ).toEqual(at(resolution + HOUR))
    },
  )

  test('is due at once by another priority, for all that it has run', () => {
    expect(
      play([0, { priority: TicketPriority.LOW }], [2 * HOUR, { priority: TicketPriority.URGENT }]).dueAt,
    ).toEqual(at(HOUR))
  })

  test('has run as long as somebody would count who looks every second, however often something changes', () => {
    const statuses = Object.values(TicketStatus).filter((status) => status !== TicketStatus.CLOSED)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.constantFrom(...statuses)), {
          maxLength: 30,
        }),
        (steps) => {
          let [now, counted, status] = [0, 0, TicketStatus.OPEN]
          let times = timesAfter(unstarted, { status, priority: TicketPriority.NORMAL }, at(0))
          for (const [seconds, next] of steps) {
            if (status === TicketStatus.OPEN || status === TicketStatus.ON_HOLD) counted += seconds
            now += seconds
            status = next
            times = timesAfter(times, { status, priority: TicketPriority.NORMAL }, at(now * SECOND))
            expect(waitedAt(times, at(now * SECOND))).toBe(counted)
          }
        },
      ),
    )
  })

  test('loses no part of a second to changes that leave it running', () => {
    let times = play([0, {}])
    for (let half = 1; half <= 20; half++)
      times = timesAfter(
        times,
        { status: TicketStatus.OPEN, priority: (half % 4) + 1 },
        at((half * SECOND) / 2),
      )
    expect(waitedAt(times, at(10 * SECOND))).toBe(10)
  })
})
