/**
 * Every kind of event that the trail records, and what it means. Who and from where stand in columns of their own, the
 * address encrypted; what is personal in the details is encrypted too.
 *
 * To add one: a line here, and its details in `DETAILS` where it has any.
 */
export const AUDIT_ACTIONS = {
  'account.created': 'An account was made: by the person, or by staff for them.',
  'account.suspended': 'Staff suspended an account, or changed its suspension.',
  'account.reinstated': 'Staff ended the suspension of an account.',
  'account.invited': 'Staff sent somebody the link with which they take up an account.',
  'account.imported': 'An account came from another system, by the command line; it holds the role `user`.',
  'account.sign-up-requested': 'Somebody asked for an account; the code was sent.',
  'account.sign-up-failed': 'A sign-up was given a wrong or expired code.',
  'session.started': 'A person signed in.',
  'session.sign-in-failed': 'A sign-in failed.',
  'session.code-requested': 'A code for a sign-in, or for a fresh proof, was sent.',
  'session.link-requested': 'Somebody asked for a link to sign in; a mail was sent if there is an account.',
  'session.proof-failed': 'A second proof at sign-in failed.',
  'session.rotated': 'A session was given a new token.',
  'session.token-reused':
    'A token that had been superseded was used: it may have been stolen, so the session was ended.',
  'session.reauthenticated': 'A person proved again who they are.',
  'session.reauthentication-failed': 'A person failed to prove again who they are.',
  'session.ended': 'A session ended.',
  'sessions.ended-by-staff': 'Staff ended all sessions of a person.',
  'password.breached': 'A password that was right turned out to be known from a breach; the person was told.',
  'password.reset-required':
    'Somebody of the staff wants a password to be replaced; nobody gets in with it until then.',
  'password.changed': 'A person changed their password.',
  'password.change-failed': 'A change of password was given a wrong one.',
  'password.reset-requested': 'Somebody asked to reset a password; a mail was sent if there is an account.',
  'password.reset': 'A password was reset.',
  'password.reset-failed': 'A reset was given a wrong or expired proof.',
  'factor.added': 'A person turned a second factor on.',
  'factor.removed': 'A person turned a second factor off.',
  'passkey.renamed': 'A person renamed a passkey.',
  'recovery-codes.replaced': 'A person made new recovery codes.',
  'recovery-code.used': 'A recovery code was used.',
  'email.change-requested': 'A person wants another e-mail address; a mail was sent there.',
  'email.change-failed': 'A change of the e-mail address was given a wrong or expired proof.',
  'email.changed': 'A person changed their e-mail address.',
  'email.verified': 'Staff verified an e-mail address by hand.',
  'account.disowned': 'A person said that an event was not them; the account was secured.',
  'account.recovery-failed':
    'Somebody wanted to take something back, with a proof that was wrong, used or expired.',
  'identity.linked': 'A person can sign in at an identity provider now.',
  'identity.unlinked': 'A person cannot sign in at an identity provider any more.',
  'identity.refused': 'Somebody came back from an identity provider and could not be let in, or linked.',
  'access-token.created': 'A person made an access token.',
  'access-token.revoked': 'An access token was revoked.',
  'service-token.issued': 'A token for another service was issued.',
  'throttle.closed': 'There were too many tries; for a while no more are taken.',
  'profile.updated': 'A profile was changed.',
  'username.changed': 'Staff gave a person another username.',
  'staff-note.added': 'Staff noted something about a person, who does not see it.',
  'staff-note.updated': 'A staff note was changed.',
  'staff-note.deleted': 'A staff note was deleted.',
  'preferences.updated': 'Preferences were changed.',
  'post.created': 'A post was written.',
  'post.updated': 'A post was changed.',
  'post.published': 'A post was published.',
  'post.deleted': 'A post was deleted.',
  'role.created': 'A role was made.',
  'role.updated': 'A role was changed.',
  'role.deleted': 'A role was deleted.',
  'role.granted': 'A role was granted to a person.',
  'role.revoked': 'A role was taken from a person.',
  'group.created': 'A group was made.',
  'group.updated': 'A group was changed.',
  'group.deleted': 'A group was deleted, and what was granted over its members.',
  'group.member-added': 'A person was put into a group.',
  'group.member-removed': 'A person was taken out of a group.',
  'impersonation.started': 'Somebody of the staff began to act as a person.',
  'impersonation.ended': 'Somebody of the staff stopped acting as a person.',
  'bulk-job.started': 'Staff asked for something to be done to many people.',
  'bulk-job.completed': 'What staff asked for has been done to many people, as far as it could be.',
  'bulk-job.cancelled': 'What was being done to many people was stopped.',
  'audit.read': 'Somebody read the trail, as far as it is not their own.',
  'access.refused': 'A request touched fields that the viewer may not see.',
  'access.explained': 'Somebody asked why a person may, or may not, see or do something.',
} as const

export type AuditAction = keyof typeof AUDIT_ACTIONS

/**
 * The actions that a person finds in their security inbox, because they change how the account is signed in to, or who is.
 * What somebody else may have done can be *disowned*; the rest is *told*.
 */
export const SECURITY_ACTIONS = {
  'account.created': 'told',
  'account.imported': 'told',
  'account.suspended': 'told',
  'account.reinstated': 'told',
  'account.invited': 'told',
  'session.started': 'disowned',
  'session.token-reused': 'disowned',
  'sessions.ended-by-staff': 'told',
  'password.breached': 'told',
  'password.reset-required': 'told',
  'password.changed': 'disowned',
  'password.reset-requested': 'told',
  'password.reset': 'disowned',
  'factor.added': 'disowned',
  'factor.removed': 'disowned',
  'passkey.renamed': 'disowned',
  'recovery-codes.replaced': 'disowned',
  'recovery-code.used': 'disowned',
  'email.change-requested': 'disowned',
  'email.changed': 'disowned',
  'email.verified': 'told',
  'username.changed': 'told',
  'access-token.created': 'disowned',
  'access-token.revoked': 'told',
  'impersonation.started': 'told',
  'identity.linked': 'disowned',
  'identity.unlinked': 'disowned',
  'account.disowned': 'told',
  'throttle.closed': 'told',
} as const satisfies Partial<Record<AuditAction, 'disowned' | 'told'>>

export type SecurityAction = keyof typeof SECURITY_ACTIONS

export const isSecurityAction = (action: AuditAction): action is SecurityAction =>
  Object.hasOwn(SECURITY_ACTIONS, action)

/** What is known of one detail of an action; `Value` is its type. */
interface Detail<Value> {
  readonly isPersonal: boolean
  readonly example?: Value
}

/** A detail that is kept in clear: an id, a name of ours, a number. No words that somebody wrote about a person. */
const plain = <Value>(): Detail<Value> => ({ isPersonal: false })

/** Words about the person whom the event concerns: encrypted under their key, and unreadable once it has been destroyed. */
const aboutPerson = <Value>(): Detail<Value> => ({ isPersonal: true })

/** To how many it was done, could not be done, and was not done any more. */
const BULK_END = { done: plain<number>(), failed: plain<number>(), left: plain<number>() }

/** The details of each action that has any, and which of them are personal. */
const DETAILS = {
  'session.started': { transport: plain<string>(), methods: plain<string[]>() },
  'session.reauthenticated': { methods: plain<string[]>() },
  'session.reauthentication-failed': { method: plain<string>() },
  'session.proof-failed': { method: plain<string>() },
  'factor.added': { method: plain<string>() },
  'recovery-code.used': { left: plain<number>() },
  'factor.removed': { method: plain<string>() },
  'session.ended': { reason: plain<string>() },
  'sessions.ended-by-staff': { reason: aboutPerson<string | null>() },
  'account.suspended': { reason: aboutPerson<string>(), until: plain<string | null>() },
  'access-token.created': { scopes: plain<string[]>(), expiresAt: plain<string>() },
  'access-token.revoked': { reason: plain<string>() },
  'service-token.issued': { audience: plain<string>() },
  'password.reset-required': { reason: aboutPerson<string>() },
  'session.token-reused': { severity: plain<'high'>() },
  'account.disowned': { action: plain<string>() },
  'identity.linked': { provider: plain<string>() },
  'identity.unlinked': { provider: plain<string>() },
  'identity.refused': { provider: plain<string>(), reason: plain<string>() },
  'profile.updated': { fields: plain<string[]>() },
  'staff-note.added': { about: plain<string>() },
  'staff-note.updated': { about: plain<string>() },
  'staff-note.deleted': { about: plain<string>() },
  'preferences.updated': { keys: plain<string[]>() },
  'post.updated': { fields: plain<string[]>() },
  'group.created': { name: plain<string>() },
  'group.updated': { before: plain<string>(), after: plain<string>() },
  'group.deleted': { name: plain<string>() },
  'group.member-added': { group: plain<string>() },
  'group.member-removed': { group: plain<string>() },
  'impersonation.started': { reason: aboutPerson<string>() },
  'bulk-job.started': { action: plain<string>(), named: plain<number | null>() },
  'bulk-job.completed': BULK_END,
  'bulk-job.cancelled': BULK_END,
  'audit.read': { filter: plain<Record<string, unknown>>() },
  'role.created': { role: plain<string>(), permissions: plain<string[]>(), requiresReason: plain<boolean>() },
  'role.updated': {
    role: plain<string>(),
    before: plain<string[]>(),
    after: plain<string[]>(),
    requiresReason: plain<boolean>(),
  },
  'role.deleted': { role: plain<string>(), permissions: plain<string[]>(), requiresReason: plain<boolean>() },
  'role.granted': {
    role: plain<string>(),
    group: plain<string | null>(),
    reason: aboutPerson<string | null>(),
    expiresAt: plain<string | null>(),
  },
  'role.revoked': {
    role: plain<string>(),
    group: plain<string | null>(),
    reason: aboutPerson<string | null>(),
  },
  'access.refused': { fields: plain<string[]>() },
  'access.explained': { field: plain<string>(), isAllowed: plain<boolean>() },
} as const satisfies Partial<Record<AuditAction, Record<string, Detail<unknown>>>>

type ValueOf<Of> = Of extends Detail<infer Value> ? Value : never

/** The typed details of an action; an empty object where it has none. */
export type AuditDetails<Action extends AuditAction> = Action extends keyof typeof DETAILS
  ? { [Name in keyof (typeof DETAILS)[Action]]: ValueOf<(typeof DETAILS)[Action][Name]> }
  : Record<string, never>

/** Details in the two parts in which they are kept. What nobody has classified is taken for personal; null says nothing of anybody. */
export function partsOf<Action extends AuditAction>(
  action: Action,
  details: AuditDetails<Action>,
): Record<'plain' | 'personal', Record<string, unknown>> {
  const known: Record<string, Detail<unknown>> = Object.hasOwn(DETAILS, action)
    ? DETAILS[action as keyof typeof DETAILS]
    : {}
  const entries = Object.entries(details as Record<string, unknown>)
  const isPlain = ([name, value]: [string, unknown]) => value === null || known[name]?.isPersonal === false
  return {
    plain: Object.fromEntries(entries.filter(isPlain)),
    personal: Object.fromEntries(entries.filter((entry) => !isPlain(entry))),
  }
}

export enum AuditOutcome {
  SUCCESS = 'success',
  FAILURE = 'failure',
  REFUSED = 'refused',
}
