import { LANGUAGES, type Language } from '../../core/language'
import type { Database } from '../../db/database'
import { PreferenceService } from '../preference/preference.service'
import { SuppressionService } from '../suppression/suppression.service'
import { idInMailedToken, isMailedToken } from './mailed-token'
import { isTopic, PREFERENCE_OF, TOPICS, type MailTopic } from './mails'

/** What the page of a link to unsubscribe says, or null where the link leads nowhere. */
export function readUnsubscribeLink(
  { tools }: Database,
  topic: string,
  token: string,
): { userId: string; topic: MailTopic; names: Record<Language, string> } | null {
  const userId = idInMailedToken(token)
  if (userId === null || !isTopic(topic)) return null
  if (!isMailedToken(tools.keyring, 'unsubscribe', token, userId, topic)) return null
  const names = Object.fromEntries(LANGUAGES.map((language) => [language, TOPICS[topic][language]]))
  return { userId, topic, names: names as Record<Language, string> }
}

/** Ends the mails of a topic to whom the link was sent, who need not be signed in (RFC 8058). False where it leads nowhere. */
export async function unsubscribeByLink(db: Database, topic: string, token: string): Promise<boolean> {
  const link = readUnsubscribeLink(db, topic, token)
  if (link === null) return false
  const preference = PREFERENCE_OF[link.topic]
  if (preference === undefined) await new SuppressionService(db).unsubscribe(link.userId, link.topic)
  else await new PreferenceService(db).switchOff(link.userId, preference)
  return true
}
