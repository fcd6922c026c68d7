/**
 * Every kind of event that the trail records, and what it means. Who and from where stand in columns of their own, the
 * address encrypted; what is personal in the details is encrypted too.
 *
 * To add one: a line here, and its details in `DETAILS` where it has any. Webhooks tell other systems of it, by ids, unless it is among
 * what `webhook-event.ts` keeps here.
 */
export const AUDIT_ACTIONS = {
  'account.created': 'An account was made: by the person, or by staff for them.',
  'account.suspended': 'Staff suspended an account, or changed its suspension.',
  'account.reinstated': 'Staff ended the suspension of an account.',
  'account.invited': 'Staff sent somebody the link with which they take up an account.',
  'account.imported': 'An account came from another system, by the command line; it holds the role `user`.',
  'account.sign-up-requested': 'Somebody asked for an account; the code was sent.',
  'account.sign-up-failed': 'A sign-up was given a wrong or expired code.',
  'account.erased': 'A person was erased; what is left of the account is a pseudonym.',
  'erasure.requested': 'A person wants to be erased.',
  'erasure.delayed': 'A person was to be erased, and that has to wait: for a hold, or for another admin.',
  'erasure.cancelled': 'A person does not want to be erased any more.',
  'erasure.remains-erased': 'Something was found of a person who had been erased, and erased too.',
  'data-export.requested': 'A person asked for a copy of their data.',
  'data-export.ready': 'The copy of a person’s data was made.',
  'data-export.link-created': 'A person made a link with which the copy of their data can be fetched once.',
  'data-export.downloaded': 'The copy of a person’s data was fetched.',
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
  'email.addition-requested': 'A person wants a further e-mail address; a mail was sent there.',
  'email.addition-failed': 'A further e-mail address was given a wrong or expired code.',
  'email.added': 'A person added an e-mail address.',
  'email.removed': 'A person removed an e-mail address.',
  'email.made-primary': 'A person made another of their e-mail addresses the primary one.',
  'email.verified': 'Staff verified an e-mail address by hand.',
  'email.bounced': 'An address of a person takes no mails; none are sent there until it is verified anew.',
  'email.complained': 'Mails to an address of a person were called spam there.',
  'phone.verification-requested': 'A person wants to add a phone number; a code was sent there.',
  'phone.verification-failed': 'A new phone number was given a wrong or expired code.',
  'phone.added': 'A person added a phone number.',
  'phone.removed': 'A person removed a phone number.',
  'phone.made-primary': 'A person made another of their phone numbers the primary one.',
  'mail.unsubscribed': 'A person wants no more mails of a topic.',
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
  'account.deactivated': 'A person deactivated their account.',
  'account.reactivated': 'A person signed in to their deactivated account, which brought it back.',
  'profile.updated': 'A profile was changed.',
  'profile.avatar-changed': 'A person showed another picture of themselves.',
  'profile.avatar-removed':
    'The picture that a person showed of themselves was removed: by them, or by staff.',
  'profile.visibility-changed': 'A person said to whom they show what is on their profile.',
  'attributes.updated': 'Attributes of a person were changed.',
  'username.changed': 'Staff gave a person another username.',
  'username.chosen': 'A person chose another username.',
  'user.blocked': 'A person blocked somebody, who is not told.',
  'user.unblocked': 'A person took a block back.',
  'user.muted': 'A person muted somebody, who is not told.',
  'user.unmuted': 'A person muted somebody no longer.',
  'conversation.started': 'A person started a private conversation.',
  'conversation.accepted': 'A person let somebody write to them.',
  'conversation.declined': 'A person wanted nothing of a private conversation.',
  'conversation.left': 'A person left a private conversation.',
  'conversation.participant-added': 'A person took somebody into a private conversation, or asked them.',
  'conversation.renamed': 'A person gave a private conversation another title.',
  'conversation.participant-removed': 'A person took somebody out of a private conversation.',
  'message.edited': 'A private message was changed.',
  'message.deleted': 'A private message was deleted.',
  'message.removed': 'The text of a private message was taken from its readers by moderation.',
  'message.reinstated': 'A private message that had been removed was given back to its readers.',
  'staff-note.added': 'Staff noted something about a person, who does not see it.',
  'staff-note.updated': 'A staff note was changed.',
  'staff-note.deleted': 'A staff note was deleted.',
  'ticket.opened': 'A person asked for help, or staff began to talk to them.',
  'ticket.replied': 'A person said more in a ticket of theirs.',
  'ticket.answered': 'Staff answered a person in a ticket.',
  'ticket.status-changed': 'A ticket came to stand otherwise.',
  'ticket.merged': 'A ticket goes on in another one of the same person.',
  'ticket-handling.changed':
    'Staff changed who deals with a ticket, how soon, or how it is sorted; the person does not see it.',
  'ticket-note.added': 'Staff noted something in a ticket, which the person does not see.',
  'legal-hold.placed': "Staff keep a person's data from being erased; the person does not see it.",
  'legal-hold.released': 'A legal hold was released.',
  'consent.given': 'A person agreed to something.',
  'consent.withdrawn': 'A person took a consent back, or objected.',
  'processing.restricted': "A person's data is kept and no more.",
  'processing.restriction-lifted': "A person's data may be used again.",
  'privacy-request.received': 'A person asked something about their own data.',
  'privacy-request.begun': 'A request about data is being dealt with.',
  'privacy-request.extended': 'A request about data takes longer; the person was told why.',
  'privacy-request.done': 'What a person asked about their data has been done.',
  'privacy-request.refused': 'A request about data was refused; the person was told why.',
  'privacy-request.withdrawn': 'A person took a request about their data back.',
  'privacy-request.overdue': 'A request about data should have been answered by now.',
  'preferences.updated': 'Preferences were changed.',
  'preferences.reset': 'Preferences were given back what they inherit.',
  'preferences.restored': 'A preference was given what it was before a change.',
  'group.preferences-updated': 'Staff set preferences for the members of a group.',
  'group.preferences-reset': 'Staff let a group say nothing more of preferences.',
  'post.created': 'A post was written.',
  'post.updated': 'A post was changed.',
  'post.revision-restored': 'A post was given what it said before.',
  'post.published': 'A post was published.',
  'comment.added': 'Somebody said something to a post.',
  'comment.edited': 'A comment was changed.',
  'comment.deleted': 'A comment was deleted.',
  'comment.removed': 'The text of a comment was taken from its readers by moderation.',
  'comment.reinstated': 'A comment that had been removed was given back to its readers.',
  'content.reported': 'A person reported what somebody else has written, who does not see who it was.',
  'moderation-case.claimed': 'A moderator took a case, so that nobody else decides it.',
  'moderation-case.released': 'A moderator gave a case back.',
  'moderation-case.dismissed': 'A moderator found nothing wrong with what was reported.',
  'moderation-decision.made':
    'Something was decided against a person because of what they have written; they were told why.',
  'moderation-decision.reversed': 'A decision of moderation was taken back; the person was told.',
  'appeal.made': 'A person found a decision of moderation against them wrong.',
  'appeal.decided': 'An appeal was decided by somebody else than who had decided first; the person was told.',
  'content-filter.created': 'Staff said what is flagged, held or refused of what people write.',
  'content-filter.updated': 'A filter of what people write was changed, or switched on or off.',
  'content-filter.deleted': 'A filter of what people write was deleted.',
  'content-filter.tested': 'Staff tried a filter on what people have written.',
  'content-filter.matched':
    'A filter found something in what a person has written, who is not told of the case.',
  'post.held': 'A post waits for a moderator, because of a filter.',
  'post.hidden': 'A moderator hid a post until its author has changed it.',
  'post.approved': 'A moderator let a post go to its readers that had waited.',
  'comment.held': 'A comment waits for a moderator, because of a filter.',
  'comment.hidden': 'A moderator hid a comment until its author has changed it.',
  'comment.approved': 'A moderator let a comment go to its readers that had waited.',
  'thread.closed': 'No more comments are taken to a post.',
  'thread.reopened': 'Comments are taken to a post again.',
  'reaction.added': 'Somebody reacted to a post or comment, or did so in another way.',
  'reaction.removed': 'Somebody took a reaction back.',
  'post.scheduled': 'A draft was scheduled for publication.',
  'post.unscheduled': 'A scheduled post was made a draft again.',
  'post.archived': 'A post was archived.',
  'post.unarchived': 'A post was taken out of the archive.',
  'post.removed': 'A post was taken from its readers by moderation.',
  'post.reinstated': 'A post that had been removed was given back to its readers.',
  'post.deleted': 'A post was moved to the trash.',
  'post.restored': 'A post was taken out of the trash.',
  'post.purged': 'A post was deleted for good.',
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
  'announcement.created': 'Staff wrote an announcement, which many people are told.',
  'announcement.sent': 'Everybody had their turn whom an announcement is for.',
  'announcement.failed': 'An announcement could not be told to everybody whom it is for, and was given up.',
  'announcement.cancelled': 'An announcement was stopped before everybody had their turn.',
  'webhook-endpoint.created': 'A webhook endpoint was made: another system is told what happens.',
  'webhook-endpoint.updated': 'A webhook endpoint was changed.',
  'webhook-endpoint.deleted': 'A webhook endpoint was deleted.',
  'webhook-endpoint.secret-rotated': 'A webhook endpoint was given a new secret.',
  'webhook-endpoint.tested': 'A webhook endpoint was sent a test: this event.',
  'webhook-endpoint.disabled': 'Portico disabled a webhook endpoint that takes nothing any more.',
  'webhook-delivery.replayed': 'A webhook endpoint was sent an event again.',
  'webhook-deliveries.replayed': 'A webhook endpoint was sent what it has missed since a moment.',
  'delivery.replayed': 'Staff had a mail or a text message sent again that had been given up.',
  'deliveries.replayed':
    'Staff had the mails and text messages sent again that had been given up since a moment.',
  'audit.verified': 'The trail was compared with its seals, and nothing of it had been changed.',
  'audit.tampered':
    'The trail was compared with its seals, and is not what was sealed; `portico audit verify` tells what.',
  'trail.partition-dropped':
    'A partition of the trail was dropped: all that stood in it had been kept for six years.',
  'keys.added': 'A key came onto the keyring, by the command line.',
  'keys.rotated': 'Data keys were wrapped anew under the active key of the keyring, by the command line.',
  'keys.removed': 'A key was taken off the keyring, by the command line.',
  'access-log.searched': 'Whose data an account has read was asked, by the command line.',
  'data.subject-read': 'All that is kept about a person was looked through, by the command line.',
  'retention.applied': 'Rows whose time is over were removed.',
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
  'account.deactivated': 'disowned',
  'account.reactivated': 'disowned',
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
  'email.added': 'disowned',
  'email.removed': 'disowned',
  'email.made-primary': 'disowned',
  'email.verified': 'told',
  'phone.added': 'disowned',
  'phone.removed': 'disowned',
  'phone.made-primary': 'disowned',
  'username.changed': 'told',
  'username.chosen': 'disowned',
  'access-token.created': 'disowned',
  'access-token.revoked': 'told',
  'impersonation.started': 'told',
  'erasure.requested': 'disowned',
  'erasure.cancelled': 'disowned',
  'data-export.requested': 'disowned',
  'data-export.link-created': 'disowned',
  'data-export.downloaded': 'told',
  'identity.linked': 'disowned',
  'identity.unlinked': 'disowned',
  'account.disowned': 'told',
  'throttle.closed': 'told',
} as const satisfies Partial<Record<AuditAction, 'disowned' | 'told'>>

export type SecurityAction = keyof typeof SECURITY_ACTIONS

export const isSecurityAction = (action: AuditAction): action is SecurityAction =>
  Object.hasOwn(SECURITY_ACTIONS, action)

/** Events of staff about a person who does not see them, under `about`. */
export const NOT_FOR_WHOM_THEY_ARE_ABOUT: readonly AuditAction[] = [
  'legal-hold.placed',
  'legal-hold.released',
  'staff-note.added',
  'staff-note.updated',
  'staff-note.deleted',
  'ticket-handling.changed',
  'ticket-note.added',
]

/** What is known of one detail of an action; `Value` is its type. */
interface Detail<Value> {
  readonly isPersonal: boolean
  readonly example?: Value
}

/** A detail that is kept in clear: an id, a name of ours, a number. No words that somebody wrote about a person. */
const plain = <Value>(): Detail<Value> => ({ isPersonal: false })

/** Words about the person whom the event concerns: encrypted under their key, and unreadable once it has been destroyed. */
const aboutPerson = <Value>(): Detail<Value> => ({ isPersonal: true })

/** Which text. */
const CONSENT = { purpose: plain<string>(), version: plain<string>() }

/** What is asked about data. */
const REQUEST = { kind: plain<string>() }

/** To how many it was done, could not be done, and was not done any more. */
const ANNOUNCED = { served: plain<number>(), told: plain<number>() }
const BULK_END = { done: plain<number>(), failed: plain<number>(), left: plain<number>() }

/** Which preferences, and whether it was on a device. */
const PREFERENCES = { keys: plain<string[]>(), isOnDevice: plain<boolean>() }

/** The details of each action that has any, and which of them are personal. */
const DETAILS = {
  'account.erased': { ledgerNumber: plain<number>(), rows: plain<number>() },
  'erasure.requested': { erasesAt: plain<string>() },
  'erasure.remains-erased': { tables: plain<string[]>() },
  'data-export.ready': { sizeBytes: plain<number>() },
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
  'mail.unsubscribed': { topic: plain<string>() },
  'service-token.issued': { audience: plain<string>() },
  'password.reset-required': { reason: aboutPerson<string>() },
  'session.token-reused': { severity: plain<'high'>() },
  'account.disowned': { action: plain<string>() },
  'identity.linked': { provider: plain<string>() },
  'identity.unlinked': { provider: plain<string>() },
  'identity.refused': { provider: plain<string>(), reason: plain<string>() },
  'profile.updated': { fields: plain<string[]>() },
  'profile.avatar-removed': { reason: aboutPerson<string | null>() },
  'profile.visibility-changed': { fields: plain<string[]>() },
  'attributes.updated': { keys: plain<string[]>() },
  'staff-note.added': { about: plain<string>() },
  'staff-note.updated': { about: plain<string>() },
  'staff-note.deleted': { about: plain<string>() },
  'ticket.status-changed': { status: plain<string>() },
  'ticket.merged': { into: plain<string>() },
  'ticket-handling.changed': { about: plain<string>(), fields: plain<string[]>() },
  'ticket-note.added': { about: plain<string>() },
  'legal-hold.placed': { about: plain<string>() },
  'legal-hold.released': { about: plain<string>() },
  'consent.given': CONSENT,
  'consent.withdrawn': CONSENT,
  'processing.restricted': { request: plain<string | null>() },
  'processing.restriction-lifted': { request: plain<string | null>() },
  'privacy-request.received': REQUEST,
  'privacy-request.begun': REQUEST,
  'privacy-request.extended': REQUEST,
  'privacy-request.done': REQUEST,
  'privacy-request.refused': REQUEST,
  'privacy-request.withdrawn': REQUEST,
  'privacy-request.overdue': REQUEST,
  'preferences.updated': PREFERENCES,
  'preferences.reset': PREFERENCES,
  'preferences.restored': PREFERENCES,
  'group.preferences-updated': { group: plain<string>(), keys: plain<string[]>() },
  'group.preferences-reset': { group: plain<string>(), keys: plain<string[]>() },
  'post.updated': { fields: plain<string[]>() },
  'comment.added': { postId: plain<string>() },
  'post.scheduled': { publishAt: plain<string>() },
  'post.revision-restored': { number: plain<number>(), fields: plain<string[]>() },
  'content.reported': { reason: plain<string>() },
  'content-filter.created': { name: plain<string>(), action: plain<string>(), isEnabled: plain<boolean>() },
  'content-filter.updated': {
    name: plain<string>(),
    fields: plain<string[]>(),
    action: plain<string>(),
    isEnabled: plain<boolean>(),
  },
  'content-filter.deleted': { name: plain<string>() },
  'content-filter.tested': {
    kind: plain<string>(),
    checked: plain<number>(),
    matched: plain<number>(),
  },
  'content-filter.matched': { filter: plain<string>(), action: plain<string>() },
  'moderation-decision.made': { action: plain<string>() },
  'appeal.decided': { status: plain<string>() },
  'group.created': { name: plain<string>() },
  'group.updated': { before: plain<string>(), after: plain<string>() },
  'group.deleted': { name: plain<string>() },
  'group.member-added': { group: plain<string>() },
  'group.member-removed': { group: plain<string>() },
  'impersonation.started': { reason: aboutPerson<string>() },
  'bulk-job.started': { action: plain<string>(), named: plain<number | null>() },
  'bulk-job.completed': BULK_END,
  'bulk-job.cancelled': BULK_END,
  'announcement.created': { sendAt: plain<string>(), isForEverybody: plain<boolean>() },
  'announcement.sent': ANNOUNCED,
  'announcement.failed': ANNOUNCED,
  'announcement.cancelled': ANNOUNCED,
  'webhook-endpoint.created': { host: plain<string>(), events: plain<string[]>() },
  'webhook-endpoint.updated': { fields: plain<string[]>() },
  'webhook-endpoint.disabled': { reason: plain<string>() },
  'webhook-deliveries.replayed': { since: plain<string>() },
  'deliveries.replayed': { channel: plain<string | null>(), since: plain<string>(), count: plain<number>() },
  'audit.verified': { head: plain<string | null>(), rows: plain<number>() },
  'audit.tampered': { head: plain<string | null>(), problems: plain<number>() },
  // Whole months (UTC), from the one moment, or the beginning, and before the other.
  'trail.partition-dropped': {
    table: plain<string>(),
    from: plain<string | null>(),
    until: plain<string>(),
    rows: plain<number>(),
  },
  'keys.added': { key: plain<string>() },
  'keys.rotated': { from: plain<string[]>(), to: plain<string>(), count: plain<number>() },
  'keys.removed': { key: plain<string>() },
  'access-log.searched': { from: plain<string>(), to: plain<string>() },
  'data.subject-read': { copied: plain<boolean>() },
  'retention.applied': { rule: plain<string>(), rows: plain<number>() },
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
