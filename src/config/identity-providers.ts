import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { parseUrl } from '../core/url'

const text = (max: number) =>
  z
    .string({ error: 'must be text' })
    .min(1, { error: 'must not be empty' })
    .max(max, { error: `must have at most ${max} characters` })

const provider = z.strictObject(
  {
    id: text(32).regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, {
      error: 'must be lower-case letters, digits and dashes',
    }),
    name: text(64),
    issuer: text(500).refine(isIssuer, {
      error: 'must be a URL without query or fragment, such as https://accounts.google.com',
    }),
    clientId: text(500),
    clientSecret: text(2_000),
    scopes: z
      .array(text(200).regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: 'must be one word' }), {
        error: 'must be a list',
      })
      .default(['openid', 'email', 'profile'])
      .refine((scopes) => scopes.includes('openid'), { error: 'must hold openid' }),
  },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys' ? `has no setting ${keys.join(', ')}` : 'must be an object',
  },
)

const providers = z
  .array(provider, { error: 'must be a list' })
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, {
    error: 'must not hold an id twice',
  })

/** An OpenID Connect provider at which people may sign in. */
export type ProviderSettings = Readonly<z.output<typeof provider>>

/** OpenID Connect Discovery §3: a URL without query or fragment. */
function isIssuer(issuer: string): boolean {
  const url = parseUrl(issuer)
  if (url === null) return false
  const { protocol, username, password } = url
  return ['http:', 'https:'].includes(protocol) && !/[?#]/.test(issuer) && username + password === ''
}

/** The list itself (JSON), or the path of a file that holds it. A complaint never quotes it: there are secrets in it. */
export const identityProviders = z
  .string()
  .default('[]')
  .transform((given, context): readonly ProviderSettings[] => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message })
    let list: unknown
    try {
      list = JSON.parse(/^\s*[[{]/.test(given) ? given : readFileSync(given, 'utf8'))
    } catch {
      complain('must be a list of providers as JSON, or the path of a file that holds one')
      return z.NEVER
    }
    const { data, error } = providers.safeParse(list)
    for (const { path, message } of error?.issues ?? [])
      complain([path.join('.'), message].filter(Boolean).join(' '))
    return data ?? z.NEVER
  })

/** Schemes that run or read something where the link is opened, instead of leading anywhere. */
const ACTIVE_SCHEMES = ['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:', 'filesystem:']

/**
 * Whether somebody may be led back to this address: a URL of a page or of an app (RFC 8252 §7), without what would make it
 * stand for more than one place, and without a fragment, in which the answer comes (RFC 6749 §3.1.2).
 */
export function isRedirectUrl(address: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(address) || /[#*\\<>"]/.test(address) || parseUrl(address) === null) return false
  const { protocol, username, password, hostname } = new URL(address)
  if (ACTIVE_SCHEMES.includes(protocol) || username + password !== '') return false
  return !['http:', 'https:'].includes(protocol) || (address.startsWith(`${protocol}//`) && hostname !== '')
}

/** Whether what is led back with could be read or changed on its way: only the machine's own network is no way at all. */
export function isOpenToOthers(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
