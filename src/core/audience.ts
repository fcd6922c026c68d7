/** Whom something of a person is shown to, besides themselves and the staff who look after people. */
export enum Audience {
  PUBLIC = 'public',
  /** Whoever is signed in and is not blocked by the person. */
  MEMBERS = 'members',
  ONLY_ME = 'only-me',
}
