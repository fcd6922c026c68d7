import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { MAX_KEY_LENGTH } from '../core/preference-definition'
import { schemaProblems } from '../core/schema-problems'
import { ValueSchema } from '../core/value-schema'

/*
 * What an application defines by a list of entries, each with a key and a JSON Schema: its preferences and the attributes of its
 * people.
 */

/** How many entries a list may hold, and how many bytes its text. */
const MAX_ENTRIES = 200
const MAX_BYTES = 256 * 1024

/** Says what is wrong, in words that name the entry. */
export type Complain = (message: string) => void

/** The key of an entry. */
export const keyOfEntry = z
  .string({ error: 'must be text' })
  .max(MAX_KEY_LENGTH, { error: `must have at most ${MAX_KEY_LENGTH} characters` })
  .regex(/^[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*$/, {
    error: 'must be words of letters and digits such as editor.fontSize, joined by dots',
  })

/** A text that an entry has to have. */
export const textOfEntry = (max: number) =>
  z
    .string({ error: 'must be text' })
    .min(1, { error: 'must not be empty' })
    .max(max, { error: `must have at most ${max} characters` })

/** What is said of an entry that is no object, or has what there is not. */
export const strictly = {
  error: ({ code, keys }: { code?: string; keys?: readonly string[] }) =>
    code === 'unrecognized_keys' ? `has no setting ${keys?.join(', ')}` : 'must be an object',
}

/** What an entry is called where something is wrong with it: by its key, or by its place. */
export function nameOfEntry(given: unknown, index: number): string {
  const key: unknown = (given as { key?: unknown } | null)?.key
  return typeof key === 'string' && key !== '' ? key.slice(0, MAX_KEY_LENGTH) : String(index)
}

/** The schema that values are held to; null where it is told what is wrong with it. */
export function compileSchema(schema: unknown, complain: Complain): ValueSchema | null {
  const problems = schemaProblems(schema)
  for (const { path, message } of problems) complain(`${['schema', ...path].join('.')} ${message}`)
  if (problems.length > 0) return null
  try {
    return new ValueSchema(schema as ValueSchema['json'])
  } catch (error) {
    complain(`schema cannot be used: ${(error as Error).message}`)
    return null
  }
}

/**
 * Goes through the entries of a list: every problem of every entry is told, and what has one is left out.
 * @param define what to do with an entry of the right form
 */
export function readEntries<Entry extends { key: string }>(
  list: readonly unknown[],
  form: z.ZodType<Entry>,
  define: (entry: Entry, complain: Complain) => void,
  complain: Complain,
): void {
  const seen = new Set<string>()
  list.forEach((given, index) => {
    const { data, error } = form.safeParse(given)
    const name = nameOfEntry(given, index)
    for (const { path, message } of error?.issues ?? [])
      complain(`${name}: ${[path.join('.'), message].filter(Boolean).join(' ')}`)
    if (!data) return
    if (seen.has(data.key)) return complain(`${name}: stands in the list twice`)
    seen.add(data.key)
    define(data, (message) => complain(`${name}: ${message}`))
  })
}

/**
 * A setting that is such a list (JSON), or the path of a file that holds it.
 * @param what what the list holds, as people call it
 */
export const definitionList = <Definition>(
  what: string,
  read: (list: readonly unknown[], complain: Complain) => readonly Definition[],
) =>
  z
    .string()
    .default('[]')
    .transform((given, context): readonly Definition[] => {
      const complain = (message: string) => context.addIssue({ code: 'custom', message })
      let list: unknown
      try {
        const text = /^\s*[[{]/.test(given) ? given : readFileSync(given, 'utf8')
        if (Buffer.byteLength(text) > MAX_BYTES) {
          complain(`must have at most ${MAX_BYTES} bytes`)
          return z.NEVER
        }
        list = JSON.parse(text)
      } catch {
        complain(`must be a list of ${what} as JSON, or the path of a file that holds one`)
        return z.NEVER
      }
      if (!Array.isArray(list)) complain('must be a list')
      else if (list.length > MAX_ENTRIES) complain(`must hold at most ${MAX_ENTRIES}`)
      else return read(list, complain)
      return z.NEVER
    })
