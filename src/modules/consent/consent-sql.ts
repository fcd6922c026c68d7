import { isRequired } from '../../core/purpose'
import type { Database } from '../../db/database'

/**
 * Whether a person lacks a current consent to any of these purposes, whose ids and versions two parameters hold: asked with the
 * statement by which a token is recognised.
 */
export const lacksConsentSql = (userId: string, purposes: string, versions: string): string => `EXISTS (
  SELECT FROM unnest(${purposes}::text[], ${versions}::text[]) AS required (purpose, version)
  WHERE NOT coalesce((
    SELECT consent.given AND consent.text_version = required.version FROM consents consent
    WHERE consent.user_id = ${userId} AND consent.purpose = required.purpose
    ORDER BY consent.decided_at DESC, consent.id DESC LIMIT 1
  ), false))`

/** The two parameters of `lacksConsentSql`; none where nothing is required, and nothing has to be asked. */
export function requiredConsents({ tools }: Database): [] | [purposes: string[], versions: string[]] {
  const required = [...tools.purposes.values()].filter(isRequired)
  return required.length === 0 ? [] : [required.map(({ id }) => id), required.map(({ version }) => version)]
}
