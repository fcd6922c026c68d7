/** How an event ended. */
export enum AuditOutcome {
  SUCCESS = 'success',
  FAILURE = 'failure',
  REFUSED = 'refused',
}

/**
 * How much an event matters to whoever looks after the installation. Of one action all events matter alike; how many there are, and whose,
 * is what rules about unusual activity look at.
 */
export enum AuditSeverity {
  /** People do what the application is for. Nobody has to look. */
  INFO = 'info',
  /** What changes who gets in, what somebody may do, or what becomes of a person's data; and what staff have looked at. */
  NOTICE = 'notice',
  /** Something failed or was refused that should not, or a power was used that asks for reasons. Look if there are many. */
  WARNING = 'warning',
  /** What happens when somebody has got in who should not, or protection has failed. Look now. */
  CRITICAL = 'critical',
}

/** What is known of one detail of an action; `Value` is its type. */
export interface Detail<Value> {
  readonly isPersonal: boolean
  readonly example?: Value
}

/** A detail that is kept in clear: an id, a name of ours, a number. No words that somebody wrote about a person. */
export const plain = <Value>(): Detail<Value> => ({ isPersonal: false })

/** Words about the person whom the event concerns: encrypted under their key, and unreadable once it has been destroyed. */
export const aboutPerson = <Value>(): Detail<Value> => ({ isPersonal: true })

/** All that is known of an action. */
export interface AuditEntry {
  /** What has happened, for the description of the API. */
  readonly means: string
  readonly severity: AuditSeverity
  /** How it ended; success, unless said. */
  readonly outcome?: AuditOutcome
  /**
   * Whom it concerns: nobody but whoever did it (`actor`); a person, who may be another, and finds it (`person`); or one who does not
   * find it, named in the detail `about` (`hidden`).
   */
  readonly concerns: 'actor' | 'person' | 'hidden'
  /**
   * Whether the person finds it in their security inbox, because it changes how the account is signed in to, or who is: what somebody
   * else may have done can be `disowned`, the rest is `told`.
   */
  readonly inbox?: 'told' | 'disowned'
  /**
   * Whether other systems may be told of it, by ids: never (`kept`), where somebody relies on Portico that nobody learns it; of somebody
   * who is shown to nobody else too (`always`), for whoever was told of a person has to be told that their data is erased, or kept and no
   * more (GDPR art. 19); and unless said, of whoever is shown.
   */
  readonly webhooks?: 'kept' | 'always'
  readonly details?: Readonly<Record<string, Detail<unknown>>>
}
