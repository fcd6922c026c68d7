import type { Id } from '../../core/id'
import { template, type Facts, type Mentioned } from './mail-template'

/*
 * Every mail that Portico sends, in every language. To add one: a line here; its facts follow from its placeholders. Say
 * what happened, when and from where, and what to do if it was somebody else.
 */

/** When and from where; the service knows. */
const OCCASION = {
  en: 'When: {at}\nDevice: {device}\nNetwork: {network}',
  de: 'Wann: {at}\nGerät: {device}\nNetz: {network}',
} as const

/** What somebody can do about it who has not done it; the link comes from the service. */
const NOT_YOU = {
  en: [
    'If it was not you, say so within {disownDays} days: that ends all sessions, gives you an e-mail address back that was taken from you, and lets you choose a new password.',
    '[It was not me]({disownLink})',
  ],
  de: [
    'Wenn du das nicht warst, sag es uns innerhalb von {disownDays} Tagen: Damit enden alle Sitzungen, du bekommst eine E-Mail-Adresse zurück, die dir jemand weggenommen hat, und kannst ein neues Passwort wählen.',
    '[Das war ich nicht]({disownLink})',
  ],
} as const

const NOTHING_TO_DO = {
  en: 'If it was not you, you need do nothing.',
  de: 'Wenn du das nicht warst, musst du nichts tun.',
} as const

const LINK_LASTS = {
  en: 'The link works for {minutes} minutes. After that, choose “Forgot your password?” where you sign in, and we send you another.',
  de: 'Der Link gilt {minutes} Minuten. Danach wähle beim Anmelden „Passwort vergessen?“, und wir schicken dir einen neuen.',
} as const

export const MAILS = {
  /** Proves that an address belongs to whoever signs up with it. */
  signUpCode: template({
    en: {
      subject: '{code} is your code',
      text: [
        'Enter this code within {minutes} minutes to finish signing up. If it was not you who asked for it, you need do nothing.',
        '{code}',
        '[Finish signing up]({link})',
      ],
    },
    de: {
      subject: '{code} ist dein Code',
      text: [
        'Gib diesen Code innerhalb von {minutes} Minuten ein, um deine Registrierung abzuschließen. Wenn nicht du ihn angefordert hast, musst du nichts tun.',
        '{code}',
        '[Registrierung abschließen]({link})',
      ],
    },
  }),

  /** Goes to somebody whose address was used to sign up again; the one who typed it sees no difference. */
  accountExists: template({
    en: {
      subject: 'You already have an account',
      text: [
        'Somebody, perhaps you, has tried to sign up with this address. You have an account already, so nothing was changed.',
        'If it was you, sign in instead. If it was not, you need do nothing.',
      ],
    },
    de: {
      subject: 'Du hast schon ein Konto',
      text: [
        'Jemand, vielleicht du, wollte mit dieser Adresse ein Konto anlegen. Du hast schon eines, deshalb wurde nichts geändert.',
        'Wenn du es warst, melde dich stattdessen an. Wenn nicht, musst du nichts tun.',
      ],
    },
  }),

  /** Signs somebody in without a password. */
  signInLink: template({
    en: {
      subject: 'Your link to sign in',
      text: [
        'Follow the link, or enter the code, within {minutes} minutes to sign in. Pass neither on: whoever has one is you.',
        '{code}',
        '[Sign in]({link})',
        NOTHING_TO_DO.en,
      ],
    },
    de: {
      subject: 'Dein Link zum Anmelden',
      text: [
        'Folge innerhalb von {minutes} Minuten dem Link oder gib den Code ein, um dich anzumelden. Gib beides nicht weiter: Wer es hat, ist du.',
        '{code}',
        '[Anmelden]({link})',
        NOTHING_TO_DO.de,
      ],
    },
  }),

  /** The code that follows a password. */
  signInCode: template({
    en: {
      subject: 'Your code to sign in',
      text: [
        'Enter this code within {minutes} minutes to finish signing in. Nobody of us will ever ask you for it.',
        '{code}',
        OCCASION.en,
        'If it was not you, somebody knows your password: change it now.',
      ],
    },
    de: {
      subject: 'Dein Code zum Anmelden',
      text: [
        'Gib diesen Code innerhalb von {minutes} Minuten ein, um dich anzumelden. Niemand von uns wird dich je danach fragen.',
        '{code}',
        OCCASION.de,
        'Wenn du das nicht warst, kennt jemand dein Passwort: Ändere es jetzt.',
      ],
    },
  }),

  /** Lets somebody replace a forgotten password. */
  passwordReset: template({
    en: {
      subject: 'Choose a new password',
      text: [
        'Somebody, perhaps you, has asked to replace the password of your account. Follow the link within {minutes} minutes, or enter the code within {codeMinutes}.',
        '{code}',
        '[Choose a new password]({link})',
        'If it was not you, you need do nothing: your password stays as it is.',
      ],
    },
    de: {
      subject: 'Wähle ein neues Passwort',
      text: [
        'Jemand, vielleicht du, möchte das Passwort deines Kontos ersetzen. Folge innerhalb von {minutes} Minuten dem Link oder gib innerhalb von {codeMinutes} Minuten den Code ein.',
        '{code}',
        '[Neues Passwort wählen]({link})',
        'Wenn du das nicht warst, musst du nichts tun: Dein Passwort bleibt, wie es ist.',
      ],
    },
  }),

  /** Somebody of the staff wants the password to be replaced. */
  passwordResetRequired: template({
    en: {
      subject: 'Please choose a new password',
      text: [
        'Somebody who looks after accounts has ended all your sessions and access tokens and asks you to choose a new password. Your old one does not work any more.',
        '[Choose a new password]({link})',
        LINK_LASTS.en,
      ],
    },
    de: {
      subject: 'Bitte wähle ein neues Passwort',
      text: [
        'Jemand, der sich um Konten kümmert, hat alle deine Sitzungen und Zugriffstoken beendet und bittet dich, ein neues Passwort zu wählen. Dein altes gilt nicht mehr.',
        '[Neues Passwort wählen]({link})',
        LINK_LASTS.de,
      ],
    },
  }),

  /** Staff have made an account for somebody. */
  invitation: template({
    en: {
      subject: 'An account was made for you',
      text: [
        'Somebody who looks after accounts has made one for you. Your username is {username}. Choose a password within {days} days to take it up.',
        '[Choose a password]({link})',
        'Later on, choose “Forgot your password?” where you sign in, and we send you another link. If you do not want the account, you need do nothing.',
      ],
    },
    de: {
      subject: 'Für dich wurde ein Konto angelegt',
      text: [
        'Jemand, der sich um Konten kümmert, hat eines für dich angelegt. Dein Benutzername ist {username}. Wähle innerhalb von {days} Tagen ein Passwort, um es zu übernehmen.',
        '[Passwort wählen]({link})',
        'Danach wähle beim Anmelden „Passwort vergessen?“, und wir schicken dir einen neuen Link. Wenn du das Konto nicht möchtest, musst du nichts tun.',
      ],
    },
  }),

  accountSuspended: template({
    en: {
      subject: 'Your account was suspended',
      text: [
        'Somebody who looks after accounts has suspended yours. All your sessions were ended, and the account cannot be used.',
        'Why: {reason}\nUntil: {until}',
      ],
    },
    de: {
      subject: 'Dein Konto wurde gesperrt',
      text: [
        'Jemand, der sich um Konten kümmert, hat deines gesperrt. Alle deine Sitzungen wurden beendet, und das Konto lässt sich nicht benutzen.',
        'Warum: {reason}\nBis: {until}',
      ],
    },
  }),

  accountReinstated: template({
    en: {
      subject: 'You can use your account again',
      text: ['The suspension of your account was ended. Sign in as you did before.'],
    },
    de: {
      subject: 'Du kannst dein Konto wieder benutzen',
      text: ['Die Sperre deines Kontos wurde aufgehoben. Melde dich an wie zuvor.'],
    },
  }),

  sessionsEnded: template({
    en: {
      subject: 'All your sessions were ended',
      text: [
        'Somebody who looks after accounts has ended all your sessions. Sign in again to go on; your password is still the same.',
        'Why: {reason}',
      ],
    },
    de: {
      subject: 'Alle deine Sitzungen wurden beendet',
      text: [
        'Jemand, der sich um Konten kümmert, hat alle deine Sitzungen beendet. Melde dich neu an, um weiterzumachen; dein Passwort ist noch dasselbe.',
        'Warum: {reason}',
      ],
    },
  }),

  usernameChanged: template({
    en: {
      subject: 'Your username was changed',
      text: [
        'Somebody who looks after accounts has changed your username. It is {username} now; the old one does not sign you in any more.',
      ],
    },
    de: {
      subject: 'Dein Benutzername wurde geändert',
      text: [
        'Jemand, der sich um Konten kümmert, hat deinen Benutzernamen geändert. Er ist jetzt {username}; mit dem alten kannst du dich nicht mehr anmelden.',
      ],
    },
  }),

  /** Tells somebody that their password is another one now. */
  passwordChanged: template({
    en: {
      subject: 'Your password was changed',
      text: [
        'The password of your account was changed, and all other sessions were ended.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Dein Passwort wurde geändert',
      text: [
        'Das Passwort deines Kontos wurde geändert, und alle anderen Sitzungen wurden beendet.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  /** The password, which was right, turned up in a breach somewhere else. */
  passwordBreached: template({
    en: {
      subject: 'Your password is known to others',
      text: [
        'The password of your account stands on a list of passwords that were stolen elsewhere. We compare only a few characters of a fingerprint with that list, and the password itself stays with us.',
        'Please choose another one soon, here and wherever else you use it.',
      ],
    },
    de: {
      subject: 'Dein Passwort ist anderen bekannt',
      text: [
        'Das Passwort deines Kontos steht auf einer Liste von Passwörtern, die anderswo gestohlen wurden. Wir vergleichen nur wenige Zeichen eines Fingerabdrucks mit dieser Liste; das Passwort selbst bleibt bei uns.',
        'Bitte wähle bald ein anderes, hier und überall sonst, wo du es benutzt.',
      ],
    },
  }),

  /** A sign-in from a device that was not seen before. */
  newDevice: template({
    en: {
      subject: 'A new device has signed in',
      text: [
        'Your account was used to sign in on a device that we have not seen before.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Ein neues Gerät hat sich angemeldet',
      text: [
        'Mit deinem Konto wurde auf einem Gerät angemeldet, das wir noch nicht kennen.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  /** A token that had been replaced was used again: two have it, of whom one is not the owner. */
  sessionTokenReused: template({
    en: {
      subject: 'We have ended one of your sessions',
      text: [
        'A key to one of your sessions was used again after it had been replaced. Perhaps somebody has copied it, so we have ended the session.',
        OCCASION.en,
        'Sign in again. If this happens more than once, change your password and look through your sessions.',
      ],
    },
    de: {
      subject: 'Wir haben eine deiner Sitzungen beendet',
      text: [
        'Ein Schlüssel zu einer deiner Sitzungen wurde noch einmal benutzt, nachdem er ersetzt worden war. Vielleicht hat ihn jemand kopiert, deshalb haben wir die Sitzung beendet.',
        OCCASION.de,
        'Melde dich neu an. Wenn das öfter geschieht, ändere dein Passwort und sieh deine Sitzungen durch.',
      ],
    },
  }),

  secondFactorAdded: template({
    en: {
      subject: 'Signing in needs a second step now',
      text: ['A second step for signing in was added to your account: {factor}.', OCCASION.en, ...NOT_YOU.en],
    },
    de: {
      subject: 'Zum Anmelden gehört jetzt ein zweiter Schritt',
      text: [
        'Deinem Konto wurde ein zweiter Schritt für die Anmeldung hinzugefügt: {factor}.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  secondFactorRemoved: template({
    en: {
      subject: 'A second step was removed',
      text: [
        'A second step for signing in was removed from your account: {factor}.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Ein zweiter Schritt wurde entfernt',
      text: [
        'Ein zweiter Schritt für die Anmeldung wurde von deinem Konto entfernt: {factor}.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  recoveryCodesRegenerated: template({
    en: {
      subject: 'You have new recovery codes',
      text: [
        'New recovery codes were made for your account. The old ones do not work any more.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Du hast neue Wiederherstellungscodes',
      text: [
        'Für dein Konto wurden neue Wiederherstellungscodes erstellt. Die alten gelten nicht mehr.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  recoveryCodeUsed: template({
    en: {
      subject: 'A recovery code was used',
      text: [
        'One of your recovery codes was used instead of your second step. It does not work any more. Codes that are left: {left}.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Ein Wiederherstellungscode wurde benutzt',
      text: [
        'Einer deiner Wiederherstellungscodes wurde anstelle des zweiten Schritts benutzt. Er gilt nicht mehr. Übrige Codes: {left}.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  /** To the new address. */
  emailChangeConfirm: template({
    en: {
      subject: 'Confirm your new address',
      text: [
        'Follow the link, or enter the code, within {minutes} minutes to use this address for your account.',
        '{code}',
        '[Use this address]({link})',
        NOTHING_TO_DO.en,
      ],
    },
    de: {
      subject: 'Bestätige deine neue Adresse',
      text: [
        'Folge innerhalb von {minutes} Minuten dem Link oder gib den Code ein, um diese Adresse für dein Konto zu benutzen.',
        '{code}',
        '[Diese Adresse benutzen]({link})',
        NOTHING_TO_DO.de,
      ],
    },
  }),

  /** To the old address, which does not learn the new one: others may read it by now. */
  emailChanged: template({
    en: {
      subject: 'Your account has another address now',
      text: [
        'The e-mail address of your account was changed; this one does not belong to it any more.',
        OCCASION.en,
        'If it was not you, take the change back. You can do that for {days} days.',
        '[Take it back]({link})',
      ],
    },
    de: {
      subject: 'Dein Konto hat jetzt eine andere Adresse',
      text: [
        'Die E-Mail-Adresse deines Kontos wurde geändert; diese hier gehört nicht mehr dazu.',
        OCCASION.de,
        'Wenn du das nicht warst, mach die Änderung rückgängig. Das geht {days} Tage lang.',
        '[Rückgängig machen]({link})',
      ],
    },
  }),

  accessTokenCreated: template({
    en: {
      subject: 'An access token was made',
      text: [
        'An access token named “{token}” was made for your account. Whoever has it can use your account as far as it allows.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Ein Zugriffstoken wurde erstellt',
      text: [
        'Für dein Konto wurde ein Zugriffstoken namens „{token}“ erstellt. Wer es hat, kann dein Konto benutzen, soweit es das erlaubt.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  /** Somebody of the staff acts as them. */
  impersonated: template({
    en: {
      subject: 'Somebody who looks after accounts looked at yours',
      text: [
        '{by}, who looks after accounts, has begun to act as you for up to half an hour, to see what you see. They do not see your password, and cannot change how you sign in.',
        'Their reason: {reason}',
        'Your list of sessions shows it, and you can end it there.',
      ],
    },
    de: {
      subject: 'Jemand, der sich um Konten kümmert, hat deines angesehen',
      text: [
        '{by}, zuständig für Konten, handelt für höchstens eine halbe Stunde an deiner Stelle, um zu sehen, was du siehst. Dein Passwort ist dabei nicht zu sehen, und wie du dich anmeldest, lässt sich nicht ändern.',
        'Der Grund: {reason}',
        'Die Liste deiner Sitzungen zeigt es, und dort kannst du es beenden.',
      ],
    },
  }),

  identityLinked: template({
    en: {
      subject: 'A new way to sign in',
      text: ['Your account can be signed in to with {provider} now.', OCCASION.en, ...NOT_YOU.en],
    },
    de: {
      subject: 'Ein neuer Weg, dich anzumelden',
      text: ['Bei deinem Konto kann man sich jetzt mit {provider} anmelden.', OCCASION.de, ...NOT_YOU.de],
    },
  }),

  identityUnlinked: template({
    en: {
      subject: 'A way to sign in was removed',
      text: ['Your account cannot be signed in to with {provider} any more.', OCCASION.en, ...NOT_YOU.en],
    },
    de: {
      subject: 'Ein Weg, dich anzumelden, wurde entfernt',
      text: [
        'Bei deinem Konto kann man sich nicht mehr mit {provider} anmelden.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  /** The answer to “this was not me”. */
  credentialsFrozen: template({
    en: {
      subject: 'Your account is safe; choose a new password',
      text: [
        'Somebody, we hope you, has told us that something was not you. We have ended all sessions, and the old password does not work any more. Nobody can change how your account is signed in to until you choose a new one.',
        '[Choose a new password]({link})',
        LINK_LASTS.en,
      ],
    },
    de: {
      subject: 'Dein Konto ist sicher; wähle ein neues Passwort',
      text: [
        'Jemand, hoffentlich du, hat uns gesagt, dass du etwas nicht warst. Wir haben alle Sitzungen beendet, und das alte Passwort gilt nicht mehr. Niemand kann ändern, wie man sich bei deinem Konto anmeldet, bis du ein neues wählst.',
        '[Neues Passwort wählen]({link})',
        LINK_LASTS.de,
      ],
    },
  }),
} as const

export type MailName = keyof typeof MAILS

/** What happened when and from where, which `MailService` knows by itself unless somebody knows better. */
export type Occasion = Pick<Facts, 'at' | 'device' | 'network'>

/** What `MailService` makes of the event that a mail tells of. */
export type Disowning = Pick<Facts, 'disownLink' | 'disownDays'>

type Needed<Name extends MailName> = Mentioned<(typeof MAILS)[Name]>

/** What a mail has to be told: its facts, and the event of the trail where its reader can say that it was not them. */
export type FactsOf<Name extends MailName> = Pick<
  Facts,
  Exclude<Needed<Name>, keyof Occasion | keyof Disowning> & keyof Facts
> &
  Partial<Occasion> &
  ('disownLink' extends Needed<Name> ? { eventId: Id } : {})
