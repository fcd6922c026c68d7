import { z } from 'zod'

interface Definition<Value> {
  description: string
  schema: z.ZodType<Value>
  default: Value
}

const define = <Value>(description: string, schema: z.ZodType<Value>, defaultValue: Value): Definition<Value> => ({
  description,
  schema,
  default: defaultValue,
})

/** Every preference there is: what it means, what it may be, and what it is until somebody sets it. */
export const PREFERENCES = {
  language: define('The language of the application, a BCP 47 tag.', z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/).max(35), 'en'),
  theme: define('How the application looks.', z.enum(['system', 'light', 'dark']), 'system'),
  timeFormat: define('How times of day are shown.', z.enum(['12h', '24h']), '24h'),
  weekStart: define('The day on which a week begins.', z.enum(['monday', 'saturday', 'sunday']), 'monday'),
  pageSize: define('How many items a list shows at once.', z.int().min(5).max(100), 20),
  reducedMotion: define('Whether animations are left out.', z.boolean(), false),
  'notifications.email': define('Whether news arrives by e-mail.', z.boolean(), true),
  'notifications.digest': define('How often a summary arrives.', z.enum(['never', 'daily', 'weekly']), 'weekly'),
} as const satisfies Record<string, Definition<never> | Definition<unknown>>

export type PreferenceKey = keyof typeof PREFERENCES

export const PREFERENCE_KEYS = Object.keys(PREFERENCES) as PreferenceKey[]

export const isPreferenceKey = (key: string): key is PreferenceKey => Object.hasOwn(PREFERENCES, key)

/** What is wrong with a value, in a sentence; null when it is fine. */
export function valueProblem(key: PreferenceKey, value: unknown): string | null {
  const checked = PREFERENCES[key].schema.safeParse(value)
  return checked.success ? null : checked.error.issues.map((issue) => issue.message).join('; ')
}

/** What values are allowed, as a JSON Schema (draft 2020-12). */
export const jsonSchemaOf = (key: PreferenceKey): Record<string, unknown> => z.toJSONSchema(PREFERENCES[key].schema)
