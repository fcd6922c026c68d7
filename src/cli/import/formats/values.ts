import { UNCLEAN } from '../../../graphql/limits/clean-text'
import { DAY, later } from '../../../core/clock'
import { isObject } from '../read/entry'
import { Refused } from '../refused'

/** An account in words of Portico's own format, into which other systems' are brought before any rule is applied. */
export interface Draft {
  username?: unknown
  email?: unknown
  emailVerified?: unknown
  displayName?: unknown
  bio?: unknown
  locale?: unknown
  timeZone?: unknown
  createdAt?: unknown
  roles?: unknown
  preferences?: unknown
  attributes?: unknown
  passwordHash?: unknown
  passwordChangedAt?: unknown
  status?: unknown
  /** What a username can be made of where there is none that would do; the best comes first. */
  nameHints?: readonly (string | undefined)[]
  /** Whether the other system asked for a second factor, which stays behind. */
  hadSecondFactor?: boolean
}

/** A text that is not empty. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined

/** A name of another system, made fit to be shown: one line of at most 80 characters, and no address, which is nobody's business. */
export function nameOf(...values: unknown[]): string | undefined {
  for (const value of values) {
    const name = textOf(value)
      ?.replaceAll(new RegExp(`${UNCLEAN.source}|\\s+`, 'gu'), ' ')
      .trim()
    if (name && !name.includes('@')) return [...name].slice(0, 80).join('').trim()
  }
  return undefined
}

/** The canonical form of a language tag of another system, such as `de_DE`; undefined for what is none. */
export function localeOf(value: unknown): string | undefined {
  const tag = textOf(value)?.replaceAll('_', '-')
  if (tag === undefined || tag.length > 35) return undefined
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch {
    return undefined
  }
}

/** True or false, as JSON, CSV and PostgreSQL write it. */
export function booleanOf(value: unknown, field: string): boolean | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.toLowerCase() : ''
  if (['true', 't', '1', 'yes'].includes(word)) return true
  if (['false', 'f', '0', 'no'].includes(word)) return false
  throw Refused.of(field, 'INVALID', 'Use true or false.')
}

/** What a text of JSON holds, or the value itself where it is no text. */
export function jsonOf(value: unknown, field: string): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    throw Refused.of(field, 'INVALID', 'This is not valid JSON.')
  }
}

/** An object, from itself or its JSON; an empty one where there is none. */
export function objectOf(value: unknown, field: string): Record<string, unknown> {
  const parsed = jsonOf(value ?? {}, field)
  return isObject(parsed) ? parsed : {}
}

const MOMENT =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i

/** A moment: milliseconds since 1970, or a text of ISO 8601 or PostgreSQL, in UTC where it names no zone. */
export function momentOf(value: unknown, field: string, now: Date): Date | undefined {
  if (value === undefined || value === null || value === '') return undefined
  // MongoDB's way of writing one in JSON.
  if (isObject(value) && '$date' in value) return momentOf(value['$date'], field, now)
  const moment = typeof value === 'number' ? new Date(value) : parseMoment(value)
  // What came before 1970 or comes after tomorrow is a mistake, whoever made it.
  const isPlausible = moment.getTime() >= 0 && moment < later(now, DAY)
  if (isPlausible) return moment
  throw Refused.of(field, 'INVALID', 'Write a moment of the past as in 2024-05-31T12:00:00Z.')
}

function parseMoment(value: unknown): Date {
  const [, day, time = '00:00', fraction = '0', zone = 'Z'] =
    (typeof value === 'string' && MOMENT.exec(value.trim())) || []
  if (day === undefined) return new Date(NaN)
  const offset = /^[zu]/i.test(zone) ? 'Z' : zone.length === 3 ? `${zone}:00` : zone
  return new Date(`${day}T${time.length === 5 ? `${time}:00` : time}.${fraction.slice(0, 3)}${offset}`)
}
