import { holdsUnasked } from '../../core/purpose'
import type { Database } from '../../db/database'
import { NO_PERSON } from './fact-set'

/** The purpose for which figures are made; people object to it, or agree to it, under this id. */
export const ANALYTICS = 'analytics'

const SAID = `SELECT DISTINCT ON (user_id) user_id, given, text_version FROM consents
  WHERE purpose = '${ANALYTICS}' ORDER BY user_id, decided_at DESC, id DESC`

/**
 * What SQL says for: whoever this column names is counted. Left out are people whose data is kept and not used (GDPR art. 18), and who
 * object (art. 21) or, where figures rest on consent, have not agreed to the text as it is now. It is asked each time, so that it holds for
 * the past as well, and as soon as it is said.
 */
export function isCounted(column: string, { tools }: Database): string {
  const purpose = tools.purposes.get(ANALYTICS)
  const isRestricted = 'SELECT id FROM users WHERE restricted_at IS NOT NULL'
  if (purpose === undefined || holdsUnasked(purpose)) {
    return `${column} NOT IN (${isRestricted} UNION ALL SELECT user_id FROM (${SAID}) said WHERE NOT given)`
  }
  const version = purpose.version.replaceAll("'", "''")
  return `(${column} = '${NO_PERSON}' OR ${column} IN (SELECT user_id FROM (${SAID}) said WHERE given AND text_version = '${version}'))
    AND ${column} NOT IN (${isRestricted})`
}
