/* Written by `npm run update` from the preferences that are built in. */

/** What preferences are, by key. An application adds its own with `portico preferences types`. */
export interface PreferenceValues {
  /** The language of the application, a BCP 47 tag. */
  language: string
  /** How the application looks. */
  theme: 'system' | 'light' | 'dark'
  /** How times of day are shown. */
  timeFormat: '12h' | '24h'
  /** The day on which a week begins. */
  weekStart: 'monday' | 'saturday' | 'sunday'
  /** How many items a list shows at once. */
  pageSize: number
  /** Whether animations are left out. */
  reducedMotion: boolean
  /** Whether news arrives by e-mail. */
  'notifications.email': boolean
  /** How often a summary arrives. */
  'notifications.digest': 'never' | 'daily' | 'weekly'
  /** At what time of day a summary arrives, where the person lives; a weekly one on Mondays. */
  'notifications.digestAt': string
  /** The hours of the day, where the person lives, in which no news is sent by e-mail or text message; none where both are the same. */
  'notifications.quietHours': { from: string; to: string }
  /** Until when no news is sent by e-mail or text message; a moment that has passed ends it. */
  'notifications.mutedUntil': string
  /** How the person is told: somebody mentions the person. */
  'notifications.mentions': Array<'in-app' | 'email' | 'sms'>
  /** How the person is told: somebody answers what the person has written. */
  'notifications.replies': Array<'in-app' | 'email' | 'sms'>
  /** How the person is told: somebody writes to the person in private. */
  'notifications.messages': Array<'in-app' | 'email' | 'sms'>
  /** How the person is told: there is news of the application. */
  'notifications.product': Array<'in-app' | 'email'>
}
