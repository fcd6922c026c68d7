import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020'
import { A_LOCALE, A_TIME_ZONE, isLocale, isTimeZone } from './locale'
import { linearPattern } from './linear-pattern'

/** A JSON Schema (draft 2020-12), or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Longest value that is kept, in bytes of its JSON. */
export const MAX_VALUE_BYTES = 4_096

/** The formats that a text may be asked to have: what they are called to people, and what has them. */
export const FORMATS: Readonly<Record<string, { phrase: string; test: (text: string) => boolean }>> = {
  'language-tag': { phrase: A_LOCALE, test: isLocale },
  'time-zone': { phrase: A_TIME_ZONE, test: isTimeZone },
  date: { phrase: 'a day such as 2026-11-29', test: isDay },
  'date-time': { phrase: 'a moment such as 2026-11-29T08:00:00Z', test: isMoment },
  'time-of-day': { phrase: 'a time of day such as 22:30', test: isTimeOfDay },
}

/** A full-date of RFC 3339 §5.6. */
function isDay(text: string): boolean {
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(text) : null
  return moment !== null && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text)
}

/** A date-time of RFC 3339 §5.6, but for a leap second, which no clock of ours can tell. */
function isMoment(text: string): boolean {
  const [, day] =
    /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/.exec(text) ?? []
  return day !== undefined && isDay(day) && !Number.isNaN(Date.parse(text))
}

/** Hours and minutes, as a clock on the wall shows them. */
function isTimeOfDay(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text)
}

const ajv = new Ajv2020({
  strict: true,
  // For sentences: what a part of a value is held to comes with the error.
  verbose: true,
  logger: false,
  // 0.3 is a multiple of 0.1, though not for a computer.
  multipleOfPrecision: 9,
  formats: Object.fromEntries(Object.entries(FORMATS).map(([name, { test }]) => [name, test])),
  code: { regExp: Object.assign(linearPattern, { code: 'linearPattern' }) },
})

/**
 * What a value may be, by a JSON Schema, and what is wrong with one that is not so, in a sentence. No schema of a stranger: what it
 * costs to ask is bounded for those that `schemaProblems` finds nothing wrong with.
 */
export class ValueSchema {
  private readonly validate: ValidateFunction

  /** @throws Error where it is no schema. */
  constructor(readonly json: JsonSchema) {
    this.validate = ajv.compile(json)
    ajv.removeSchema(json)
  }

  /** What is wrong with a value, and what to use instead; null where it is fine. */
  problemWith(value: unknown): string | null {
    // First, for what it costs to look at a value rests on its size.
    if (bytesOf(value) > MAX_VALUE_BYTES)
      return `Use ${phraseOf(this.json)}, of at most ${MAX_VALUE_BYTES} bytes as JSON.`
    // The last error is the one about the largest part.
    return this.validate(value) ? null : sentence(this.validate.errors!.at(-1)!)
  }
}

function bytesOf(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value))
  } catch {
    // It is nested more deeply than there is a stack for.
    return Infinity
  }
}

function sentence({ keyword, params, instancePath, parentSchema }: ErrorObject): string {
  const place = instancePath
    .split('/')
    .slice(1)
    .map((part) => shortened(part.replaceAll('~1', '/').replaceAll('~0', '~')))
  if (keyword === 'required')
    return `\`${[...place, (params as { missingProperty: string }).missingProperty].join('.')}\` is missing.`
  const wanted = phraseOf(parentSchema!)
  if (keyword === 'additionalProperties') {
    const { additionalProperty } = params as { additionalProperty: string }
    return `There is no \`${[...place, shortened(additionalProperty)].join('.')}\`. Use ${wanted}.`
  }
  return place.length === 0 ? `Use ${wanted}.` : `At \`${place.join('.')}\`, use ${wanted}.`
}

/** What comes from the value is repeated as far as it helps. */
const shortened = (name: string): string => (name.length > 40 ? `${name.slice(0, 40)}…` : name)

const MAX_LISTED = 20

/** What a schema asks for, as in “Use …”: its own `description`, or what follows from it. */
export function phraseOf(schema: JsonSchema): string {
  const { description, type, anyOf } = schema
  if (typeof description === 'string') return description
  if (Array.isArray(anyOf)) return (anyOf as JsonSchema[]).map(phraseOf).join(', or ')
  if (schema['const'] !== undefined) return shown(schema['const'])
  if (Array.isArray(schema['enum'])) return oneOf(schema['enum'])
  if (Array.isArray(type))
    return `${phraseOf({ ...schema, type: type.find((each) => each !== 'null') })}, or null`
  switch (type) {
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `a whole number${rangeOf(schema)}`
    case 'number':
      return `a number${rangeOf(schema)}`
    case 'string':
      return typeof schema['format'] === 'string'
        ? FORMATS[schema['format']]!.phrase
        : `text${amountOf(schema['minLength'], schema['maxLength'], 'characters')}`
    case 'array': {
      const items = schema['uniqueItems'] === true ? 'different items' : 'items'
      const amount = amountOf(schema['minItems'], schema['maxItems'], items) || ` of ${items}`
      return `a list${amount}, each ${phraseOf(schema['items'] as JsonSchema)}`
    }
    case 'object': {
      const names = Object.keys((schema['properties'] as object | undefined) ?? {})
      return names.length === 0 ? 'an object' : `an object with ${names.join(', ')}`
    }
    default:
      return 'null'
  }
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function oneOf(values: readonly unknown[]): string {
  const more = values.length - MAX_LISTED
  const listed = values.slice(0, MAX_LISTED).map(shown).join(', ')
  return more > 0 ? `one of ${listed} or the ${more} others of its schema` : `one of ${listed}`
}

function rangeOf(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  const bounds =
    minimum !== undefined && maximum !== undefined
      ? [`from ${shown(minimum)} to ${shown(maximum)}`]
      : [
          ...(minimum === undefined ? [] : [`of at least ${shown(minimum)}`]),
          ...(maximum === undefined ? [] : [`of at most ${shown(maximum)}`]),
        ]
  const words = [
    ...bounds,
    ...(exclusiveMinimum === undefined ? [] : [`above ${shown(exclusiveMinimum)}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${shown(exclusiveMaximum)}`]),
  ]
  const range = words.length === 0 ? '' : ` ${words.join(' and ')}`
  return multipleOf === undefined ? range : `${range}, a multiple of ${shown(multipleOf)}`
}

function amountOf(least: unknown, most: unknown, things: string): string {
  if (least !== undefined && most !== undefined) return ` of ${shown(least)} to ${shown(most)} ${things}`
  if (least !== undefined) return ` of at least ${shown(least)} ${things}`
  return most === undefined ? '' : ` of at most ${shown(most)} ${things}`
}
