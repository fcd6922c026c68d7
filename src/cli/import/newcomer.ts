import { z } from 'zod'
import { checkInput } from '../../api/input'
import { AttributeWriters, type AttributeDefinitions } from '../../core/attribute-definition'
import { Rejected, type Problem } from '../../core/error'
import type { PreferenceDefinitions } from '../../core/preference-definition'
import { readForeignHash, type HashProblem } from '../../crypto/foreign-hash'
import { newCode } from '../../crypto/token'
import { UNCLEAN } from '../../graphql/limits/clean-text'
import { attributeProblems } from '../../modules/attribute/attribute-problems'
import { SignUpInput } from '../../modules/authentication/authentication.input'
import { addressProblem, normaliseAddress } from '../../modules/email/email-address'
import type { Newcomer, Refusal } from '../../modules/import/import-accounts'
import { preferenceProblems } from '../../modules/preference/preference-problems'
import { UpdateProfileInput } from '../../modules/user/user.input'
import { checkProfile } from '../../modules/user/user.service'
import { MAX_USERNAME_LENGTH, usernameFrom } from '../../modules/user/username'
import { UserStatus } from '../../modules/user/user-status'
import { canonicalHash } from './formats/hash-forms'
import type { Draft } from './formats/values'
import { Refused } from './refused'

/** What the application defines of people. */
interface Definitions {
  readonly preferences: PreferenceDefinitions
  readonly attributes: AttributeDefinitions
}

/** Nobody comes erased. */
const STATUSES = [UserStatus.ACTIVE, UserStatus.SUSPENDED] as const

const text = z
  .string({ error: 'This must be text.' })
  .refine((value) => !UNCLEAN.test(value), {
    error: 'This holds characters that are not allowed in text.',
  })
  .nullish()
  .transform((value) => value ?? undefined)

const draft = z.object({
  username: text,
  email: text,
  emailVerified: z.boolean().optional(),
  displayName: text,
  bio: text,
  locale: text,
  timeZone: text,
  createdAt: z.date().optional(),
  passwordChangedAt: z.date().optional(),
  passwordHash: text,
  roles: z
    .array(z.string({ error: 'Name roles by text.' }), { error: 'This must be a list of names.' })
    .max(50, { error: 'At most 50 roles can be granted.' })
    .nullish(),
  preferences: z
    .record(z.string(), z.unknown(), { error: 'This must be an object of preferences.' })
    .nullish(),
  attributes: z.record(z.string(), z.unknown(), { error: 'This must be an object of attributes.' }).nullish(),
  status: z.enum(STATUSES, { error: `Use one of ${STATUSES.join(', ')}.` }).nullish(),
  nameHints: z.array(z.string().optional()).optional(),
})

/**
 * Holds a draft to the rules that everybody's account is held to, as far as they need no database.
 * @throws Refused naming everything that is wrong.
 */
export function newcomerOf(given: Draft, defined: Definitions, now: Date): Newcomer {
  const parsed = draft.safeParse(given)
  if (!parsed.success) {
    throw new Refused(
      ...parsed.error.issues.map(({ path, message }) => ({
        field: String(path[0] ?? ''),
        code: 'INVALID',
        message,
      })),
    )
  }
  const { username, email, bio, timeZone, roles, passwordHash, createdAt, ...rest } = parsed.data
  const refusals: Refusal[] = []
  const collect = (check: () => void) => {
    try {
      check()
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      refusals.push(...Refused.because(error).refusals)
    }
  }

  const { displayName, locale } = rest
  const signUp = Object.assign(new SignUpInput(), { username, email: email ?? '', displayName, locale })
  collect(() => checkInput(signUp))
  const profile = Object.assign(new UpdateProfileInput(), { bio, timeZone })
  collect(() => checkInput(profile))
  collect(() => checkLanguageAndZone(signUp.locale, profile.timeZone))

  const address = normaliseAddress(signUp.email)
  if (email && address === null)
    refusals.push(...Refused.because(new Rejected(addressProblem('email'))).refusals)

  const preferences = listed(rest.preferences)
  const attributes = listed(rest.attributes).filter(({ value }) => value !== null)
  const refuse = (list: readonly { key: string }[], problems: readonly Problem[]) => {
    for (const { field, code, message } of problems)
      refusals.push({ field: `${field[0]}.${list[Number(field[1])]!.key.slice(0, 40)}`, code, message })
  }
  refuse(preferences, preferenceProblems(defined.preferences, preferences))
  refuse(attributes, attributeProblems(defined.attributes, attributes, AttributeWriters.STAFF))

  const hash = passwordHash === undefined ? null : canonicalHash(passwordHash)
  const problem = hash === null ? null : readForeignHash(hash)
  if (typeof problem === 'string')
    refusals.push({ field: 'passwordHash', code: problem, message: HASH_PROBLEMS[problem] })

  if (refusals.length > 0 || address === null) throw new Refused(...refusals)
  const usernames =
    username === undefined
      ? usernamesFrom([...(rest.nameHints ?? []), address])
      : [signUp.username.toLowerCase()]
  const madeAt = createdAt ?? now
  return {
    usernames,
    address,
    displayName: signUp.displayName ?? username,
    locale: signUp.locale ?? 'en',
    timeZone: profile.timeZone ?? 'UTC',
    bio: profile.bio ?? null,
    status: rest.status ?? UserStatus.ACTIVE,
    createdAt: madeAt,
    verifiedAt: rest.emailVerified ? now : null,
    passwordHash: hash,
    passwordChangedAt: rest.passwordChangedAt ?? madeAt,
    roles: roles ?? [],
    preferences,
    attributes,
  }
}

const HASH_PROBLEMS: Record<HashProblem, string> = {
  UNSUPPORTED:
    'Hashes of this kind cannot be verified here. Leave it out, and the person resets the password by mail.',
  MALFORMED: 'This hash is incomplete or was changed.',
  TOO_COSTLY: 'Verifying this hash would take too much time or memory.',
}

const listed = (values: Record<string, unknown> | null | undefined): { key: string; value: unknown }[] =>
  Object.entries(values ?? {}).map(([key, value]) => ({ key, value }))

/** Pairs of language and time zone that were found to be fine: asking takes longer than all else together. */
const fine = new Set<string>()

function checkLanguageAndZone(locale: string | undefined, timeZone: string | undefined): void {
  const pair = `${locale} ${timeZone}`
  if (fine.has(pair)) return
  checkProfile({ locale, timeZone })
  if (fine.size < 10_000) fine.add(pair)
}

/** Usernames made of the best hint that gives one: as it is, and with endings that nobody else will have. */
function usernamesFrom(hints: readonly (string | undefined)[]): string[] {
  const room = MAX_USERNAME_LENGTH - 9
  const word = hints.map((hint) => usernameFrom(hint ?? '').slice(0, room)).find((made) => made.length > 1)
  const base = word?.replace(/_$/, '') ?? 'user'
  const ending = newCode().toLowerCase()
  const endings = [`${base}_${ending.slice(0, 4)}`, `${base}_${ending}`]
  return word !== undefined && base.length >= 3 ? [base, ...endings] : endings
}
