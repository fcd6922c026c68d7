import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { LegalBasis, type Purpose } from '../core/purpose'

const text = (max: number) =>
  z
    .string({ error: 'must be text' })
    .min(1, { error: 'must not be empty' })
    .max(max, { error: `must have at most ${max} characters` })

const strictly = {
  error: ({ code, keys }: { code?: string; keys?: readonly string[] }) =>
    code === 'unrecognized_keys' ? `has no setting ${keys?.join(', ')}` : 'must be an object',
}

const purpose = z.strictObject(
  {
    id: text(64).regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, {
      error: 'must be lower-case letters, digits and dashes',
    }),
    basis: z.enum(LegalBasis, { error: `must be ${Object.values(LegalBasis).join(', or ')}` }),
    version: text(32),
    texts: z
      .record(
        z
          .string()
          .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, { error: 'must be named by languages such as en' }),
        z.strictObject({ name: text(100), text: text(50_000) }, strictly),
        { error: 'must be named by languages such as en, each with a name and a text' },
      )
      .refine((texts) => Object.keys(texts).length > 0, { error: 'must hold one language at least' }),
  },
  strictly,
)

const purposes = z
  .array(purpose, { error: 'must be a list' })
  .max(50, { error: 'must hold at most 50' })
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, {
    error: 'must not hold an id twice',
  })

/** What a demo asks for: something to agree to, and something to object to. Nobody is kept out by it. */
export const DEMO_PURPOSES: readonly Purpose[] = [
  {
    id: 'newsletter',
    basis: LegalBasis.CONSENT,
    version: '1',
    texts: {
      en: { name: 'Newsletter', text: 'We may write to you once a month about what is new.' },
      de: { name: 'Newsletter', text: 'Wir dürfen dir einmal im Monat schreiben, was es Neues gibt.' },
    },
  },
  {
    id: 'analytics',
    basis: LegalBasis.LEGITIMATE_INTEREST,
    version: '1',
    texts: {
      en: {
        name: 'Statistics',
        text: 'We count how Portico is used, to make it better. You can object at any time.',
      },
      de: {
        name: 'Statistik',
        text: 'Wir zählen, wie Portico genutzt wird, um es zu verbessern. Du kannst jederzeit widersprechen.',
      },
    },
  },
]

/** The list itself (JSON), or the path of a file that holds it. */
export const consentPurposes = z
  .string()
  .transform((given, context): readonly Purpose[] => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message })
    let list: unknown
    try {
      list = JSON.parse(/^\s*[[{]/.test(given) ? given : readFileSync(given, 'utf8'))
    } catch {
      complain('must be a list of purposes as JSON, or the path of a file that holds one')
      return z.NEVER
    }
    const { data, error } = purposes.safeParse(list)
    for (const { path, message } of error?.issues ?? [])
      complain([path.join('.'), message].filter(Boolean).join(' '))
    return data ?? z.NEVER
  })
  .optional()
