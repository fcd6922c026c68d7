import { aboutPerson, AuditOutcome, AuditSeverity, plain, type AuditEntry, type Detail } from './audit-entry'

export { AuditOutcome, AuditSeverity }

/** Which text. */
const CONSENT = { purpose: plain<string>(), version: plain<string>() }

/** What is asked about data. */
const REQUEST = { kind: plain<string>() }

/** To how many it was done, could not be done, and was not done any more. */
const ANNOUNCED = { served: plain<number>(), told: plain<number>() }
const BULK_END = { done: plain<number>(), failed: plain<number>(), left: plain<number>() }

/** Which preferences, and whether it was on a device. */
const PREFERENCES = { keys: plain<string[]>(), isOnDevice: plain<boolean>() }

/**
 * Every kind of event that the trail records, and all that is known of it: what it means, how much it matters, how it ended, whom it
 * concerns, who is told of it, and which details it carries, with what is personal of them. Whatever asks one of these reads it here. Who
 * and from where stand in columns of their own, the address encrypted.
 *
 * To add one: an entry here and its words in `audit-event-words.ts`.
 */
export const AUDIT_ACTIONS = {
  'account.created': {
    means: 'An account was made: by the person, or by staff for them.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
  },
  'account.suspended': {
    means: 'Staff suspended an account, or changed its suspension.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
    details: { reason: aboutPerson<string>(), until: plain<string | null>() },
  },
  'account.reinstated': {
    means: 'Staff ended the suspension of an account.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
  },
  'account.invited': {
    means: 'Staff sent somebody the link with which they take up an account.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
  },
  'account.imported': {
    means: 'An account came from another system, by the command line; it holds the role `user`.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
  },
  'account.sign-up-requested': {
    means: 'Somebody asked for an account; the code was sent.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'account.sign-up-failed': {
    means: 'A sign-up was given a wrong or expired code.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'actor',
  },
  'account.erased': {
    means: 'A person was erased; what is left of the account is a pseudonym.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    webhooks: 'always',
    details: { ledgerNumber: plain<number>(), rows: plain<number>() },
  },
  'erasure.requested': {
    means: 'A person wants to be erased.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'disowned',
    details: { erasesAt: plain<string>() },
  },
  'erasure.delayed': {
    means: 'A person was to be erased, and that has to wait: for a hold, or for another admin.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
  },
  'erasure.cancelled': {
    means: 'A person does not want to be erased any more.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'disowned',
  },
  'erasure.remains-erased': {
    means: 'Something was found of a person who had been erased, and erased too.',
    severity: AuditSeverity.CRITICAL,
    concerns: 'person',
    details: { tables: plain<string[]>() },
  },
  'data-export.requested': {
    means: 'A person asked for a copy of their data.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'data-export.ready': {
    means: 'The copy of a person’s data was made.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: { sizeBytes: plain<number>() },
  },
  'data-export.link-created': {
    means: 'A person made a link with which the copy of their data can be fetched once.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'data-export.downloaded': {
    means: 'The copy of a person’s data was fetched.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
  },
  'session.started': {
    means: 'A person signed in.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    inbox: 'disowned',
    details: { transport: plain<string>(), methods: plain<string[]>(), isNewDevice: plain<boolean>() },
  },
  'session.sign-in-failed': {
    means: 'A sign-in failed.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'person',
  },
  'session.code-requested': {
    means: 'A code for a sign-in, or for a fresh proof, was sent.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'session.link-requested': {
    means: 'Somebody asked for a link to sign in; a mail was sent if there is an account.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'session.proof-failed': {
    means: 'A second proof at sign-in failed.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'person',
    details: { method: plain<string>() },
  },
  'session.rotated': {
    means: 'A session was given a new token.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'session.token-reused': {
    means: 'A token that had been superseded was used: it may have been stolen, so the session was ended.',
    severity: AuditSeverity.CRITICAL,
    outcome: AuditOutcome.REFUSED,
    concerns: 'person',
    inbox: 'disowned',
  },
  'session.reauthenticated': {
    means: 'A person proved again who they are.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { methods: plain<string[]>() },
  },
  'session.reauthentication-failed': {
    means: 'A person failed to prove again who they are.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'actor',
    details: { method: plain<string>() },
  },
  'session.ended': {
    means: 'A session ended.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: { reason: plain<string>() },
  },
  'sessions.ended-by-staff': {
    means: 'Staff ended all sessions of a person.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
    details: { reason: aboutPerson<string | null>() },
  },
  'password.breached': {
    means: 'A password that was right turned out to be known from a breach; the person was told.',
    severity: AuditSeverity.WARNING,
    concerns: 'person',
    inbox: 'told',
  },
  'password.reset-required': {
    means: 'Somebody of the staff wants a password to be replaced; nobody gets in with it until then.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
    details: { reason: aboutPerson<string>() },
  },
  'password.changed': {
    means: 'A person changed their password.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'password.change-failed': {
    means: 'A change of password was given a wrong one.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'actor',
  },
  'password.reset-requested': {
    means: 'Somebody asked to reset a password; a mail was sent if there is an account.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
  },
  'password.reset': {
    means: 'A password was reset.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'password.reset-failed': {
    means: 'A reset was given a wrong or expired proof.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'person',
  },
  'factor.added': {
    means: 'A person turned a second factor on.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
    details: { method: plain<string>() },
  },
  'factor.removed': {
    means: 'A person turned a second factor off.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
    details: { method: plain<string>() },
  },
  'passkey.renamed': {
    means: 'A person renamed a passkey.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'recovery-codes.replaced': {
    means: 'A person made new recovery codes.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'recovery-code.used': {
    means: 'A recovery code was used.',
    severity: AuditSeverity.WARNING,
    concerns: 'actor',
    inbox: 'disowned',
    details: { left: plain<number>() },
  },
  'email.change-requested': {
    means: 'A person wants another e-mail address; a mail was sent there.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'email.change-failed': {
    means: 'A change of the e-mail address was given a wrong or expired proof.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'person',
  },
  'email.changed': {
    means: 'A person changed their e-mail address.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'email.addition-requested': {
    means: 'A person wants a further e-mail address; a mail was sent there.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'email.addition-failed': {
    means: 'A further e-mail address was given a wrong or expired code.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'actor',
  },
  'email.added': {
    means: 'A person added an e-mail address.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'email.removed': {
    means: 'A person removed an e-mail address.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'email.made-primary': {
    means: 'A person made another of their e-mail addresses the primary one.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'email.verified': {
    means: 'Staff verified an e-mail address by hand.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
  },
  'email.bounced': {
    means: 'An address of a person takes no mails; none are sent there until it is verified anew.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
  },
  'email.complained': {
    means: 'Mails to an address of a person were called spam there.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
  },
  'phone.verification-requested': {
    means: 'A person wants to add a phone number; a code was sent there.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'phone.verification-failed': {
    means: 'A new phone number was given a wrong or expired code.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'actor',
  },
  'phone.added': {
    means: 'A person added a phone number.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'phone.removed': {
    means: 'A person removed a phone number.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'phone.made-primary': {
    means: 'A person made another of their phone numbers the primary one.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'mail.unsubscribed': {
    means: 'A person wants no more mails of a topic.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: { topic: plain<string>() },
  },
  'account.disowned': {
    means: 'A person said that an event was not them; the account was secured.',
    severity: AuditSeverity.CRITICAL,
    concerns: 'actor',
    inbox: 'told',
    details: { action: plain<string>() },
  },
  'account.recovery-failed': {
    means: 'Somebody wanted to take something back, with a proof that was wrong, used or expired.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'actor',
  },
  'identity.linked': {
    means: 'A person can sign in at an identity provider now.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
    details: { provider: plain<string>() },
  },
  'identity.unlinked': {
    means: 'A person cannot sign in at an identity provider any more.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
    details: { provider: plain<string>() },
  },
  'identity.refused': {
    means: 'Somebody came back from an identity provider and could not be let in, or linked.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.FAILURE,
    concerns: 'actor',
    details: { provider: plain<string>(), reason: plain<string>() },
  },
  'access-token.created': {
    means: 'A person made an access token.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
    details: { scopes: plain<string[]>(), expiresAt: plain<string>() },
  },
  'access-token.revoked': {
    means: 'An access token was revoked.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
    details: { reason: plain<string>() },
  },
  'service-token.issued': {
    means: 'A token for another service was issued.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { audience: plain<string>() },
  },
  'throttle.closed': {
    means: 'There were too many tries; for a while no more are taken.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.REFUSED,
    concerns: 'person',
    inbox: 'told',
  },
  'account.deactivated': {
    means: 'A person deactivated their account.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
    webhooks: 'always',
  },
  'account.reactivated': {
    means: 'A person signed in to their deactivated account, which brought it back.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'disowned',
    webhooks: 'always',
  },
  'profile.updated': {
    means: 'A profile was changed.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: { fields: plain<string[]>() },
  },
  'profile.avatar-changed': {
    means: 'A person showed another picture of themselves.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'profile.avatar-removed': {
    means: 'The picture that a person showed of themselves was removed: by them, or by staff.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: { reason: aboutPerson<string | null>() },
  },
  'profile.visibility-changed': {
    means: 'A person said to whom they show what is on their profile.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { fields: plain<string[]>() },
  },
  'attributes.updated': {
    means: 'Attributes of a person were changed.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: { keys: plain<string[]>() },
  },
  'username.changed': {
    means: 'Staff gave a person another username.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    inbox: 'told',
  },
  'username.chosen': {
    means: 'A person chose another username.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    inbox: 'disowned',
  },
  'user.blocked': {
    means: 'A person blocked somebody, who is not told.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    webhooks: 'kept',
  },
  'user.unblocked': {
    means: 'A person took a block back.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    webhooks: 'kept',
  },
  'user.muted': {
    means: 'A person muted somebody, who is not told.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    webhooks: 'kept',
  },
  'user.unmuted': {
    means: 'A person muted somebody no longer.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    webhooks: 'kept',
  },
  'conversation.started': {
    means: 'A person started a private conversation.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    webhooks: 'kept',
  },
  'conversation.accepted': {
    means: 'A person let somebody write to them.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    webhooks: 'kept',
  },
  'conversation.declined': {
    means: 'A person wanted nothing of a private conversation.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    webhooks: 'kept',
  },
  'conversation.left': {
    means: 'A person left a private conversation.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    webhooks: 'kept',
  },
  'conversation.participant-added': {
    means: 'A person took somebody into a private conversation, or asked them.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    webhooks: 'kept',
  },
  'conversation.renamed': {
    means: 'A person gave a private conversation another title.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    webhooks: 'kept',
  },
  'conversation.participant-removed': {
    means: 'A person took somebody out of a private conversation.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    webhooks: 'kept',
  },
  'message.edited': {
    means: 'A private message was changed.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    webhooks: 'kept',
  },
  'message.deleted': {
    means: 'A private message was deleted.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    webhooks: 'kept',
  },
  'message.removed': {
    means: 'The text of a private message was taken from its readers by moderation.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    webhooks: 'kept',
  },
  'message.reinstated': {
    means: 'A private message that had been removed was given back to its readers.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    webhooks: 'kept',
  },
  'staff-note.added': {
    means: 'Staff noted something about a person, who does not see it.',
    severity: AuditSeverity.INFO,
    concerns: 'hidden',
    webhooks: 'kept',
    details: { about: plain<string>() },
  },
  'staff-note.updated': {
    means: 'A staff note was changed.',
    severity: AuditSeverity.INFO,
    concerns: 'hidden',
    webhooks: 'kept',
    details: { about: plain<string>() },
  },
  'staff-note.deleted': {
    means: 'A staff note was deleted.',
    severity: AuditSeverity.INFO,
    concerns: 'hidden',
    webhooks: 'kept',
    details: { about: plain<string>() },
  },
  'ticket.opened': {
    means: 'A person asked for help, or staff began to talk to them.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'ticket.replied': {
    means: 'A person said more in a ticket of theirs.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'ticket.answered': {
    means: 'Staff answered a person in a ticket.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'ticket.status-changed': {
    means: 'A ticket came to stand otherwise.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: { status: plain<string>() },
  },
  'ticket.merged': {
    means: 'A ticket goes on in another one of the same person.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: { into: plain<string>() },
  },
  'ticket-handling.changed': {
    means:
      'Staff changed who deals with a ticket, how soon, or how it is sorted; the person does not see it.',
    severity: AuditSeverity.INFO,
    concerns: 'hidden',
    webhooks: 'kept',
    details: { about: plain<string>(), fields: plain<string[]>() },
  },
  'ticket-note.added': {
    means: 'Staff noted something in a ticket, which the person does not see.',
    severity: AuditSeverity.INFO,
    concerns: 'hidden',
    webhooks: 'kept',
    details: { about: plain<string>() },
  },
  'legal-hold.placed': {
    means: "Staff keep a person's data from being erased; the person does not see it.",
    severity: AuditSeverity.NOTICE,
    concerns: 'hidden',
    webhooks: 'kept',
    details: { about: plain<string>() },
  },
  'legal-hold.released': {
    means: 'A legal hold was released.',
    severity: AuditSeverity.NOTICE,
    concerns: 'hidden',
    webhooks: 'kept',
    details: { about: plain<string>() },
  },
  'consent.given': {
    means: 'A person agreed to something.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: CONSENT,
  },
  'consent.withdrawn': {
    means: 'A person took a consent back, or objected.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: CONSENT,
  },
  'processing.restricted': {
    means: "A person's data is kept and no more.",
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    webhooks: 'always',
    details: { request: plain<string | null>() },
  },
  'processing.restriction-lifted': {
    means: "A person's data may be used again.",
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    webhooks: 'always',
    details: { request: plain<string | null>() },
  },
  'privacy-request.received': {
    means: 'A person asked something about their own data.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: REQUEST,
  },
  'privacy-request.begun': {
    means: 'A request about data is being dealt with.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: REQUEST,
  },
  'privacy-request.extended': {
    means: 'A request about data takes longer; the person was told why.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: REQUEST,
  },
  'privacy-request.done': {
    means: 'What a person asked about their data has been done.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: REQUEST,
  },
  'privacy-request.refused': {
    means: 'A request about data was refused; the person was told why.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: REQUEST,
  },
  'privacy-request.withdrawn': {
    means: 'A person took a request about their data back.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: REQUEST,
  },
  'privacy-request.overdue': {
    means: 'A request about data should have been answered by now.',
    severity: AuditSeverity.WARNING,
    concerns: 'person',
    details: REQUEST,
  },
  'preferences.updated': {
    means: 'Preferences were changed.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: PREFERENCES,
  },
  'preferences.reset': {
    means: 'Preferences were given back what they inherit.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: PREFERENCES,
  },
  'preferences.restored': {
    means: 'A preference was given what it was before a change.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: PREFERENCES,
  },
  'group.preferences-updated': {
    means: 'Staff set preferences for the members of a group.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { group: plain<string>(), keys: plain<string[]>() },
  },
  'group.preferences-reset': {
    means: 'Staff let a group say nothing more of preferences.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { group: plain<string>(), keys: plain<string[]>() },
  },
  'post.created': {
    means: 'A post was written.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'post.updated': {
    means: 'A post was changed.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: { fields: plain<string[]>() },
  },
  'post.revision-restored': {
    means: 'A post was given what it said before.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: { number: plain<number>(), fields: plain<string[]>() },
  },
  'post.published': {
    means: 'A post was published.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'comment.added': {
    means: 'Somebody said something to a post.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { postId: plain<string>() },
  },
  'comment.edited': {
    means: 'A comment was changed.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'comment.deleted': {
    means: 'A comment was deleted.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'comment.removed': {
    means: 'The text of a comment was taken from its readers by moderation.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
  },
  'comment.reinstated': {
    means: 'A comment that had been removed was given back to its readers.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'content.reported': {
    means: 'A person reported what somebody else has written, who does not see who it was.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    webhooks: 'kept',
    details: { reason: plain<string>() },
  },
  'moderation-case.claimed': {
    means: 'A moderator took a case, so that nobody else decides it.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'moderation-case.released': {
    means: 'A moderator gave a case back.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'moderation-case.dismissed': {
    means: 'A moderator found nothing wrong with what was reported.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'moderation-decision.made': {
    means: 'Something was decided against a person because of what they have written; they were told why.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: { action: plain<string>() },
  },
  'moderation-decision.reversed': {
    means: 'A decision of moderation was taken back; the person was told.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
  },
  'appeal.made': {
    means: 'A person found a decision of moderation against them wrong.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'appeal.decided': {
    means: 'An appeal was decided by somebody else than who had decided first; the person was told.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: { status: plain<string>() },
  },
  'content-filter.created': {
    means: 'Staff said what is flagged, held or refused of what people write.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { name: plain<string>(), action: plain<string>(), isEnabled: plain<boolean>() },
  },
  'content-filter.updated': {
    means: 'A filter of what people write was changed, or switched on or off.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: {
      name: plain<string>(),
      fields: plain<string[]>(),
      action: plain<string>(),
      isEnabled: plain<boolean>(),
    },
  },
  'content-filter.deleted': {
    means: 'A filter of what people write was deleted.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { name: plain<string>() },
  },
  'content-filter.tested': {
    means: 'Staff tried a filter on what people have written.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { kind: plain<string>(), checked: plain<number>(), matched: plain<number>() },
  },
  'content-filter.matched': {
    means: 'A filter found something in what a person has written, who is not told of the case.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { filter: plain<string>(), action: plain<string>() },
  },
  'post.held': {
    means: 'A post waits for a moderator, because of a filter.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'post.hidden': {
    means: 'A moderator hid a post until its author has changed it.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'post.approved': {
    means: 'A moderator let a post go to its readers that had waited.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'comment.held': {
    means: 'A comment waits for a moderator, because of a filter.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'comment.hidden': {
    means: 'A moderator hid a comment until its author has changed it.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'comment.approved': {
    means: 'A moderator let a comment go to its readers that had waited.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'thread.closed': {
    means: 'No more comments are taken to a post.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'thread.reopened': {
    means: 'Comments are taken to a post again.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'reaction.added': {
    means: 'Somebody reacted to a post or comment, or did so in another way.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'reaction.removed': {
    means: 'Somebody took a reaction back.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'post.scheduled': {
    means: 'A draft was scheduled for publication.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: { publishAt: plain<string>() },
  },
  'post.unscheduled': {
    means: 'A scheduled post was made a draft again.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'post.archived': {
    means: 'A post was archived.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'post.unarchived': {
    means: 'A post was taken out of the archive.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'post.removed': {
    means: 'A post was taken from its readers by moderation.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
  },
  'post.reinstated': {
    means: 'A post that had been removed was given back to its readers.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'post.deleted': {
    means: 'A post was moved to the trash.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'post.restored': {
    means: 'A post was taken out of the trash.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'post.purged': {
    means: 'A post was deleted for good.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'role.created': {
    means: 'A role was made.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { role: plain<string>(), permissions: plain<string[]>(), requiresReason: plain<boolean>() },
  },
  'role.updated': {
    means: 'A role was changed.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: {
      role: plain<string>(),
      before: plain<string[]>(),
      after: plain<string[]>(),
      requiresReason: plain<boolean>(),
    },
  },
  'role.deleted': {
    means: 'A role was deleted.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { role: plain<string>(), permissions: plain<string[]>(), requiresReason: plain<boolean>() },
  },
  'role.granted': {
    means: 'A role was granted to a person.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: {
      role: plain<string>(),
      group: plain<string | null>(),
      reason: aboutPerson<string | null>(),
      expiresAt: plain<string | null>(),
    },
  },
  'role.revoked': {
    means: 'A role was taken from a person.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: { role: plain<string>(), group: plain<string | null>(), reason: aboutPerson<string | null>() },
  },
  'group.created': {
    means: 'A group was made.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { name: plain<string>() },
  },
  'group.updated': {
    means: 'A group was changed.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { before: plain<string>(), after: plain<string>() },
  },
  'group.deleted': {
    means: 'A group was deleted, and what was granted over its members.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { name: plain<string>() },
  },
  'group.member-added': {
    means: 'A person was put into a group.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: { group: plain<string>() },
  },
  'group.member-removed': {
    means: 'A person was taken out of a group.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: { group: plain<string>() },
  },
  'impersonation.started': {
    means: 'Somebody of the staff began to act as a person.',
    severity: AuditSeverity.WARNING,
    concerns: 'person',
    inbox: 'told',
    details: { reason: aboutPerson<string>() },
  },
  'impersonation.ended': {
    means: 'Somebody of the staff stopped acting as a person.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
  },
  'bulk-job.started': {
    means: 'Staff asked for something to be done to many people.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { action: plain<string>(), named: plain<number | null>() },
  },
  'bulk-job.completed': {
    means: 'What staff asked for has been done to many people, as far as it could be.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: BULK_END,
  },
  'bulk-job.cancelled': {
    means: 'What was being done to many people was stopped.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: BULK_END,
  },
  'announcement.created': {
    means: 'Staff wrote an announcement, which many people are told.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { sendAt: plain<string>(), isForEverybody: plain<boolean>() },
  },
  'announcement.sent': {
    means: 'Everybody had their turn whom an announcement is for.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: ANNOUNCED,
  },
  'announcement.failed': {
    means: 'An announcement could not be told to everybody whom it is for, and was given up.',
    severity: AuditSeverity.WARNING,
    concerns: 'person',
    details: ANNOUNCED,
  },
  'announcement.cancelled': {
    means: 'An announcement was stopped before everybody had their turn.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
    details: ANNOUNCED,
  },
  'webhook-endpoint.created': {
    means: 'A webhook endpoint was made: another system is told what happens.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { host: plain<string>(), events: plain<string[]>() },
  },
  'webhook-endpoint.updated': {
    means: 'A webhook endpoint was changed.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { fields: plain<string[]>() },
  },
  'webhook-endpoint.deleted': {
    means: 'A webhook endpoint was deleted.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
  },
  'webhook-endpoint.secret-rotated': {
    means: 'A webhook endpoint was given a new secret.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
  },
  'webhook-endpoint.tested': {
    means: 'A webhook endpoint was sent a test: this event.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
  },
  'webhook-endpoint.disabled': {
    means: 'Portico disabled a webhook endpoint that takes nothing any more.',
    severity: AuditSeverity.WARNING,
    concerns: 'person',
    details: { reason: plain<string>() },
  },
  'webhook-delivery.replayed': {
    means: 'A webhook endpoint was sent an event again.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
  },
  'webhook-deliveries.replayed': {
    means: 'A webhook endpoint was sent what it has missed since a moment.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { since: plain<string>() },
  },
  'delivery.replayed': {
    means: 'Staff had a mail or a text message sent again that had been given up.',
    severity: AuditSeverity.INFO,
    concerns: 'person',
  },
  'deliveries.replayed': {
    means: 'Staff had the mails and text messages sent again that had been given up since a moment.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { channel: plain<string | null>(), since: plain<string>(), count: plain<number>() },
  },
  'audit.verified': {
    means: 'The trail was compared with its seals, and nothing of it had been changed.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { head: plain<string | null>(), rows: plain<number>() },
  },
  'audit.tampered': {
    means:
      'The trail was compared with its seals, and is not what was sealed; `portico audit verify` tells what.',
    severity: AuditSeverity.CRITICAL,
    outcome: AuditOutcome.FAILURE,
    concerns: 'actor',
    details: { head: plain<string | null>(), problems: plain<number>() },
  },
  'trail.partition-dropped': {
    means: 'A partition of the trail was dropped: all that stood in it had been kept for six years.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: {
      table: plain<string>(),
      from: plain<string | null>(),
      until: plain<string>(),
      rows: plain<number>(),
    },
  },
  'keys.added': {
    means: 'A key came onto the keyring, by the command line.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { key: plain<string>() },
  },
  'keys.rotated': {
    means: 'Data keys were wrapped anew under the active key of the keyring, by the command line.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { from: plain<string[]>(), to: plain<string>(), count: plain<number>() },
  },
  'keys.removed': {
    means: 'A key was taken off the keyring, by the command line.',
    severity: AuditSeverity.WARNING,
    concerns: 'actor',
    details: { key: plain<string>() },
  },
  'access-log.searched': {
    means: 'Whose data an account has read was asked, by the command line.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: { from: plain<string>(), to: plain<string>() },
  },
  'data.subject-read': {
    means: 'All that is kept about a person was looked through, by the command line.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: { copied: plain<boolean>() },
  },
  'retention.applied': {
    means: 'Rows whose time is over were removed.',
    severity: AuditSeverity.INFO,
    concerns: 'actor',
    details: { rule: plain<string>(), rows: plain<number>() },
  },
  'audit.read': {
    means: 'Somebody read the trail, as far as it is not their own.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    // An address is somebody's, whoever has looked for it.
    details: { filter: plain<Record<string, unknown>>(), address: aboutPerson<string | null>() },
  },
  'audit.exported': {
    means: 'Somebody took a copy of the trail, or of a part of it, as a file.',
    severity: AuditSeverity.NOTICE,
    concerns: 'actor',
    details: {
      filter: plain<Record<string, unknown>>(),
      address: aboutPerson<string | null>(),
      format: plain<string>(),
    },
  },
  'unusual-activity.found': {
    means: 'A rule found something unusual: of a person, who does not see it, or of an address.',
    severity: AuditSeverity.CRITICAL,
    concerns: 'hidden',
    webhooks: 'kept',
    details: {
      about: plain<string | null>(),
      rule: plain<string>(),
      key: plain<string>(),
      count: plain<number>(),
    },
  },
  'access.refused': {
    means: 'A request touched fields that the viewer may not see.',
    severity: AuditSeverity.WARNING,
    outcome: AuditOutcome.REFUSED,
    concerns: 'actor',
    details: { fields: plain<string[]>() },
  },
  'access.explained': {
    means: 'Somebody asked why a person may, or may not, see or do something.',
    severity: AuditSeverity.NOTICE,
    concerns: 'person',
    details: { field: plain<string>(), isAllowed: plain<boolean>() },
  },
} as const satisfies Record<string, AuditEntry>

export type AuditAction = keyof typeof AUDIT_ACTIONS

type Entries = typeof AUDIT_ACTIONS

export const ALL_ACTIONS = Object.keys(AUDIT_ACTIONS) as AuditAction[]

/** What is known of an action. */
export const entryOf = (action: AuditAction): AuditEntry => AUDIT_ACTIONS[action]

/** How an event of an action ended: that is what makes it another action than one that ended otherwise. */
export const outcomeOf = (action: AuditAction): AuditOutcome =>
  entryOf(action).outcome ?? AuditOutcome.SUCCESS

/** The actions of which an entry says so. */
const actionsWhere = (says: (entry: AuditEntry) => boolean): AuditAction[] =>
  ALL_ACTIONS.filter((action) => says(entryOf(action)))

export const actionsOfSeverity = (severities: readonly AuditSeverity[]): AuditAction[] =>
  actionsWhere(({ severity }) => severities.includes(severity))

export const actionsOfOutcome = (outcome: AuditOutcome): AuditAction[] =>
  ALL_ACTIONS.filter((action) => outcomeOf(action) === outcome)

/** The actions that a person finds in their security inbox. */
export type SecurityAction = {
  [Action in AuditAction]: Entries[Action] extends { inbox: unknown } ? Action : never
}[AuditAction]

export const SECURITY_ACTIONS = actionsWhere(({ inbox }) => inbox !== undefined) as SecurityAction[]

export const isSecurityAction = (action: AuditAction): action is SecurityAction =>
  entryOf(action).inbox !== undefined

/** Events of staff about a person who does not see them, under `about`. */
export const NOT_FOR_WHOM_THEY_ARE_ABOUT = actionsWhere(({ concerns }) => concerns === 'hidden')

/** What is sent to webhooks of whomever it concerns. */
export const TOLD_OF_ANYBODY = actionsWhere(({ webhooks }) => webhooks === 'always')

type ValueOf<Of> = Of extends Detail<infer Value> ? Value : never

/** The typed details of an action; an empty object where it has none. */
export type AuditDetails<Action extends AuditAction> = Entries[Action] extends { details: infer Details }
  ? { [Name in keyof Details]: ValueOf<Details[Name]> }
  : Record<string, never>

/** An event as code takes it apart: by its action its details are known. */
export type AuditFact = {
  [Action in AuditAction]: { action: Action; details: AuditDetails<Action> }
}[AuditAction]

/** Details in the two parts in which they are kept. What nobody has classified is taken for personal; null says nothing of anybody. */
export function partsOf<Action extends AuditAction>(
  action: Action,
  details: AuditDetails<Action>,
): Record<'plain' | 'personal', Record<string, unknown>> {
  const known = entryOf(action).details ?? {}
  const entries = Object.entries(details)
  const isPlain = ([name, value]: [string, unknown]) => value === null || known[name]?.isPersonal === false
  return {
    plain: Object.fromEntries(entries.filter(isPlain)),
    personal: Object.fromEntries(entries.filter((entry) => !isPlain(entry))),
  }
}
