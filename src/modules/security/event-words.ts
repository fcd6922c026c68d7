import { languageOf, type Language } from '../../core/language'
import type { AuditAction } from '../audit/audit-event'
import { FACTORS, type Factor } from '../mail/mail-template'

/**
 * What happened, in every language, as whoever reads it in the trail or in their security inbox, staff or the person. What stands in
 * braces is filled in from the details; what stands in brackets is left out where that is not known any more, or was never said.
 */
const WORDS: Record<AuditAction, Record<Language, string>> = {
  'account.created': { en: 'The account was made.', de: 'Das Konto wurde angelegt.' },
  'account.suspended': {
    en: 'Somebody who looks after accounts suspended the account[: {reason}].',
    de: 'Jemand, der sich um Konten kümmert, hat das Konto gesperrt[: {reason}].',
  },
  'account.reinstated': {
    en: 'The suspension of the account was ended.',
    de: 'Die Sperre des Kontos wurde aufgehoben.',
  },
  'account.invited': {
    en: 'A link to take up the account was sent.',
    de: 'Ein Link, um das Konto zu übernehmen, wurde geschickt.',
  },
  'account.imported': {
    en: 'The account came from another system.',
    de: 'Das Konto kam aus einem anderen System.',
  },
  'account.sign-up-requested': { en: 'An account was asked for.', de: 'Ein Konto wurde beantragt.' },
  'account.sign-up-failed': {
    en: 'A sign-up was given a wrong code.',
    de: 'Bei einer Registrierung wurde ein falscher Code eingegeben.',
  },
  'account.erased': { en: 'The account was erased.', de: 'Das Konto wurde gelöscht.' },
  'erasure.requested': {
    en: 'It was asked that the account be erased.',
    de: 'Es wurde verlangt, das Konto zu löschen.',
  },
  'erasure.delayed': {
    en: 'The erasure of the account has to wait.',
    de: 'Die Löschung des Kontos muss warten.',
  },
  'erasure.cancelled': {
    en: 'That the account is to be erased was taken back.',
    de: 'Dass das Konto gelöscht werden soll, wurde zurückgenommen.',
  },
  'erasure.remains-erased': {
    en: 'Something that had been left after an erasure was erased too.',
    de: 'Etwas, das nach einer Löschung übrig war, wurde auch gelöscht.',
  },
  'data-export.requested': {
    en: 'A copy of the data was asked for.',
    de: 'Eine Kopie der Daten wurde angefordert.',
  },
  'data-export.ready': { en: 'The copy of the data was made.', de: 'Die Kopie der Daten ist fertig.' },
  'data-export.link-created': {
    en: 'A link to the copy of the data was made.',
    de: 'Ein Link zur Kopie der Daten wurde erstellt.',
  },
  'data-export.downloaded': {
    en: 'The copy of the data was fetched.',
    de: 'Die Kopie der Daten wurde abgeholt.',
  },
  'session.started': { en: 'Signed in from {device}.', de: 'Angemeldet von {device}.' },
  'session.sign-in-failed': { en: 'A sign-in failed.', de: 'Eine Anmeldung ist fehlgeschlagen.' },
  'session.code-requested': {
    en: 'A code to sign in was sent.',
    de: 'Ein Code zur Anmeldung wurde geschickt.',
  },
  'session.link-requested': {
    en: 'A link to sign in was asked for.',
    de: 'Ein Link zur Anmeldung wurde angefordert.',
  },
  'session.proof-failed': {
    en: 'The second step of a sign-in failed[: {factor}].',
    de: 'Der zweite Schritt einer Anmeldung ist fehlgeschlagen[: {factor}].',
  },
  'session.rotated': {
    en: 'A session was given a new key.',
    de: 'Eine Sitzung bekam einen neuen Schlüssel.',
  },
  'session.token-reused': {
    en: 'A key to a session was used after it had been replaced; somebody may have copied it, so the session was ended.',
    de: 'Ein Schlüssel zu einer Sitzung wurde benutzt, nachdem er ersetzt worden war; vielleicht hat ihn jemand kopiert, deshalb wurde die Sitzung beendet.',
  },
  'session.reauthenticated': {
    en: 'It was proved again who is signed in.',
    de: 'Es wurde erneut nachgewiesen, wer angemeldet ist.',
  },
  'session.reauthentication-failed': {
    en: 'A proof of who is signed in failed.',
    de: 'Ein Nachweis, wer angemeldet ist, ist fehlgeschlagen.',
  },
  'session.ended': { en: 'A session ended.', de: 'Eine Sitzung wurde beendet.' },
  'sessions.ended-by-staff': {
    en: 'Somebody who looks after accounts ended all sessions[: {reason}].',
    de: 'Jemand, der sich um Konten kümmert, hat alle Sitzungen beendet[: {reason}].',
  },
  'password.breached': {
    en: 'The password turned up on a list of passwords that were stolen elsewhere.',
    de: 'Das Passwort steht auf einer Liste von Passwörtern, die anderswo gestohlen wurden.',
  },
  'password.reset-required': {
    en: 'Somebody who looks after accounts asked for a new password[: {reason}].',
    de: 'Jemand, der sich um Konten kümmert, hat ein neues Passwort verlangt[: {reason}].',
  },
  'password.changed': { en: 'The password was changed.', de: 'Das Passwort wurde geändert.' },
  'password.change-failed': {
    en: 'A change of the password was given a wrong one.',
    de: 'Bei einer Änderung des Passworts wurde ein falsches eingegeben.',
  },
  'password.reset-requested': {
    en: 'Somebody asked for a new password.',
    de: 'Jemand hat ein neues Passwort angefordert.',
  },
  'password.reset': {
    en: 'The password was replaced with a link or code from a mail.',
    de: 'Das Passwort wurde mit einem Link oder Code aus einer Mail ersetzt.',
  },
  'password.reset-failed': {
    en: 'A new password was asked for with a wrong link or code.',
    de: 'Ein neues Passwort wurde mit einem falschen Link oder Code verlangt.',
  },
  'factor.added': {
    en: 'A second step was added[: {factor}].',
    de: 'Ein zweiter Schritt wurde hinzugefügt[: {factor}].',
  },
  'factor.removed': {
    en: 'A second step was removed[: {factor}].',
    de: 'Ein zweiter Schritt wurde entfernt[: {factor}].',
  },
  'passkey.renamed': { en: 'A passkey was renamed.', de: 'Ein Passkey wurde umbenannt.' },
  'recovery-codes.replaced': {
    en: 'New recovery codes were made.',
    de: 'Neue Wiederherstellungscodes wurden erstellt.',
  },
  'recovery-code.used': {
    en: 'A recovery code was used[; {left} are left].',
    de: 'Ein Wiederherstellungscode wurde benutzt[; {left} sind übrig].',
  },
  'email.change-requested': {
    en: 'A change of the e-mail address was begun.',
    de: 'Eine Änderung der E-Mail-Adresse wurde begonnen.',
  },
  'email.change-failed': {
    en: 'A change of the e-mail address was given a wrong code.',
    de: 'Bei einer Änderung der E-Mail-Adresse wurde ein falscher Code eingegeben.',
  },
  'email.changed': { en: 'The e-mail address was changed.', de: 'Die E-Mail-Adresse wurde geändert.' },
  'email.addition-requested': {
    en: 'A further e-mail address was to be added.',
    de: 'Eine weitere E-Mail-Adresse sollte hinzukommen.',
  },
  'email.addition-failed': {
    en: 'A further e-mail address was given a wrong code.',
    de: 'Zu einer weiteren E-Mail-Adresse wurde ein falscher Code eingegeben.',
  },
  'email.added': { en: 'An e-mail address was added.', de: 'Eine E-Mail-Adresse wurde hinzugefügt.' },
  'email.removed': { en: 'An e-mail address was removed.', de: 'Eine E-Mail-Adresse wurde entfernt.' },
  'email.made-primary': {
    en: 'Another e-mail address became the primary one.',
    de: 'Eine andere E-Mail-Adresse wurde zur wichtigsten.',
  },
  'email.verified': {
    en: 'Somebody who looks after accounts confirmed the e-mail address.',
    de: 'Jemand, der sich um Konten kümmert, hat die E-Mail-Adresse bestätigt.',
  },
  'email.bounced': {
    en: 'An e-mail address takes no mails.',
    de: 'Eine E-Mail-Adresse nimmt keine Mails an.',
  },
  'email.complained': {
    en: 'Mails to an e-mail address were called spam there.',
    de: 'Mails an eine E-Mail-Adresse wurden dort als Spam gemeldet.',
  },
  'phone.verification-requested': {
    en: 'A phone number was to be added.',
    de: 'Eine Telefonnummer sollte hinzukommen.',
  },
  'phone.verification-failed': {
    en: 'A phone number was given a wrong code.',
    de: 'Zu einer Telefonnummer wurde ein falscher Code eingegeben.',
  },
  'phone.added': { en: 'A phone number was added.', de: 'Eine Telefonnummer wurde hinzugefügt.' },
  'phone.removed': { en: 'A phone number was removed.', de: 'Eine Telefonnummer wurde entfernt.' },
  'phone.made-primary': {
    en: 'Another phone number became the primary one.',
    de: 'Eine andere Telefonnummer wurde zur wichtigsten.',
  },
  'mail.unsubscribed': {
    en: 'Mails about {topic} are not wanted any more.',
    de: 'Mails zu {topic} sind nicht mehr erwünscht.',
  },
  'account.disowned': {
    en: 'It was said that something was somebody else, and the account was secured.',
    de: 'Es wurde gesagt, dass etwas jemand anders war, und das Konto wurde gesichert.',
  },
  'account.recovery-failed': {
    en: 'Something was to be taken back with a wrong or expired link.',
    de: 'Etwas sollte mit einem falschen oder abgelaufenen Link zurückgenommen werden.',
  },
  'identity.linked': {
    en: 'Signing in at an identity provider was linked: {provider}.',
    de: 'Die Anmeldung bei einem Anbieter wurde verknüpft: {provider}.',
  },
  'identity.unlinked': {
    en: 'Signing in at an identity provider was unlinked: {provider}.',
    de: 'Die Anmeldung bei einem Anbieter wurde gelöst: {provider}.',
  },
  'identity.refused': {
    en: 'A sign-in at an identity provider led to nothing: {provider}.',
    de: 'Eine Anmeldung bei einem Anbieter führte zu nichts: {provider}.',
  },
  'access-token.created': { en: 'An access token was made.', de: 'Ein Zugriffstoken wurde erstellt.' },
  'access-token.revoked': { en: 'An access token was revoked.', de: 'Ein Zugriffstoken wurde widerrufen.' },
  'service-token.issued': {
    en: 'A token for {audience} was issued.',
    de: 'Ein Token für {audience} wurde ausgestellt.',
  },
  'throttle.closed': {
    en: 'There were too many wrong tries; for a while no more were taken.',
    de: 'Es gab zu viele falsche Versuche; eine Weile wurden keine weiteren angenommen.',
  },
  'account.deactivated': { en: 'The account was deactivated.', de: 'Das Konto wurde deaktiviert.' },
  'account.reactivated': {
    en: 'The account was brought back by a sign-in.',
    de: 'Das Konto wurde durch eine Anmeldung zurückgeholt.',
  },
  'profile.updated': { en: 'The profile was changed.', de: 'Das Profil wurde geändert.' },
  'profile.avatar-changed': {
    en: 'Another picture was shown on the profile.',
    de: 'Das Profil bekam ein anderes Bild.',
  },
  'profile.avatar-removed': {
    en: 'The picture of the profile was removed[: {reason}].',
    de: 'Das Bild des Profils wurde entfernt[: {reason}].',
  },
  'profile.visibility-changed': {
    en: 'It was said who sees what of the profile.',
    de: 'Es wurde festgelegt, wer was vom Profil sieht.',
  },
  'attributes.updated': {
    en: 'Attributes were changed: {keys}.',
    de: 'Eigenschaften wurden geändert: {keys}.',
  },
  'username.changed': {
    en: 'Somebody who looks after accounts changed the username.',
    de: 'Jemand, der sich um Konten kümmert, hat den Benutzernamen geändert.',
  },
  'username.chosen': { en: 'Another username was chosen.', de: 'Es wurde ein anderer Benutzername gewählt.' },
  'user.blocked': { en: 'Somebody was blocked.', de: 'Jemand wurde blockiert.' },
  'user.unblocked': { en: 'Somebody was blocked no longer.', de: 'Jemand ist nicht mehr blockiert.' },
  'user.muted': { en: 'Somebody was muted.', de: 'Jemand wurde stummgeschaltet.' },
  'user.unmuted': { en: 'Somebody was muted no longer.', de: 'Jemand ist nicht mehr stummgeschaltet.' },
  'conversation.started': { en: 'A conversation was started.', de: 'Eine Unterhaltung wurde begonnen.' },
  'conversation.accepted': { en: 'A conversation was accepted.', de: 'Eine Unterhaltung wurde angenommen.' },
  'conversation.declined': { en: 'A conversation was declined.', de: 'Eine Unterhaltung wurde abgelehnt.' },
  'conversation.left': { en: 'A conversation was left.', de: 'Eine Unterhaltung wurde verlassen.' },
  'conversation.participant-added': {
    en: 'Somebody was taken into a conversation.',
    de: 'Jemand wurde in eine Unterhaltung aufgenommen.',
  },
  'conversation.renamed': {
    en: 'A conversation was given another title.',
    de: 'Eine Unterhaltung bekam einen anderen Titel.',
  },
  'conversation.participant-removed': {
    en: 'Somebody was taken out of a conversation.',
    de: 'Jemand wurde aus einer Unterhaltung genommen.',
  },
  'message.edited': { en: 'A message was changed.', de: 'Eine Nachricht wurde geändert.' },
  'message.deleted': { en: 'A message was deleted.', de: 'Eine Nachricht wurde gelöscht.' },
  'message.removed': {
    en: 'A message was removed by moderation.',
    de: 'Eine Nachricht wurde von der Moderation entfernt.',
  },
  'message.reinstated': {
    en: 'A message was given back by moderation.',
    de: 'Eine Nachricht wurde von der Moderation wiederhergestellt.',
  },
  'staff-note.added': { en: 'A staff note was made.', de: 'Eine interne Notiz wurde angelegt.' },
  'staff-note.updated': { en: 'A staff note was changed.', de: 'Eine interne Notiz wurde geändert.' },
  'staff-note.deleted': { en: 'A staff note was deleted.', de: 'Eine interne Notiz wurde gelöscht.' },
  'ticket.opened': { en: 'A ticket was opened.', de: 'Eine Anfrage wurde gestellt.' },
  'ticket.replied': { en: 'More was said in a ticket.', de: 'In einer Anfrage wurde mehr gesagt.' },
  'ticket.answered': { en: 'A ticket was answered.', de: 'Eine Anfrage wurde beantwortet.' },
  'ticket.status-changed': {
    en: 'A ticket came to stand at {status}.',
    de: 'Eine Anfrage steht jetzt auf {status}.',
  },
  'ticket.merged': {
    en: 'A ticket goes on in another one.',
    de: 'Eine Anfrage geht in einer anderen weiter.',
  },
  'ticket-handling.changed': {
    en: 'It was changed how a ticket is dealt with.',
    de: 'Es wurde geändert, wie eine Anfrage bearbeitet wird.',
  },
  'ticket-note.added': {
    en: 'A note was made in a ticket.',
    de: 'Zu einer Anfrage wurde eine Notiz gemacht.',
  },
  'legal-hold.placed': {
    en: 'A legal hold was placed.',
    de: 'Daten wurden aus rechtlichen Gründen gesichert.',
  },
  'legal-hold.released': {
    en: 'A legal hold was released.',
    de: 'Daten müssen nicht mehr aus rechtlichen Gründen gesichert werden.',
  },
  'consent.given': {
    en: 'A consent was given: {purpose}.',
    de: 'Eine Einwilligung wurde erteilt: {purpose}.',
  },
  'consent.withdrawn': {
    en: 'A consent was withdrawn: {purpose}.',
    de: 'Eine Einwilligung wurde widerrufen: {purpose}.',
  },
  'processing.restricted': {
    en: 'The data is kept and no more from now on.',
    de: 'Die Daten werden von jetzt an nur noch aufbewahrt.',
  },
  'processing.restriction-lifted': {
    en: 'The data may be used again.',
    de: 'Die Daten dürfen wieder verwendet werden.',
  },
  'privacy-request.received': {
    en: 'A request about data was made: {kind}.',
    de: 'Ein Antrag zu Daten wurde gestellt: {kind}.',
  },
  'privacy-request.begun': {
    en: 'A request about data is being dealt with: {kind}.',
    de: 'Ein Antrag zu Daten wird bearbeitet: {kind}.',
  },
  'privacy-request.extended': {
    en: 'A request about data takes longer: {kind}.',
    de: 'Ein Antrag zu Daten dauert länger: {kind}.',
  },
  'privacy-request.done': {
    en: 'A request about data was fulfilled: {kind}.',
    de: 'Ein Antrag zu Daten wurde erfüllt: {kind}.',
  },
  'privacy-request.refused': {
    en: 'A request about data was refused: {kind}.',
    de: 'Ein Antrag zu Daten wurde abgelehnt: {kind}.',
  },
  'privacy-request.withdrawn': {
    en: 'A request about data was taken back: {kind}.',
    de: 'Ein Antrag zu Daten wurde zurückgenommen: {kind}.',
  },
  'privacy-request.overdue': {
    en: 'A request about data is overdue: {kind}.',
    de: 'Ein Antrag zu Daten ist überfällig: {kind}.',
  },
  'preferences.updated': {
    en: 'Preferences were changed: {keys}.',
    de: 'Einstellungen wurden geändert: {keys}.',
  },
  'preferences.reset': {
    en: 'Preferences were given back what they inherit: {keys}.',
    de: 'Einstellungen wurden zurückgesetzt: {keys}.',
  },
  'preferences.restored': {
    en: 'Preferences were given what they had been: {keys}.',
    de: 'Einstellungen wurden wiederhergestellt: {keys}.',
  },
  'group.preferences-updated': {
    en: 'Preferences were set for a group: {keys}.',
    de: 'Einstellungen wurden für eine Gruppe festgelegt: {keys}.',
  },
  'group.preferences-reset': {
    en: 'Preferences are not set for a group any more: {keys}.',
    de: 'Einstellungen sind für eine Gruppe nicht mehr festgelegt: {keys}.',
  },
  'post.created': { en: 'A post was written.', de: 'Ein Beitrag wurde geschrieben.' },
  'post.updated': { en: 'A post was changed.', de: 'Ein Beitrag wurde geändert.' },
  'post.revision-restored': {
    en: 'A post was given what it said before.',
    de: 'Ein Beitrag sagt wieder, was er vorher sagte.',
  },
  'post.published': { en: 'A post was published.', de: 'Ein Beitrag wurde veröffentlicht.' },
  'comment.added': { en: 'A comment was made.', de: 'Ein Kommentar wurde geschrieben.' },
  'comment.edited': { en: 'A comment was changed.', de: 'Ein Kommentar wurde geändert.' },
  'comment.deleted': { en: 'A comment was deleted.', de: 'Ein Kommentar wurde gelöscht.' },
  'comment.removed': {
    en: 'A comment was removed by moderation.',
    de: 'Ein Kommentar wurde von der Moderation entfernt.',
  },
  'comment.reinstated': {
    en: 'A comment was given back by moderation.',
    de: 'Ein Kommentar wurde von der Moderation wiederhergestellt.',
  },
  'content.reported': { en: 'Something was reported.', de: 'Etwas wurde gemeldet.' },
  'moderation-case.claimed': { en: 'A case was taken by a moderator.', de: 'Ein Fall wurde übernommen.' },
  'moderation-case.released': {
    en: 'A case was given back by a moderator.',
    de: 'Ein Fall wurde zurückgegeben.',
  },
  'moderation-case.dismissed': {
    en: 'Nothing was found wrong in a case.',
    de: 'In einem Fall wurde nichts beanstandet.',
  },
  'moderation-decision.made': {
    en: 'Moderation made a decision.',
    de: 'Die Moderation hat eine Entscheidung getroffen.',
  },
  'moderation-decision.reversed': {
    en: 'A decision of moderation was taken back.',
    de: 'Eine Entscheidung der Moderation wurde zurückgenommen.',
  },
  'appeal.made': { en: 'An appeal was made.', de: 'Ein Einspruch wurde eingelegt.' },
  'appeal.decided': { en: 'An appeal was decided.', de: 'Über einen Einspruch wurde entschieden.' },
  'content-filter.created': { en: 'A filter was made: {name}.', de: 'Ein Filter wurde angelegt: {name}.' },
  'content-filter.updated': { en: 'A filter was changed: {name}.', de: 'Ein Filter wurde geändert: {name}.' },
  'content-filter.deleted': { en: 'A filter was deleted: {name}.', de: 'Ein Filter wurde gelöscht: {name}.' },
  'content-filter.tested': { en: 'A filter was tried.', de: 'Ein Filter wurde ausprobiert.' },
  'content-filter.matched': { en: 'A filter found something.', de: 'Ein Filter hat etwas gefunden.' },
  'post.held': { en: 'A post waits for a moderator.', de: 'Ein Beitrag wartet auf die Moderation.' },
  'post.hidden': {
    en: 'A post is hidden until it has been changed.',
    de: 'Ein Beitrag ist verborgen, bis er geändert wurde.',
  },
  'post.approved': {
    en: 'A post that had waited was let go.',
    de: 'Ein Beitrag, der gewartet hatte, wurde freigegeben.',
  },
  'comment.held': { en: 'A comment waits for a moderator.', de: 'Ein Kommentar wartet auf die Moderation.' },
  'comment.hidden': {
    en: 'A comment is hidden until it has been changed.',
    de: 'Ein Kommentar ist verborgen, bis er geändert wurde.',
  },
  'comment.approved': {
    en: 'A comment that had waited was let go.',
    de: 'Ein Kommentar, der gewartet hatte, wurde freigegeben.',
  },
  'thread.closed': { en: 'A thread was closed.', de: 'Eine Diskussion wurde geschlossen.' },
  'thread.reopened': { en: 'A thread was opened again.', de: 'Eine Diskussion wurde wieder geöffnet.' },
  'reaction.added': { en: 'A reaction was given.', de: 'Es wurde auf etwas reagiert.' },
  'reaction.removed': { en: 'A reaction was taken back.', de: 'Eine Reaktion wurde zurückgenommen.' },
  'post.scheduled': { en: 'A post was scheduled.', de: 'Ein Beitrag wurde geplant.' },
  'post.unscheduled': {
    en: 'A scheduled post was made a draft again.',
    de: 'Ein geplanter Beitrag wurde wieder zum Entwurf.',
  },
  'post.archived': { en: 'A post was archived.', de: 'Ein Beitrag wurde archiviert.' },
  'post.unarchived': {
    en: 'A post was taken out of the archive.',
    de: 'Ein Beitrag wurde aus dem Archiv geholt.',
  },
  'post.removed': {
    en: 'A post was removed by moderation.',
    de: 'Ein Beitrag wurde von der Moderation entfernt.',
  },
  'post.reinstated': {
    en: 'A post was given back by moderation.',
    de: 'Ein Beitrag wurde von der Moderation wiederhergestellt.',
  },
  'post.deleted': { en: 'A post was moved to the trash.', de: 'Ein Beitrag wurde in den Papierkorb gelegt.' },
  'post.restored': {
    en: 'A post was taken out of the trash.',
    de: 'Ein Beitrag wurde aus dem Papierkorb geholt.',
  },
  'post.purged': { en: 'A post was deleted for good.', de: 'Ein Beitrag wurde endgültig gelöscht.' },
  'role.created': { en: 'A role was made: {role}.', de: 'Eine Rolle wurde angelegt: {role}.' },
  'role.updated': { en: 'A role was changed: {role}.', de: 'Eine Rolle wurde geändert: {role}.' },
  'role.deleted': { en: 'A role was deleted: {role}.', de: 'Eine Rolle wurde gelöscht: {role}.' },
  'role.granted': {
    en: 'The role {role} was granted[: {reason}].',
    de: 'Die Rolle {role} wurde vergeben[: {reason}].',
  },
  'role.revoked': {
    en: 'The role {role} was taken away[: {reason}].',
    de: 'Die Rolle {role} wurde entzogen[: {reason}].',
  },
  'group.created': { en: 'A group was made: {name}.', de: 'Eine Gruppe wurde angelegt: {name}.' },
  'group.updated': { en: 'A group was changed: {after}.', de: 'Eine Gruppe wurde geändert: {after}.' },
  'group.deleted': { en: 'A group was deleted: {name}.', de: 'Eine Gruppe wurde gelöscht: {name}.' },
  'group.member-added': {
    en: 'Somebody was put into a group.',
    de: 'Jemand wurde in eine Gruppe aufgenommen.',
  },
  'group.member-removed': {
    en: 'Somebody was taken out of a group.',
    de: 'Jemand wurde aus einer Gruppe genommen.',
  },
  'impersonation.started': {
    en: 'Somebody who looks after accounts began to act in this person’s place, to see what they see[: {reason}].',
    de: 'Jemand, der sich um Konten kümmert, hat begonnen, an Stelle dieser Person zu handeln, um zu sehen, was sie sieht[: {reason}].',
  },
  'impersonation.ended': {
    en: 'Somebody who looks after accounts stopped acting in this person’s place.',
    de: 'Jemand, der sich um Konten kümmert, handelt nicht mehr an Stelle dieser Person.',
  },
  'bulk-job.started': {
    en: 'Something was begun that is done to many people.',
    de: 'Etwas wurde begonnen, das viele betrifft.',
  },
  'bulk-job.completed': {
    en: 'Something was done to many people: {done}.',
    de: 'Etwas, das viele betrifft, wurde getan: {done}.',
  },
  'bulk-job.cancelled': {
    en: 'Something that was being done to many people was stopped.',
    de: 'Etwas, das viele betrifft, wurde abgebrochen.',
  },
  'announcement.created': { en: 'An announcement was written.', de: 'Eine Ankündigung wurde geschrieben.' },
  'announcement.sent': { en: 'An announcement was sent.', de: 'Eine Ankündigung wurde verschickt.' },
  'announcement.failed': {
    en: 'An announcement could not be sent to everybody.',
    de: 'Eine Ankündigung konnte nicht an alle verschickt werden.',
  },
  'announcement.cancelled': { en: 'An announcement was stopped.', de: 'Eine Ankündigung wurde abgebrochen.' },
  'webhook-endpoint.created': {
    en: 'A webhook endpoint was made: {host}.',
    de: 'Ein Webhook wurde angelegt: {host}.',
  },
  'webhook-endpoint.updated': { en: 'A webhook endpoint was changed.', de: 'Ein Webhook wurde geändert.' },
  'webhook-endpoint.deleted': { en: 'A webhook endpoint was deleted.', de: 'Ein Webhook wurde gelöscht.' },
  'webhook-endpoint.secret-rotated': {
    en: 'A webhook endpoint was given a new secret.',
    de: 'Ein Webhook bekam ein neues Geheimnis.',
  },
  'webhook-endpoint.tested': {
    en: 'A webhook endpoint was sent a test.',
    de: 'Ein Webhook wurde ausprobiert.',
  },
  'webhook-endpoint.disabled': {
    en: 'A webhook endpoint was disabled.',
    de: 'Ein Webhook wurde abgeschaltet.',
  },
  'webhook-delivery.replayed': {
    en: 'A webhook endpoint was sent an event again.',
    de: 'Ein Ereignis wurde noch einmal an einen Webhook geschickt.',
  },
  'webhook-deliveries.replayed': {
    en: 'A webhook endpoint was sent what it had missed.',
    de: 'Was ein Webhook verpasst hatte, wurde noch einmal geschickt.',
  },
  'delivery.replayed': {
    en: 'A message that had been given up was sent again.',
    de: 'Eine aufgegebene Nachricht wurde noch einmal verschickt.',
  },
  'deliveries.replayed': {
    en: 'Messages that had been given up were sent again: {count}.',
    de: 'Aufgegebene Nachrichten wurden noch einmal verschickt: {count}.',
  },
  'audit.verified': {
    en: 'The trail was found to be as it was sealed.',
    de: 'Das Protokoll ist so, wie es versiegelt wurde.',
  },
  'audit.tampered': {
    en: 'The trail is not as it was sealed.',
    de: 'Das Protokoll ist nicht so, wie es versiegelt wurde.',
  },
  'trail.partition-dropped': {
    en: 'A part of the trail whose time was over was dropped.',
    de: 'Ein Teil des Protokolls, dessen Zeit um war, wurde entfernt.',
  },
  'keys.added': { en: 'A key came onto the keyring.', de: 'Ein Schlüssel kam hinzu.' },
  'keys.rotated': { en: 'Data keys were wrapped anew.', de: 'Datenschlüssel wurden neu verpackt.' },
  'keys.removed': { en: 'A key was taken off the keyring.', de: 'Ein Schlüssel wurde entfernt.' },
  'access-log.searched': {
    en: 'It was asked whose data an account has read.',
    de: 'Es wurde gefragt, wessen Daten ein Konto gelesen hat.',
  },
  'data.subject-read': {
    en: 'All that is kept about a person was looked through.',
    de: 'Alles, was über eine Person gespeichert ist, wurde durchgesehen.',
  },
  'retention.applied': {
    en: 'What was kept for long enough was removed: {rows}.',
    de: 'Was lange genug aufbewahrt war, wurde entfernt: {rows}.',
  },
  'audit.read': { en: 'The trail was read.', de: 'Das Protokoll wurde gelesen.' },
  'audit.exported': { en: 'A copy of the trail was taken.', de: 'Eine Kopie des Protokolls wurde gemacht.' },
  'unusual-activity.found': {
    en: 'Something unusual was found: {rule}, {count}.',
    de: 'Etwas Ungewöhnliches wurde gefunden: {rule}, {count}.',
  },
  'access.refused': { en: 'Something was refused: {fields}.', de: 'Etwas wurde verweigert: {fields}.' },
  'access.explained': {
    en: 'It was asked why somebody may see or do something.',
    de: 'Es wurde gefragt, warum jemand etwas sehen oder tun darf.',
  },
}

const UNKNOWN_DEVICE: Record<Language, string> = {
  en: 'a device that is not known',
  de: 'einem Gerät, das nicht bekannt ist',
}

/** What stands for a detail that is not known any more. */
const UNKNOWN = '…'

/** An event as far as its words ask. */
export interface Told {
  action: AuditAction
  details: Record<string, unknown>
}

/** What happened, as a sentence for somebody of this locale. */
export function messageOf({ action, details }: Told, deviceName: string | null, locale: string): string {
  const language = languageOf(locale)
  const factor = FACTORS[language][details['method'] as Factor] as string | undefined
  const facts: Record<string, unknown> = {
    ...details,
    device: deviceName ?? UNKNOWN_DEVICE[language],
    factor,
  }
  const isKnown = (name: string) => facts[name] != null
  return WORDS[action][language]
    .replace(/\[([^\]]*)\]/g, (_part, words: string) => (namesIn(words).every(isKnown) ? words : ''))
    .replace(/\{(\w+)\}/g, (_placeholder, name: string) => (isKnown(name) ? textOf(facts[name]) : UNKNOWN))
    .replace(/([.!?…])\.$/, '$1')
}

const namesIn = (words: string): string[] => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value))
