import { z } from 'zod'
import { isLocale, LOCALE_ADVICE } from '../user/locale'

interface Definition<Value> {
  description: string
  schema: z.ZodType<Value>
  default: Value
}

const define = <Value>(
  description: string,
  schema: z.ZodType<Value>,
  defaultValue: Value,
): Definition<Value> => ({
  description,
  schema,
  default: defaultValue,
})

const oneOf = <const Word extends string>(...words: Word[]) =>
  z.enum(words, { error: `Use one of ${words.join(', ')}.` })

const wholeNumber = (min: number, max: number) => {
  const error = `Use a whole number from ${min} to ${max}.`
  return z.int({ error }).min(min, { error }).max(max, { error })
}

const yesOrNo = z.boolean({ error: 'Use true or false.' })

const languageTag = z
  .string({ error: LOCALE_ADVICE })
  .max(35, { error: LOCALE_ADVICE })
  .regex(/^[a-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, { error: LOCALE_ADVICE })
  .refine(isLocale, { error: LOCALE_ADVICE })

/** Every preference there is: what it means, what it may be, and what it is until somebody sets it. */
export const PREFERENCES = {
  language: define('The language of the application, a BCP 47 tag.', languageTag, 'en'),
  theme: define('How the application looks.', oneOf('system', 'light', 'dark'), 'system'),
  timeFormat: define('How times of day are shown.', oneOf('12h', '24h'), '24h'),
  weekStart: define('The day on which a week begins.', oneOf('monday', 'saturday', 'sunday'), 'monday'),
  pageSize: define('How many items a list shows at once.', wholeNumber(5, 100), 20),
  reducedMotion: define('Whether animations are left out.', yesOrNo, false),
  'notifications.email': define('Whether news arrives by e-mail.', yesOrNo, true),
  'notifications.digest': define('How often a summary arrives.', oneOf('never', 'daily', 'weekly'), 'weekly'),
} as const satisfies Record<string, Definition<never> | Definition<unknown>>

export type PreferenceKey = keyof typeof PREFERENCES

export const PREFERENCE_KEYS = Object.keys(PREFERENCES) as PreferenceKey[]

export const isPreferenceKey = (key: string): key is PreferenceKey => Object.hasOwn(PREFERENCES, key)

/** What is wrong with a value, in a sentence; null when it is fine. */
export function valueProblem(key: PreferenceKey, value: unknown): string | null {
  const checked = PREFERENCES[key].schema.safeParse(value)
  return checked.success ? null : checked.error.issues[0]!.message
}

/** What values are allowed, as a JSON Schema (draft 2020-12). */
export const jsonSchemaOf = (key: PreferenceKey): Record<string, unknown> =>
  z.toJSONSchema(PREFERENCES[key].schema)
