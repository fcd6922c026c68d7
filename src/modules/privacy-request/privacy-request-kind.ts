/** What somebody can ask about their data, by the article of the GDPR that gives them the right to. */
export enum PrivacyRequestKind {
  EXPORT = 'export',
  RECTIFICATION = 'rectification',
  ERASURE = 'erasure',
  RESTRICTION = 'restriction',
  OBJECTION = 'objection',
}

export enum PrivacyRequestStatus {
  RECEIVED = 'received',
  IN_PROGRESS = 'in-progress',
  DONE = 'done',
  REFUSED = 'refused',
  WITHDRAWN = 'withdrawn',
}

/** Where a request stands that nobody has answered yet. */
export const OPEN: readonly PrivacyRequestStatus[] = [
  PrivacyRequestStatus.RECEIVED,
  PrivacyRequestStatus.IN_PROGRESS,
]

/** Of what is all or nothing one request is enough; the others are each about something else. */
export const ONE_AT_A_TIME: readonly PrivacyRequestKind[] = [
  PrivacyRequestKind.EXPORT,
  PrivacyRequestKind.ERASURE,
  PrivacyRequestKind.RESTRICTION,
]
