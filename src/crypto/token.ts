import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

/** What every token of ours starts with, so that secret scanners and log redaction know one when they see it. */
export const TOKEN_PREFIX = 'ptc_'

/** A session token: `ptc_` and 256 random bits as 43 characters of base64url. */
export const newToken = (): string => TOKEN_PREFIX + randomBytes(32).toString('base64url')

const RANDOM_PART = '[\\w-]{43}'

/** What every personal access token starts with. A session token can by chance start alike, but is shorter. */
export const ACCESS_TOKEN_PREFIX = `${TOKEN_PREFIX}pat_`

/** A personal access token: `ptc_pat_` and 256 random bits as 43 characters of base64url. */
export const newAccessToken = (): string => ACCESS_TOKEN_PREFIX + randomBytes(32).toString('base64url')

const ACCESS_TOKEN = new RegExp(`^${ACCESS_TOKEN_PREFIX}${RANDOM_PART}$`)

export const isAccessToken = (token: string): boolean => ACCESS_TOKEN.test(token)

/** What every secret starts with that webhooks are signed with (Standard Webhooks). */
export const WEBHOOK_SECRET_PREFIX = 'whsec_'

/** Finds our tokens and secrets in a text, of whichever kind. */
export const TOKENS = new RegExp(
  `${TOKEN_PREFIX}(pat_)?${RANDOM_PART}|${WEBHOOK_SECRET_PREFIX}[\\w+/]{43}=?`,
  'g',
)

/** A token for a link in a mail: 128 random bits as 22 characters of base64url. */
export const newLinkToken = (): string => randomBytes(16).toString('base64url')

/** What is stored of a token. A plain SHA-256 is enough, because nobody can guess 128 random bits or more. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest()

// Without vowels, so that no code spells a word, and without 0, 1, L, which are read as O, I, I.
const CODE_ALPHABET = '23456789BCDFGHJKMNPQRSTVWXYZ'
const CODE_LENGTH = 8

/** A code for a person to type: 8 characters, each of 28 with equal chance (38 bits; throttled and short-lived). */
export const newCode = (): string => randomText(CODE_LENGTH)

const randomText = (length: number): string =>
  Array.from({ length }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join('')

const RECOVERY_GROUPS = 4
const RECOVERY_GROUP_LENGTH = 6

/**
 * A recovery code: four groups of 6 such characters. Its 115 bits are enough for a plain hash (OWASP ASVS 5.0, 6.5.2: from
 * 112 bits on).
 */
export const newRecoveryCode = (): string =>
  Array.from({ length: RECOVERY_GROUPS }, () => randomText(RECOVERY_GROUP_LENGTH)).join('-')

/** A code as `newCode` wrote it, however it was typed: any case, with spaces or hyphens, full-width. */
export const normaliseCode = (code: string): string =>
  code
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')

/** What is stored of a code: SHA-256 over what it is good for, a challenge or a person, and the normalised code. */
export const hashCode = (purposeId: string, code: string): Buffer =>
  createHash('sha256')
    .update(`${purposeId}:${normaliseCode(code)}`, 'utf8')
    .digest()

/** Whether two byte strings are equal, in a time that does not tell where they differ. Their lengths are no secret. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b)
