import { UserStatus } from '../../../modules/user/user-status'
import { Refused } from '../refused'
import { localeOf, momentOf, nameOf, objectOf, textOf, type Draft } from './values'

/** A row of Supabase's `auth.users`, from CSV or NDJSON. */
export function fromSupabase(row: Record<string, unknown>, now: Date): Draft {
  if (textOf(row['deleted_at'])) throw Refused.of('', 'DELETED', 'The account was deleted in Supabase.')
  const profile = objectOf(row['raw_user_meta_data'], 'raw_user_meta_data')
  const username = textOf(profile['user_name']) ?? textOf(profile['preferred_username'])
  return {
    email: textOf(row['email']),
    emailVerified: (row['email_confirmed_at'] ?? row['confirmed_at'] ?? '') !== '',
    displayName: nameOf(profile['full_name'], profile['name'], profile['display_name'], username),
    locale: localeOf(profile['locale'] ?? profile['lang']),
    createdAt: momentOf(row['created_at'], 'created_at', now),
    passwordHash: textOf(row['encrypted_password']),
    status: isBanned(row['banned_until'], now) ? UserStatus.SUSPENDED : UserStatus.ACTIVE,
    nameHints: [username, nameOf(profile['full_name'], profile['name'])],
  }
}

/** A ban may be for ever (`infinity`), which here ends by hand, as every suspension does. */
function isBanned(until: unknown, now: Date): boolean {
  const text = textOf(until)
  return text !== undefined && !(new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')) <= now)
}
