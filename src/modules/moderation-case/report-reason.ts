/** What somebody says is wrong with a thing. */
export enum ReportReason {
  SPAM = 'spam',
  HARASSMENT = 'harassment',
  HATE = 'hate',
  VIOLENCE = 'violence',
  SEXUAL = 'sexual',
  ILLEGAL = 'illegal',
  PRIVACY = 'privacy',
  OTHER = 'other',
}
