import { foreignHash } from '../../../crypto/foreign-hash'
import { UserStatus } from '../../../modules/user/user-status'
import { isObject } from '../read/entry'
import { Refused } from '../refused'
import { unsupportedHash } from './hash-forms'
import { localeOf, momentOf, nameOf, objectOf, textOf, type Draft } from './values'

/** Roles that Keycloak gives to everybody, and that mean nothing outside of it. */
const EVERYBODY = /^(offline_access|uma_authorization|default-roles-.*)$/

/** An element of `users` in the export of a Keycloak realm. */
export function fromKeycloak(user: Record<string, unknown>, now: Date): Draft {
  if (textOf(user['serviceAccountClientId']))
    throw Refused.of('', 'NO_PERSON', 'This is the service account of a client.')
  const username = textOf(user['username'])
  const credentials = Array.isArray(user['credentials']) ? user['credentials'].filter(isObject) : []
  const password = credentials.find(({ type }) => type === 'password')
  const attributes = objectOf(user['attributes'], 'attributes')
  const roles = Array.isArray(user['realmRoles']) ? (user['realmRoles'] as unknown[]) : []
  const fullName = [textOf(user['firstName']), textOf(user['lastName'])].filter(Boolean).join(' ')
  return {
    email: textOf(user['email']),
    emailVerified: user['emailVerified'] === true,
    displayName: nameOf(fullName, username),
    locale: localeOf(first(attributes['locale'])),
    createdAt: momentOf(user['createdTimestamp'], 'createdTimestamp', now),
    roles: roles.filter((role) => typeof role !== 'string' || !EVERYBODY.test(role)),
    passwordHash: password && hashOf(password),
    passwordChangedAt: momentOf(password?.['createdDate'], 'credentials', now),
    status: user['enabled'] === false ? UserStatus.SUSPENDED : UserStatus.ACTIVE,
    nameHints: [username, fullName],
    hadSecondFactor: credentials.some(({ type }) => type === 'otp' || type === 'webauthn'),
  }
}

const first = (value: unknown): unknown => (Array.isArray(value) ? (value[0] as unknown) : value)

/** Keycloak's names for PBKDF2, with the digest of each. */
const PBKDF2 = new Map([
  ['pbkdf2', 'sha1'],
  ['pbkdf2-sha256', 'sha256'],
  ['pbkdf2-sha512', 'sha512'],
])

function hashOf(credential: Record<string, unknown>): string {
  // Before Keycloak 8 both stood in the credential itself.
  const secret = objectOf(credential['secretData'], 'credentials')
  const data = objectOf(credential['credentialData'], 'credentials')
  const value = textOf(secret['value']) ?? textOf(credential['hashedSaltedValue'])
  const salt = Buffer.from(textOf(secret['salt']) ?? textOf(credential['salt']) ?? '', 'base64')
  const iterations = Number(data['hashIterations'] ?? credential['hashIterations'])
  const algorithm = textOf(data['algorithm']) ?? textOf(credential['algorithm'])
  if (value === undefined) throw Refused.of('passwordHash', 'MALFORMED', 'The credential holds no hash.')
  // What extensions for bcrypt write.
  if (algorithm === 'bcrypt') return value
  const hash = Buffer.from(value, 'base64')
  const digest = PBKDF2.get(algorithm ?? '')
  if (digest) return foreignHash.pbkdf2(digest, iterations, salt, hash)
  if (algorithm !== 'argon2') throw unsupportedHash(algorithm)
  const parameters = objectOf(data['additionalParameters'], 'credentials')
  const numberOf = (name: string) => Number(first(parameters[name]))
  const kind = textOf(first(parameters['type'])) ?? 'id'
  const version = first(parameters['version']) === '1.0' ? 16 : 19
  const cost = { memory: numberOf('memory'), passes: iterations, lanes: numberOf('parallelism') }
  return foreignHash.argon2(kind, version, cost, salt, hash)
}
