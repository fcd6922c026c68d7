/** Whether an account may be used. */
export enum UserStatus {
  ACTIVE = 'active',
  SUSPENDED = 'suspended',
  ERASED = 'erased',
}

/**
 * What SQL says for: this person may use their account at this moment. It is the only answer, for a suspension ends when its
 * time is over, and nothing is written then. `person` is an alias of the table, `now` the parameter that holds the moment.
 */
export const isActive = (person: string, now: string): string =>
  `(${person}.status = '${UserStatus.ACTIVE}' OR coalesce(${person}.suspended_until <= ${now}, false))`
