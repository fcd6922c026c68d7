import { Rejected, rejected, UserErrorCode } from '../../core/error'
import { isWithin, type PreferenceDefinitions } from '../../core/preference-definition'
import { noSuchPreference } from './preference-problems'

/** Which preferences are meant; one of these is said. */
export interface PreferenceChoice {
  keys?: readonly string[]
  namespace?: string
  all?: boolean
}

/**
 * The keys of the preferences that are meant; null for all, those included that are not defined any more.
 * @throws Rejected where nothing is said, or more than one thing, or what is named is not there
 */
export function chosenKeys(
  definitions: PreferenceDefinitions,
  { keys, namespace, all = false }: PreferenceChoice,
): readonly string[] | null {
  // A form that was left empty by mistake would be about everything.
  if ([keys !== undefined, namespace !== undefined, all].filter(Boolean).length !== 1)
    throw rejected(
      'preferences',
      UserErrorCode.INVALID,
      'Say which are meant: `keys`, `namespace` or `all`, one of them.',
    )
  if (keys) {
    if (keys.length === 0)
      throw rejected(['preferences', 'keys'], UserErrorCode.REQUIRED, 'Give at least one.')
    const problems = keys.flatMap((key, index) =>
      definitions.has(key)
        ? []
        : [
            {
              code: UserErrorCode.NOT_FOUND,
              field: ['preferences', 'keys', String(index)],
              message: noSuchPreference(definitions, key),
            },
          ],
    )
    if (problems.length > 0) throw new Rejected(...problems)
    return keys
  }
  if (namespace === undefined) return null
  const within = [...definitions.keys()].filter((key) => isWithin(namespace, key))
  if (within.length === 0)
    throw rejected(
      ['preferences', 'namespace'],
      UserErrorCode.NOT_FOUND,
      'There is no preference in this namespace.',
    )
  return within
}
