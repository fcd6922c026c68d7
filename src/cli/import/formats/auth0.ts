import { foreignHash } from '../../../crypto/foreign-hash'
import { UserStatus } from '../../../modules/user/user-status'
import { isObject } from '../read/entry'
import { scryptCost, unsupportedHash } from './hash-forms'
import { booleanOf, localeOf, momentOf, nameOf, objectOf, textOf, type Draft } from './values'

/** What the separate export of password hashes says of a person, by their id. */
export type Auth0Hashes = ReadonlyMap<string, string>

/**
 * Auth0's users: as its export writes them, as its export of password hashes does (`passwordHash`), and as its import takes
 * them (`password_hash`, `custom_password_hash`). Hashes of a separate file are found by the id.
 */
export function fromAuth0(user: Record<string, unknown>, now: Date, hashes?: Auth0Hashes): Draft {
  const metadata = objectOf(user['user_metadata'], 'user_metadata')
  const username = textOf(user['username'])
  const fullName = [textOf(user['given_name']), textOf(user['family_name'])].filter(Boolean).join(' ')
  const factors = user['mfa_factors'] ?? user['multifactor']
  return {
    email: textOf(user['email']),
    emailVerified: booleanOf(user['email_verified'], 'email_verified'),
    // Auth0 makes the name of people who gave none out of their address.
    displayName: nameOf(user['name'], fullName, user['nickname'], username),
    locale: localeOf(user['locale'] ?? metadata['locale']),
    createdAt: momentOf(user['created_at'], 'created_at', now),
    passwordHash:
      textOf(user['passwordHash']) ??
      textOf(user['password_hash']) ??
      customHash(user['custom_password_hash']) ??
      hashes?.get(auth0Id(user) ?? ''),
    passwordChangedAt: momentOf(
      user['last_password_reset'] ?? user['password_set_date'],
      'password_set_date',
      now,
    ),
    status: booleanOf(user['blocked'], 'blocked') ? UserStatus.SUSPENDED : UserStatus.ACTIVE,
    nameHints: [username, textOf(user['nickname']), nameOf(fullName, user['name'])],
    hadSecondFactor: Array.isArray(factors) && factors.length > 0,
  }
}

/** The id of a person in Auth0's database of passwords; undefined for those who come from elsewhere, such as Google. */
export function auth0Id(user: Record<string, unknown>): string | undefined {
  const id = user['_id']
  if (isObject(id)) return textOf(id['$oid'])
  const text = textOf(id) ?? textOf(user['user_id'])
  return text?.includes('|') ? /^auth0\|(.+)$/.exec(text)?.[1] : text
}

/** @see https://auth0.com/docs/manage-users/user-migration/bulk-user-import-schema */
function customHash(given: unknown): string | undefined {
  if (!isObject(given)) return undefined
  const algorithm = given['algorithm']
  const hash = objectOf(given['hash'], 'custom_password_hash')
  const salt = objectOf(given['salt'], 'custom_password_hash')
  const encoding = objectOf(given['password'], 'custom_password_hash')['encoding'] ?? 'utf8'
  const value = textOf(hash['value'])
  if (value === undefined || encoding !== 'utf8') throw unsupportedHash(algorithm)
  switch (algorithm) {
    case 'bcrypt':
    case 'argon2':
    case 'pbkdf2':
      return value
    case 'scrypt': {
      const [n, r, p] = [given['cost'] ?? 16_384, given['blockSize'] ?? 8, given['parallelization'] ?? 1]
      return foreignHash.scrypt(
        scryptCost(Number(n), Number(r), Number(p)),
        Buffer.from(textOf(salt['value']) ?? '', encodingOf(salt['encoding'])),
        Buffer.from(value, encodingOf(hash['encoding'])),
      )
    }
    default:
      throw unsupportedHash(algorithm)
  }
}

const encodingOf = (name: unknown): BufferEncoding => (name === 'hex' || name === 'base64' ? name : 'utf8')
