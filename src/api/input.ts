import { Arg, createParameterDecorator, Field, ID, InputType, Int } from 'type-graphql'
import { Rejected, UserErrorCode, type Problem } from '../core/error'
import { idOf, type IdKind } from '../core/id'

/** What a field of an input may hold. Descriptions in the schema and the checks at run time both come from here. */
export interface TextRules {
  description: string
  /** Longest allowed, in Unicode code points. */
  max: number
  min?: number
  /** Whether line breaks are part of the text; without it they are refused. */
  multiline?: boolean
  optional?: boolean
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
    Field(type, { description: describe(rules), nullable: rules.optional ?? false })(target, property)
    addCheck(target, property, (value, field, problems) => {
      if (value === undefined || value === null) return value
      if (!rules.list) return checkText(value as string, rules, field, problems)
      const items = value as string[]
      if (items.length > rules.list.max) {
        problems.push({
          code: UserErrorCode.TOO_LONG,
          field,
          message: `At most ${rules.list.max} are allowed.`,
        })
        return items
      }
      return items.map((item, index) => checkText(item, rules, [...field, String(index)], problems))
    })
  }

/** What an id that is malformed or of another kind becomes: the nil UUID, which no row has, so that it is simply not found. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** The id of something of one kind; services receive the database's id. */
export const IdOf =
  (kind: IdKind, description: string, { optional = false } = {}): PropertyDecorator =>
  (target, property) => {
    Field(() => ID, { description, nullable: optional })(target, property)
    addCheck(target, property, (value) => (value == null ? value : (idOf(kind, value as string) ?? NOBODY)))
  }

/** The version that the client last read; a change on top of another one is a `CONFLICT`. */
export const ExpectedVersion = (): PropertyDecorator => (target, property) =>
  Field(() => Int, {
    nullable: true,
    description:
      'The `version` that the change is based on. A newer one makes the answer a CONFLICT; leave it out to change regardless.',
  })(target, property)

/** The `input` argument that every mutation takes. */
export const InputArgument = (type: () => Function): ParameterDecorator =>
  Arg('input', type as never, { description: 'What to do, and with what.' }) as ParameterDecorator

/** A field's argument that is the id of something of one kind. */
export const IdArgument = (name: string, kind: IdKind, description: string): ParameterDecorator =>
  createParameterDecorator(({ args }) => idOf(kind, (args as Record<string, string>)[name]!) ?? NOBODY, {
    arg: { name, typeFunc: () => ID, options: { description } },
  }) as ParameterDecorator

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
  const ofClass = checks.get(value.constructor)
  if (!ofClass) return
  const record = value as Record<string, unknown>
  for (const key of Object.keys(record)) {
    const check = ofClass.get(key)
    if (check) record[key] = check(record[key], [...path, key], problems)
    else walk(record[key], [...path, key], problems)
  }
}

const LINE_BREAK = /[\r\n\u0085\u2028\u2029\t\v\f]/

function checkText(raw: string, rules: TextRules, field: string[], problems: Problem[]): string {
  const text = rules.verbatim ? raw : raw.normalize('NFC').trim()
  const problem = (code: UserErrorCode, message: string) => problems.push({ code, field, message })
  const length = codePoints(text)
  const min = rules.min ?? (rules.optional ? 0 : 1)
  if (length === 0 && min > 0) problem(UserErrorCode.REQUIRED, 'This must not be empty.')
  else if (length < min) problem(UserErrorCode.TOO_SHORT, `Use at least ${min} characters.`)
  else if (length > rules.max) problem(UserErrorCode.TOO_LONG, `Use at most ${rules.max} characters.`)
  else if (!rules.multiline && !rules.verbatim && LINE_BREAK.test(text))
    problem(UserErrorCode.INVALID, 'Write this in one line.')
  else if (rules.pattern && length > 0 && !rules.pattern.matches.test(text))
    problem(UserErrorCode.INVALID, rules.pattern.says)
  return text
}

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
