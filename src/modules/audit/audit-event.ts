/**
 * Every kind of event that the trail records, and what it means. An event's details are typed by `AuditDetails` and hold
 * no personal data: who and from where stand in columns of their own, the address encrypted.
 *
 * To add one: a line here, and its details below where it has any.
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

/** To how many it was done, could not be done, and was not done any more. */
interface BulkEnd {
  done: number
  failed: number
  left: number
}

interface Details {
  'session.started': { transport: string; methods: string[] }
  'session.reauthenticated': { methods: string[] }
  'session.reauthentication-failed': { method: string }
  'session.proof-failed': { method: string }
  'factor.added': { method: string }
  'recovery-code.used': { left: number }
  'factor.removed': { method: string }
  'session.ended': { reason: string }
  'sessions.ended-by-staff': { reason: string | null }
  'account.suspended': { reason: string; until: string | null }
  'access-token.created': { scopes: string[]; expiresAt: string }
  'access-token.revoked': { reason: string }
  'service-token.issued': { audience: string }
  'password.reset-required': { reason: string }
  'session.token-reused': { severity: 'high' }
  'account.disowned': { action: string }
  'identity.linked': { provider: string }
  'identity.unlinked': { provider: string }
  'identity.refused': { provider: string; reason: string }
  'profile.updated': { fields: string[] }
  'staff-note.added': { about: string }
  'staff-note.updated': { about: string }
  'staff-note.deleted': { about: string }
  'preferences.updated': { keys: string[] }
  'post.updated': { fields: string[] }
  'group.created': { name: string }
  'group.updated': { before: string; after: string }
  'group.deleted': { name: string }
  'group.member-added': { group: string }
  'group.member-removed': { group: string }
  'impersonation.started': { reason: string }
  'bulk-job.started': { action: string; named: number | null }
  'bulk-job.completed': BulkEnd
  'bulk-job.cancelled': BulkEnd
  'audit.read': { filter: Record<string, unknown> }
  'role.created': { role: string; permissions: string[]; requiresReason: boolean }
  'role.updated': { role: string; before: string[]; after: string[]; requiresReason: boolean }
  'role.deleted': { role: string; permissions: string[]; requiresReason: boolean }
  'role.granted': { role: string; group: string | null; reason: string | null; expiresAt: string | null }
  'role.revoked': { role: string; group: string | null; reason: string | null }
  'access.refused': { fields: string[] }
  'access.explained': { field: string; isAllowed: boolean }
}

/** The typed details of an action; an empty object where it has none. */
export type AuditDetails<Action extends AuditAction> = Action extends keyof Details
  ? Details[Action]
  : Record<string, never>

export enum AuditOutcome {
  SUCCESS = 'success',
  FAILURE = 'failure',
  REFUSED = 'refused',
}
