import { DAY, later } from '../core/clock'
import { UsageError } from './command'

const DATE = /^\d{4}-\d\d-\d\d$/
const MOMENT = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/**
 * A moment as ISO 8601 has it, with its offset from UTC; a date alone is the day in UTC, of which it is the beginning, or the end
 * where a span ends. @throws UsageError naming the option.
 */
export function parseMoment(option: string, text: string, { isEnd = false } = {}): Date {
  const day = DATE.test(text) ? text : MOMENT.exec(text)?.[1]
  // JavaScript takes February 30 for March 2.
  const isDay = day !== undefined && isSameDay(day)
  const moment = new Date(isDay ? text : NaN)
  if (Number.isNaN(moment.getTime()))
    throw new UsageError(
      `${option} wants a moment such as 2026-11-28T09:30Z or 2026-11-28T10:30+01:00, or a date such as 2026-11-28; “${text}” is none.`,
    )
  return isEnd && DATE.test(text) ? later(moment, DAY) : moment
}

function isSameDay(day: string): boolean {
  const date = new Date(day)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}
