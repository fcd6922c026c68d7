import { UserErrorCode, type Problem } from './error'
import { suggestKey } from './preference-definition'
import type { ValueSchema } from './value-schema'

interface Defined {
  readonly schema: ValueSchema
}

interface Given {
  key: string
  value: unknown
}

/** How problems with a list of values are told: the input's field that holds the list, and what the values are of. */
export interface Told {
  field: string
  /** As in “There is no such …”. */
  what: string
  /** What to do where nothing like a key is known. */
  hint: string
}

/**
 * What is wrong with a list of values that are to be set, each key of which may stand in it once.
 * @param problemOfKey why what is defined cannot be set here; null where it can
 * @param isRemovable whether null takes a value away, whatever the schema
 */
export function valueProblems<Definition extends Defined>(
  definitions: ReadonlyMap<string, Definition>,
  given: readonly Given[],
  told: Told,
  problemOfKey: (definition: Definition) => string | null = () => null,
  isRemovable = false,
): Problem[] {
  const seen = new Set<string>()
  return given.flatMap(({ key, value }, index): Problem[] => {
    const refuse = (name: keyof Given, code: UserErrorCode, message: string) => [
      { code, field: [told.field, String(index), name], message },
    ]
    if (seen.has(key))
      return refuse('key', UserErrorCode.INVALID, `This ${told.what} stands in the list twice.`)
    seen.add(key)
    const definition = definitions.get(key)
    if (!definition) return refuse('key', UserErrorCode.NOT_FOUND, noSuchKey(definitions, key, told))
    const misplaced = problemOfKey(definition)
    if (misplaced) return refuse('key', UserErrorCode.INVALID, misplaced)
    if (value === null && isRemovable) return []
    const problem = definition.schema.problemWith(value)
    return problem === null ? [] : refuse('value', UserErrorCode.INVALID, problem)
  })
}

/** For a key that nothing is defined by. */
export const noSuchKey = (
  definitions: ReadonlyMap<string, unknown>,
  key: string,
  { what, hint }: Pick<Told, 'what' | 'hint'>,
): string => `There is no such ${what}.${suggestKey(key, definitions.keys()) || ` ${hint}`}`
