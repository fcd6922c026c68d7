import {
  ArgsType,
  createParameterDecorator,
  Field,
  getMetadataStorage,
  ID,
  InputType,
  Int,
} from 'type-graphql'
import { MAX_CURSOR_LENGTH } from '../core/page'
import { Rejected, UserErrorCode, type Problem } from '../core/error'
import { idOf, type Id, type IdKind } from '../core/id'

/** What a field of an input may hold. Descriptions in the schema and the checks at run time both come from here. */
export interface TextRules {
  description: string
  /** Longest allowed, in Unicode code points. */
  max: number
  min?: number
  /** Whether line breaks are part of the text; without it they are refused. */
  multiline?: boolean
  /**
   * Whether it may be left out. `true`: null means the same. `'stays'`: what is left out stays as it was, and null is
   * refused, because it cannot be removed. `'removable'`: what is left out stays; null or an empty text removes it.
   */
  optional?: boolean | 'stays' | 'removable'
  /** Taken exactly as typed: not trimmed, not normalised (secrets). */
  verbatim?: boolean
  pattern?: { matches: RegExp; says: string }
  /** Present for a list of texts: how many it may hold. */
  list?: { max: number }
}

type Check = (value: unknown, field: string[], problems: Problem[]) => unknown

const checks = new Map<Function, Map<string, Check>>()

function addCheck(target: object, property: string | symbol, check: Check) {
  const ofClass = checks.get(target.constructor) ?? new Map<string, Check>()
  checks.set(target.constructor, ofClass.set(String(property), check))
}

/** An input type of the API. */
export const Input = (name: string, description: string): ClassDecorator => InputType(name, { description })

/** A text of an input. */
export const Text =
  (rules: TextRules): PropertyDecorator =>
  (target, property) => {
    const type = rules.list ? () => [String] : () => String
    Field(type, { description: describe(rules), nullable: Boolean(rules.optional) })(target, property)
    addCheck(target, property, (value, field, problems) => {
      if (value === undefined) return value
      if (value === null) {
        if (rules.optional === 'removable') return null
        if (rules.optional === 'stays') {
          const message = 'This cannot be removed, only changed; leave it out to keep it.'
          problems.push({ code: UserErrorCode.REQUIRED, field, message })
        }
        return undefined
      }
      if (!rules.list) {
        const text = checkText(value as string, rules, field, problems)
        return text === '' && rules.optional === 'removable' ? null : text
      }
      const items = value as string[]
      if (!fits(items, rules.list.max, field, problems)) return items
      return items.map((item, index) => checkText(item, rules, [...field, String(index)], problems))
    })
  }

interface ListRules {
  description: string
  max: number
  /** Whether it may be left out, or be empty. */
  optional?: boolean
}

/** A list of one or more inputs. */
export const InputList =
  (type: () => Function, { description, max, optional = false }: ListRules): PropertyDecorator =>
  (target, property) => {
    const told = `${description} At most ${max}.`
    Field(() => [type()] as never, { description: told, nullable: optional })(target, property)
    addCheck(target, property, (value, field, problems) => {
      if (value == null) return undefined
      const items = value as unknown[]
      if (items.length === 0 && !optional) {
        problems.push({ code: UserErrorCode.REQUIRED, field, message: 'Give at least one.' })
      } else if (fits(items, max, field, problems)) walk(items, field, problems)
      return items
    })
  }

function fits(items: readonly unknown[], max: number, field: string[], problems: Problem[]): boolean {
  if (items.length <= max) return true
  problems.push({ code: UserErrorCode.TOO_LONG, field, message: `At most ${max} are allowed.` })
  return false
}

/** What an id that is malformed or of another kind becomes: the nil UUID, which no row has, so that it is simply not found. */
export const NOBODY: Id = '00000000-0000-0000-0000-000000000000'

interface IdRules {
  /** Whether it may be left out, where null means the same; `'removable'`: what is left out stays, and null removes it. */
  optional?: boolean | 'removable'
  /** Present for a list of ids: how many it may hold. */
  list?: { max: number }
}

/** The id of something of one kind, or of several, or a list of them; services receive the database's ids. */
export const IdOf =
  (
    kind: IdKind | readonly IdKind[],
    description: string,
    { optional = false, list }: IdRules = {},
  ): PropertyDecorator =>
  (target, property) => {
    const told = list ? `${description} At most ${list.max}.` : description
    Field(() => (list ? [ID] : ID) as never, { description: told, nullable: Boolean(optional) })(
      target,
      property,
    )
    const kinds = [kind].flat()
    const read = (globalId: string): Id =>
      kinds.map((each) => idOf(each, globalId)).find((id) => id !== null) ?? NOBODY
    addCheck(target, property, (value, field, problems) => {
      if (value === null && optional === 'removable') return null
      if (value == null) return undefined
      if (!list) return read(value as string)
      const ids = value as string[]
      return fits(ids, list.max, field, problems) ? ids.map(read) : ids
    })
  }

/** The version that the client last read; a change on top of another one is a `CONFLICT`. */
export const ExpectedVersion =
  (otherwise = 'leave it out to change regardless'): PropertyDecorator =>
  (target, property) =>
    Field(() => Int, {
      nullable: true,
      description: `The \`version\` that the change is based on. A newer one makes the answer a CONFLICT; ${otherwise}.`,
    })(target, property)

/** Where a subscription goes on that tells each event once. */
@ArgsType()
export class FollowArguments {
  @Text({
    description: 'The cursor of the last event that you have, after which to go on; kept for a day.',
    max: MAX_CURSOR_LENGTH,
    optional: true,
    verbatim: true,
  })
  after?: string
}

/** The `input` argument that every mutation takes, checked. */
export const InputArgument = (type: () => Function): ParameterDecorator =>
  createParameterDecorator(
    ({ args }) => {
      const input = instanceOf(type(), (args as { input: unknown }).input)
      checkInput(input)
      return input
    },
    {
      arg: { name: 'input', typeFunc: type as never, options: { description: 'What to do, and with what.' } },
    },
  ) as ParameterDecorator

/** The fields of a class of inputs, with the class of those that hold such inputs themselves. */
const fieldsOf = memoized((type: Function): Map<string, Function | null> => {
  const { inputTypes } = getMetadataStorage()
  const fields = inputTypes.filter(({ target }) => target === type || type.prototype instanceof target)
  return new Map(
    fields.flatMap(({ fields: own }) =>
      own!.map(({ name, getType }) => {
        const held = getType() as Function
        return [name, inputTypes.some(({ target }) => target === held) ? held : null] as const
      }),
    ),
  )
})

/**
 * What GraphQL has read, as instances of the classes that say what it is. The library does it too, and looks for each field among all
 * types of the API each time.
 */
function instanceOf(type: Function, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => instanceOf(type, item))
  if (value == null) return value
  const instance = new (type as new () => Record<string, unknown>)()
  const given = value as Record<string, unknown>
  for (const [name, held] of fieldsOf(type))
    if (given[name] !== undefined) instance[name] = held ? instanceOf(held, given[name]) : given[name]
  return instance
}

/** The same, worked out once for each class. */
function memoized<Result>(work: (type: Function) => Result): (type: Function) => Result {
  const known = new Map<Function, Result>()
  return (type) => {
    const found = known.get(type) ?? work(type)
    known.set(type, found)
    return found
  }
}

/** A field's argument that is the id of something of one kind. */
export const IdArgument = (name: string, kind: IdKind, description: string): ParameterDecorator =>
  createParameterDecorator(({ args }) => idOf(kind, (args as Record<string, string>)[name]!) ?? NOBODY, {
    arg: { name, typeFunc: () => ID, options: { description } },
  }) as ParameterDecorator

/** A field's argument that is a text, taken as it stands. */
export const TextArgument = (name: string, description: string, max = 255): ParameterDecorator => {
  const rules = { description, max, min: 0, verbatim: true }
  return createParameterDecorator(
    ({ args }) => {
      const problems: Problem[] = []
      const text = checkText((args as Record<string, string>)[name]!, rules, [name], problems)
      if (problems.length > 0) throw new Rejected(...problems)
      return text
    },
    { arg: { name, typeFunc: () => String, options: { description: describe(rules) } } },
  ) as ParameterDecorator
}

/**
 * Checks and normalises an input in place.
 * @throws Rejected naming every field that needs mending, by its path.
 */
export function checkInput(input: unknown): void {
  const problems: Problem[] = []
  walk(input, [], problems)
  if (problems.length > 0) throw new Rejected(...problems)
}

function walk(value: unknown, path: string[], problems: Problem[]): void {
  if (Array.isArray(value))
    return value.forEach((item, index) => walk(item, [...path, String(index)], problems))
  if (typeof value !== 'object' || value === null) return
  // A class without checks of its own, such as the arguments of a list, may hold inputs that have some.
  const record = value as Record<string, unknown>
  const ofClass = checksOf(classOf(value))
  for (const key of Object.keys(record)) {
    const check = ofClass.get(key)
    if (check) record[key] = check(record[key], [...path, key], problems)
    else if (typeof record[key] === 'object') walk(record[key], [...path, key], problems)
  }
}

/** A text from elsewhere under the rules of an input, normalised; null where it breaks one. */
export function cleanText(text: string, rules: TextRules): string | null {
  const problems: Problem[] = []
  const clean = checkText(text, rules, [], problems)
  return problems.length > 0 ? null : clean
}

/** Not as it says itself: a client may call a property of its own `constructor`. */
const classOf = (value: object): Function =>
  (Object.getPrototypeOf(value) as { constructor: Function } | null)?.constructor ?? Object

/** The checks of fields which a class or one that it extends has declared. */
const checksOf = memoized((type: Function): ReadonlyMap<string, Check> => {
  const parent = Object.getPrototypeOf(type) as Function | null
  return new Map([...(parent === null ? [] : checksOf(parent)), ...(checks.get(type) ?? [])])
})

const CONTROL = /[\p{Cc}\u2028\u2029]/u

/** More than the Stream-Safe Text Format has (UAX #15 §13): the time to normalise a run of marks grows with its square. */
const PILED_MARKS = /\p{M}{31}/u

/** White space and characters that show nothing (the last one is an empty Braille cell). */
const INVISIBLE = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]+$/u

/** No letter is composed of more UTF-16 code units than this, so a longer text does not become short by normalising it. */
const UNITS_PER_LETTER = 4

function checkText(raw: string, rules: TextRules, field: string[], problems: Problem[]): string {
  const refuse = (code: UserErrorCode, message: string) => {
    problems.push({ code, field, message })
    return raw
  }
  const tooLong = `Use at most ${rules.max} characters.`
  if (raw.length > rules.max * UNITS_PER_LETTER) return refuse(UserErrorCode.TOO_LONG, tooLong)
  if (!rules.verbatim && PILED_MARKS.test(raw)) {
    return refuse(UserErrorCode.INVALID, 'Put fewer marks on one letter.')
  }
  const text = rules.verbatim ? raw : visible(raw.normalize('NFC').trim())
  const length = codePoints(text)
  const min = rules.min ?? (isEmptyAllowed(rules) ? 0 : 1)
  if (length === 0 && min > 0) return refuse(UserErrorCode.REQUIRED, 'This must not be empty.')
  if (length < min) return refuse(UserErrorCode.TOO_SHORT, `Use at least ${min} characters.`)
  if (length > rules.max) return refuse(UserErrorCode.TOO_LONG, tooLong)
  if (!rules.multiline && !rules.verbatim && CONTROL.test(text)) {
    return refuse(UserErrorCode.INVALID, 'Write this in one line, without control characters.')
  }
  if (rules.pattern && length > 0 && !rules.pattern.matches.test(text)) {
    return refuse(UserErrorCode.INVALID, rules.pattern.says)
  }
  return text
}

/** An optional list can be left out; what stands in it is something. */
const isEmptyAllowed = ({ optional, list }: TextRules): boolean =>
  !list && (optional === true || optional === 'removable')

/** The text, or none where nothing of it can be seen. */
const visible = (text: string): string => (INVISIBLE.test(text) ? '' : text)

/** Length as people count it (NIST SP 800-63B-4 §3.1.1.2): each code point once. */
function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

function describe(rules: TextRules): string {
  const limits = rules.min ? `${rules.min} to ${rules.max} characters.` : `At most ${rules.max} characters.`
  return [
    rules.description,
    rules.list ? `At most ${rules.list.max}, each of at most ${rules.max} characters.` : limits,
  ].join(' ')
}
