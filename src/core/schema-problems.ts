import { linearPattern } from './linear-pattern'
import { FORMATS, MAX_VALUE_BYTES, type JsonSchema } from './value-schema'

/*
 * Which JSON Schemas a value can be held to: those of a closed list of keywords, of which a form, a type and a sentence can be made
 * and whose size bounds what a value costs to check. So nothing refers to anything, nothing is read from elsewhere, and nothing is
 * let through because nobody has said what it may be.
 */

const MAX_DEPTH = 5
const MAX_SCHEMAS = 100
const MAX_CHOICES = 200
const MAX_PROPERTIES = 50
const MAX_ALTERNATIVES = 10
const MAX_UNIQUE_ITEMS = 100
const MAX_TEXT = 500
const MAX_PATTERN = 200
/** Together they bound the steps that a pattern takes for a text. */
const MAX_PATTERN_SIZE = 500
const MAX_MATCHED_LENGTH = 1_000

/** Something that is wrong, and where: `properties.from.minimum`, or nothing for the schema itself. */
export interface SchemaProblem {
  path: readonly string[]
  message: string
}

const TYPES = ['boolean', 'integer', 'number', 'string', 'array', 'object', 'null'] as const
type TypeName = (typeof TYPES)[number]

const NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'] as const

/** What says more of a value of a type. */
const KEYWORDS_OF: Record<TypeName, readonly string[]> = {
  boolean: [],
  integer: NUMBERS,
  number: NUMBERS,
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  object: ['properties', 'required', 'additionalProperties'],
  null: [],
}

/** What every schema may have, of whatever type. */
const KEYWORDS = ['type', 'enum', 'const', 'anyOf', 'title', 'description']

const keywordsOf = (types: readonly TypeName[]): string[] => [
  ...KEYWORDS,
  ...types.flatMap((type) => KEYWORDS_OF[type]),
]

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isScalar = (value: unknown): boolean =>
  value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)

const isOfType = (value: unknown, type: unknown): boolean =>
  type === 'null' ? value === null : type === 'integer' ? Number.isInteger(value) : typeof value === type

/** All that is wrong with what is meant to be a schema; nothing where values can be held to it. */
export function schemaProblems(schema: unknown): SchemaProblem[] {
  const examination = new Examination()
  examination.look(schema, [], 1)
  return examination.problems
}

type Path = readonly string[]

class Examination {
  readonly problems: SchemaProblem[] = []
  private schemas = 0

  look(given: unknown, path: Path, depth: number): void {
    if (++this.schemas === MAX_SCHEMAS + 1) this.refuse([], `must not hold more than ${MAX_SCHEMAS} schemas`)
    if (this.schemas > MAX_SCHEMAS) return
    if (!isObject(given)) return this.refuse(path, 'must be a JSON Schema, which is an object')
    if (depth > MAX_DEPTH) return this.refuse(path, `is more than ${MAX_DEPTH} levels deep`)
    const types = this.typesOf(given, path)
    const allowed = keywordsOf(types)
    for (const keyword of Object.keys(given))
      if (!allowed.includes(keyword)) this.refuse([...path, keyword], unknownKeyword(keyword, types))
    for (const keyword of ['title', 'description'])
      if (given[keyword] !== undefined && !isText(given[keyword], MAX_TEXT))
        this.refuse([...path, keyword], `must be text of at most ${MAX_TEXT} characters`)
    this.lookAtChoices(given, types, path)
    if (given['anyOf'] !== undefined) this.lookAtAlternatives(given['anyOf'], path, depth)
    if (types.includes('integer') || types.includes('number')) this.lookAtNumbers(given, path)
    if (types.includes('string')) this.lookAtText(given, path)
    if (types.includes('array')) this.lookAtItems(given, path, depth)
    if (types.includes('object')) this.lookAtProperties(given, path, depth)
  }

  private refuse(path: Path, message: string): void {
    this.problems.push({ path, message })
  }

  private typesOf(given: JsonSchema, path: Path): TypeName[] {
    const { type } = given
    if (type === undefined) {
      if (!['enum', 'const', 'anyOf'].some((keyword) => given[keyword] !== undefined))
        this.refuse(path, 'must have a type, an enum, a const or an anyOf')
      return []
    }
    const types = [type].flat() as TypeName[]
    const isNullable = types.length === 2 && types.filter((each) => each === 'null').length === 1
    if ((types.length === 1 || isNullable) && types.every((each) => TYPES.includes(each))) return types
    const message = `must be one of ${TYPES.join(', ')}, or a list of one of them and null; anyOf holds others`
    this.refuse([...path, 'type'], message)
    return []
  }

  private lookAtChoices(given: JsonSchema, types: readonly TypeName[], path: Path): void {
    const { enum: choices, const: only } = given
    const fits = (value: unknown) =>
      isScalar(value) && (types.length === 0 || types.some((type) => isOfType(value, type)))
    const what =
      types.length === 0 ? 'text, numbers, true, false or null' : `of the type ${types.join(' or ')}`
    if (only !== undefined && !fits(only)) this.refuse([...path, 'const'], `must be ${what}`)
    if (choices === undefined) return
    if (!Array.isArray(choices) || choices.length === 0 || choices.length > MAX_CHOICES)
      return this.refuse([...path, 'enum'], `must be a list of 1 to ${MAX_CHOICES} values`)
    if (!choices.every(fits)) this.refuse([...path, 'enum'], `must hold values ${what} alone`)
    if (isRepeating(choices)) this.refuse([...path, 'enum'], 'must not hold a value twice')
  }

  private lookAtAlternatives(anyOf: unknown, path: Path, depth: number): void {
    if (!Array.isArray(anyOf) || anyOf.length < 2 || anyOf.length > MAX_ALTERNATIVES)
      return this.refuse([...path, 'anyOf'], `must be a list of 2 to ${MAX_ALTERNATIVES} schemas`)
    anyOf.forEach((each, index) => this.look(each, [...path, 'anyOf', String(index)], depth + 1))
  }

  private lookAtNumbers(given: JsonSchema, path: Path): void {
    for (const keyword of NUMBERS) {
      const value = given[keyword]
      if (value === undefined) continue
      if (!Number.isFinite(value)) this.refuse([...path, keyword], 'must be a number')
      else if (keyword === 'multipleOf' && (value as number) <= 0)
        this.refuse([...path, keyword], 'must be above 0')
    }
  }

  private lookAtText(given: JsonSchema, path: Path): void {
    const { pattern, format, maxLength, description } = given
    this.lookAtAmounts(given, ['minLength', 'maxLength'], path)
    if (format !== undefined && !(typeof format === 'string' && Object.hasOwn(FORMATS, format)))
      this.refuse([...path, 'format'], `must be one of ${Object.keys(FORMATS).join(', ')}`)
    if (pattern === undefined) return
    const problem = patternProblem(pattern)
    if (problem) this.refuse([...path, 'pattern'], problem)
    if (!isAtMost(maxLength, MAX_MATCHED_LENGTH))
      this.refuse([...path, 'maxLength'], `must be at most ${MAX_MATCHED_LENGTH} where there is a pattern`)
    if (format === undefined && description === undefined)
      this.refuse(
        [...path, 'description'],
        'must say what the pattern asks for, such as “a colour such as #ff8800”: people are told “Use …”',
      )
  }

  private lookAtItems(given: JsonSchema, path: Path, depth: number): void {
    const { items, uniqueItems, maxItems } = given
    this.lookAtAmounts(given, ['minItems', 'maxItems'], path)
    if (uniqueItems !== undefined && typeof uniqueItems !== 'boolean')
      this.refuse([...path, 'uniqueItems'], 'must be true or false')
    if (uniqueItems === true && !isAtMost(maxItems, MAX_UNIQUE_ITEMS))
      this.refuse([...path, 'maxItems'], `must be at most ${MAX_UNIQUE_ITEMS} where uniqueItems is true`)
    if (items === undefined) this.refuse([...path, 'items'], 'must say what the items of a list may be')
    else this.look(items, [...path, 'items'], depth + 1)
  }

  private lookAtProperties(given: JsonSchema, path: Path, depth: number): void {
    const { properties = {}, required = [], additionalProperties } = given
    if (!isObject(properties) || Object.keys(properties).length > MAX_PROPERTIES)
      return this.refuse([...path, 'properties'], `must be an object of at most ${MAX_PROPERTIES} schemas`)
    const names = Object.keys(properties)
    for (const name of names) {
      if (PROPERTY_NAME.test(name)) this.look(properties[name], [...path, 'properties', name], depth + 1)
      else
        this.refuse(
          [...path, 'properties'],
          'must be named by a letter and at most 39 more letters, digits, hyphens and underscores',
        )
    }
    if (!Array.isArray(required) || !required.every((name) => names.includes(name as string)))
      this.refuse([...path, 'required'], 'must be a list of names that stand in properties')
    else if (isRepeating(required)) this.refuse([...path, 'required'], 'must not hold a name twice')
    this.lookAtOthers(additionalProperties, names.length > 0, [...path, 'additionalProperties'], depth)
  }

  /** An object has the properties that are named, or is a map of whatever names; TypeScript has no word for what is both. */
  private lookAtOthers(additionalProperties: unknown, hasNames: boolean, path: Path, depth: number): void {
    if (!hasNames && isObject(additionalProperties)) this.look(additionalProperties, path, depth + 1)
    else if (hasNames && additionalProperties !== false)
      this.refuse(path, 'must be false where there are properties')
    else if (!hasNames)
      this.refuse(path, 'must be the schema of what the object may hold where there are no properties')
  }

  private lookAtAmounts(given: JsonSchema, keywords: readonly string[], path: Path): void {
    for (const keyword of keywords) {
      const value = given[keyword]
      if (value === undefined) continue
      if (!(Number.isInteger(value) && (value as number) >= 0 && isAtMost(value, MAX_VALUE_BYTES)))
        this.refuse([...path, keyword], `must be a whole number from 0 to ${MAX_VALUE_BYTES}`)
    }
  }
}

const PROPERTY_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/

const isAtMost = (value: unknown, most: number): boolean => typeof value === 'number' && value <= most

const isRepeating = (list: readonly unknown[]): boolean => new Set(list).size < list.length

const isText = (value: unknown, max: number): boolean =>
  typeof value === 'string' && value.trim() !== '' && value.length <= max

function unknownKeyword(keyword: string, types: readonly TypeName[]): string {
  if (/^\$(ref|dynamicRef|recursiveRef|defs)$|^definitions$/.test(keyword))
    return 'cannot be used: write out what it refers to'
  const of = TYPES.filter((type) => KEYWORDS_OF[type].includes(keyword))
  if (of.length > 0) return `says something of the type ${of.join(' or ')} alone`
  return `is no keyword that can be used here; these can: ${keywordsOf(types).join(', ')}`
}

/** What is wrong with a pattern: it means the same to browsers, to which it is told, and never takes long. */
function patternProblem(pattern: unknown): string | null {
  if (!isText(pattern, MAX_PATTERN)) return `must be text of at most ${MAX_PATTERN} characters`
  try {
    new RegExp(pattern as string, 'u')
    return linearPattern(pattern as string).size > MAX_PATTERN_SIZE
      ? 'repeats too much: every repetition counts as often as it may be'
      : null
  } catch (error) {
    return `cannot be used, as it must match in linear time: ${(error as Error).message}`
  }
}
