import type { Clock } from '../../src/core/clock'

/** A clock that goes on with the real one until a test moves it. */
export class TestClock implements Clock {
  private offset = 0

  now(): Date {
    return new Date(Date.now() + this.offset)
  }

  advance(milliseconds: number): void {
    this.offset += milliseconds
  }

  /** Goes on from a moment. */
  set(moment: Date): void {
    this.offset = moment.getTime() - Date.now()
  }
}
