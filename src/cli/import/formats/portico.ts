import { Refused } from '../refused'
import { booleanOf, jsonOf, momentOf, textOf, type Draft } from './values'

/** What can be said of a person in Portico's own form. */
export const FIELDS = [
  'username',
  'email',
  'emailVerified',
  'displayName',
  'bio',
  'locale',
  'timeZone',
  'createdAt',
  'roles',
  'preferences',
  'attributes',
  'passwordHash',
  'passwordChangedAt',
  'status',
] as const satisfies (keyof Draft)[]

const KNOWN: ReadonlySet<string> = new Set(FIELDS)

/** Portico's own form. In CSV, roles are separated by semicolons, and preferences and attributes are JSON. */
export function fromPortico(entry: Record<string, unknown>, now: Date): Draft {
  const unknown = Object.keys(entry).find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw unknownField(unknown)
  const { roles, preferences, attributes } = entry
  return {
    ...entry,
    emailVerified: booleanOf(entry['emailVerified'], 'emailVerified'),
    createdAt: momentOf(entry['createdAt'], 'createdAt', now),
    passwordChangedAt: momentOf(entry['passwordChangedAt'], 'passwordChangedAt', now),
    roles: typeof roles === 'string' ? roles.split(';').filter((name) => name.trim() !== '') : roles,
    preferences: jsonOf(preferences, 'preferences'),
    attributes: jsonOf(attributes, 'attributes'),
    nameHints: [textOf(entry['displayName'])],
  }
}

const unknownField = (name: string): Refused =>
  Refused.of(
    '',
    'UNKNOWN_FIELD',
    `There is no field ${JSON.stringify(name.slice(0, 40))}. Portico knows ${FIELDS.join(', ')}.`,
  )
