import { z } from 'zod'
import { suggestKey, type PreferenceDefinition } from '../core/preference-definition'
import builtIn from './built-in-preferences.json'
import {
  compileSchema,
  definitionList,
  keyOfEntry,
  readEntries,
  strictly,
  textOfEntry,
  type Complain,
} from './definition-list'

/*
 * The preferences that there are. Portico's own and the application's are written in the same form, a list of entries; an entry with
 * the key of one of Portico's gives it another default.
 */

const said = z.union(
  [z.string(), z.number(), z.boolean(), z.array(z.unknown()), z.record(z.string(), z.unknown())],
  {
    error: 'must be said, and is never null',
  },
)

const entry = z.strictObject(
  {
    key: keyOfEntry,
    description: textOfEntry(500).optional(),
    schema: z.unknown().optional(),
    default: said,
    isForDevices: z.boolean({ error: 'must be true or false' }).optional(),
    isForGroups: z.boolean({ error: 'must be true or false' }).optional(),
  },
  strictly,
)

type Entry = z.output<typeof entry>

/**
 * Adds what a list defines to what is defined already. Every problem of every entry is told; what has one is left out.
 * @param isOfApplication whether it is the application's list, whose entries may give other defaults to what is defined already
 */
function define(
  list: readonly unknown[],
  known: Map<string, PreferenceDefinition>,
  { isOfApplication }: { isOfApplication: boolean },
  complain: Complain,
): void {
  const before = new Map(known)
  readEntries(
    list,
    entry,
    (data, complainOf) => {
      const definition = before.has(data.key)
        ? withDefault(before.get(data.key)!, data, complainOf)
        : defined(data, { isOfApplication, known: before.keys() }, complainOf)
      if (definition) known.set(data.key, definition)
    },
    complain,
  )
}

/** A preference of Portico's with the application's default. */
function withDefault(
  builtIn: PreferenceDefinition,
  { key: _, default: given, ...others }: Entry,
  complain: Complain,
): PreferenceDefinition | null {
  const changed = Object.keys(others)
  if (changed.length > 0) {
    complain(`is built in: another default can be given to it, but no ${changed.join(', ')}`)
    return null
  }
  return checked({ ...builtIn, default: given, isDefaultOfApplication: true }, complain)
}

function defined(
  { key, description, schema, default: given, isForDevices = false, isForGroups = false }: Entry,
  { isOfApplication, known }: { isOfApplication: boolean; known: Iterable<string> },
  complain: Complain,
): PreferenceDefinition | null {
  if (description === undefined && schema === undefined) {
    complain(`is not built in, so it must have a description and a schema.${suggestKey(key, known)}`)
    return null
  }
  if (description === undefined) complain('description must say what it means')
  const compiled = compileSchema(schema, complain)
  if (!compiled || description === undefined) return null
  if (compiled.problemWith(null) === null)
    complain('schema must not allow null: a preference that is reset has what it inherits')
  return checked(
    {
      key,
      description,
      schema: compiled,
      default: given,
      isDefaultOfApplication: isOfApplication,
      isForDevices,
      isForGroups,
    },
    complain,
  )
}

function checked(definition: PreferenceDefinition, complain: Complain): PreferenceDefinition | null {
  const problem = definition.schema.problemWith(definition.default)
  if (problem === null) return Object.freeze(definition)
  complain(`default is refused by its schema: ${problem}`)
  return null
}

const BUILT_IN = new Map<string, PreferenceDefinition>()
define(builtIn, BUILT_IN, { isOfApplication: false }, (problem) => {
  throw new Error(problem)
})

/** Portico's own, with their own defaults. */
export const builtInPreferences = (): readonly PreferenceDefinition[] => [...BUILT_IN.values()]

/** The application's list (JSON), or the path of a file that holds it: Portico's own preferences, and those that it adds. */
export const preferences = definitionList<PreferenceDefinition>('preferences', (list, complain) => {
  const definitions = new Map(BUILT_IN)
  define(list, definitions, { isOfApplication: true }, complain)
  return [...definitions.values()]
})
