import { languageOf, type Language } from '../../core/language'
import type { SecurityAction } from '../audit/audit-event'
import type { SecurityEventRow } from '../audit/audit.service'
import { FACTORS, type Factor } from '../mail/mail-template'

/** What happened, in every language, as the person reads it in their inbox. `{device}`, `{factor}`, `{left}` and `{provider}` are filled in. */
const WORDS: Record<SecurityAction, Record<Language, string>> = {
  'account.created': { en: 'Your account was made.', de: 'Dein Konto wurde angelegt.' },
  'account.imported': {
    en: 'Your account came from another system.',
    de: 'Dein Konto kam aus einem anderen System.',
  },
  'account.suspended': {
    en: 'Somebody who looks after accounts suspended yours.',
    de: 'Jemand, der sich um Konten kümmert, hat deines gesperrt.',
  },
  'account.reinstated': {
    en: 'The suspension of your account was ended.',
    de: 'Die Sperre deines Kontos wurde aufgehoben.',
  },
  'account.invited': {
    en: 'You were sent a link to take up your account.',
    de: 'Dir wurde ein Link geschickt, um dein Konto zu übernehmen.',
  },
  'session.started': { en: 'Signed in from {device}.', de: 'Angemeldet von {device}.' },
  'session.token-reused': {
    en: 'A key to a session was used after it had been replaced; somebody may have copied it, so the session was ended.',
    de: 'Ein Schlüssel zu einer Sitzung wurde benutzt, nachdem er ersetzt worden war; vielleicht hat ihn jemand kopiert, deshalb wurde die Sitzung beendet.',
  },
  'sessions.ended-by-staff': {
    en: 'Somebody who looks after accounts ended all your sessions.',
    de: 'Jemand, der sich um Konten kümmert, hat alle deine Sitzungen beendet.',
  },
  'password.breached': {
    en: 'The password turned up on a list of passwords that were stolen elsewhere.',
    de: 'Das Passwort steht auf einer Liste von Passwörtern, die anderswo gestohlen wurden.',
  },
  'password.reset-required': {
    en: 'Somebody who looks after accounts asked you to choose a new password.',
    de: 'Jemand, der sich um Konten kümmert, hat dich gebeten, ein neues Passwort zu wählen.',
  },
  'password.changed': { en: 'The password was changed.', de: 'Das Passwort wurde geändert.' },
  'password.reset-requested': {
    en: 'Somebody asked for a new password.',
    de: 'Jemand hat ein neues Passwort angefordert.',
  },
  'password.reset': {
    en: 'The password was replaced with a link or code from a mail.',
    de: 'Das Passwort wurde mit einem Link oder Code aus einer Mail ersetzt.',
  },
  'factor.added': {
    en: 'A second step was added: {factor}.',
    de: 'Ein zweiter Schritt wurde hinzugefügt: {factor}.',
  },
  'factor.removed': {
    en: 'A second step was removed: {factor}.',
    de: 'Ein zweiter Schritt wurde entfernt: {factor}.',
  },
  'passkey.renamed': { en: 'A passkey was renamed.', de: 'Ein Passkey wurde umbenannt.' },
  'recovery-codes.replaced': {
    en: 'New recovery codes were made.',
    de: 'Neue Wiederherstellungscodes wurden erstellt.',
  },
  'recovery-code.used': {
    en: 'A recovery code was used; {left} are left.',
    de: 'Ein Wiederherstellungscode wurde benutzt; {left} sind übrig.',
  },
  'email.change-requested': {
    en: 'A change of the e-mail address was begun.',
    de: 'Eine Änderung der E-Mail-Adresse wurde begonnen.',
  },
  'email.changed': { en: 'The e-mail address was changed.', de: 'Die E-Mail-Adresse wurde geändert.' },
  'email.verified': {
    en: 'Somebody who looks after accounts confirmed your e-mail address.',
    de: 'Jemand, der sich um Konten kümmert, hat deine E-Mail-Adresse bestätigt.',
  },
  'email.added': { en: 'An e-mail address was added.', de: 'Eine E-Mail-Adresse wurde hinzugefügt.' },
  'email.removed': { en: 'An e-mail address was removed.', de: 'Eine E-Mail-Adresse wurde entfernt.' },
  'email.made-primary': {
    en: 'Another e-mail address became the primary one.',
    de: 'Eine andere E-Mail-Adresse wurde zur wichtigsten.',
  },
  'phone.added': { en: 'A phone number was added.', de: 'Eine Telefonnummer wurde hinzugefügt.' },
  'phone.removed': { en: 'A phone number was removed.', de: 'Eine Telefonnummer wurde entfernt.' },
  'phone.made-primary': {
    en: 'Another phone number became the primary one.',
    de: 'Eine andere Telefonnummer wurde zur wichtigsten.',
  },
  'username.changed': {
    en: 'Somebody who looks after accounts changed your username.',
    de: 'Jemand, der sich um Konten kümmert, hat deinen Benutzernamen geändert.',
  },
  'account.deactivated': {
    en: 'The account was deactivated.',
    de: 'Das Konto wurde deaktiviert.',
  },
  'account.reactivated': {
    en: 'The account was brought back by a sign-in.',
    de: 'Das Konto wurde durch eine Anmeldung zurückgeholt.',
  },
  'username.chosen': {
    en: 'Another username was chosen.',
    de: 'Es wurde ein anderer Benutzername gewählt.',
  },
  'access-token.created': { en: 'An access token was made.', de: 'Ein Zugriffstoken wurde erstellt.' },
  'access-token.revoked': { en: 'An access token was revoked.', de: 'Ein Zugriffstoken wurde widerrufen.' },
  'erasure.requested': {
    en: 'It was asked that the account be erased.',
    de: 'Es wurde verlangt, dein Konto zu löschen.',
  },
  'erasure.cancelled': {
    en: 'That your account is to be erased was taken back.',
    de: 'Dass dein Konto gelöscht werden soll, wurde zurückgenommen.',
  },
  'data-export.requested': {
    en: 'A copy of your data was asked for.',
    de: 'Eine Kopie deiner Daten wurde angefordert.',
  },
  'data-export.link-created': {
    en: 'A link to the copy of your data was made.',
    de: 'Ein Link zur Kopie deiner Daten wurde erstellt.',
  },
  'data-export.downloaded': {
    en: 'The copy of your data was fetched.',
    de: 'Die Kopie deiner Daten wurde abgeholt.',
  },
  'impersonation.started': {
    en: 'Somebody who looks after accounts began to act as you, to see what you see.',
    de: 'Jemand, der sich um Konten kümmert, hat begonnen, an deiner Stelle zu handeln, um zu sehen, was du siehst.',
  },
  'identity.linked': {
    en: 'Signing in at an identity provider was linked: {provider}.',
    de: 'Die Anmeldung bei einem Anbieter wurde verknüpft: {provider}.',
  },
  'identity.unlinked': {
    en: 'Signing in at an identity provider was unlinked: {provider}.',
    de: 'Die Anmeldung bei einem Anbieter wurde gelöst: {provider}.',
  },
  'account.disowned': {
    en: 'You said that something was not you, and the account was secured.',
    de: 'Du hast gesagt, dass du etwas nicht warst, und das Konto wurde gesichert.',
  },
  'throttle.closed': {
    en: 'There were too many wrong tries; for a while no more were taken.',
    de: 'Es gab zu viele falsche Versuche; eine Weile wurden keine weiteren angenommen.',
  },
}

const UNKNOWN_DEVICE: Record<Language, string> = {
  en: 'a device that is not known',
  de: 'einem Gerät, das nicht bekannt ist',
}

/** What happened, as a sentence for somebody of this locale. */
export function messageOf(
  { action, details }: SecurityEventRow,
  deviceName: string | null,
  locale: string,
): string {
  const language = languageOf(locale)
  const { method, left, provider } = details as { method?: Factor; left?: number; provider?: string }
  const facts: Record<string, string> = {
    device: deviceName ?? UNKNOWN_DEVICE[language],
    factor: method === undefined ? '' : FACTORS[language][method],
    left: String(left),
    provider: provider ?? '',
  }
  return WORDS[action][language].replace(/\{(\w+)\}/g, (_placeholder, name: string) => facts[name]!)
}
