import type { Id } from '../../core/id'
import type { Language } from '../../core/language'
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

/** How to have a decision looked at again (Regulation (EU) 2022/2065 art. 17 (3) (f)). */
const APPEAL = {
  en: [
    '{detection} If you think it wrong, you can object until {due}, also beside the decision in your account. Somebody else then decides anew, at no cost. You can also turn to a certified body for out-of-court dispute settlement, or go to court.',
    '[Object to it]({link})',
  ],
  de: [
    '{detection} Wenn du es für falsch hältst, kannst du bis {due} Beschwerde einlegen, auch bei der Entscheidung in deinem Konto. Dann entscheidet jemand anderes neu, und das kostet nichts. Du kannst dich auch an eine zugelassene Stelle für außergerichtliche Streitbeilegung wenden oder vor Gericht gehen.',
    '[Beschwerde einlegen]({link})',
  ],
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

  /** To whoever has had another system told what happens. */
  webhookDisabled: template({
    en: {
      subject: 'Webhooks to {host} have been turned off',
      text: [
        'Nothing that was sent to {host} has arrived for days, or it has answered that it is gone for good. So nothing is sent there any more.',
        'Its deliveries say what went wrong. Once you have turned it on again, you can have sent what it has missed, for 30 days.',
      ],
    },
    de: {
      subject: 'Webhooks an {host} sind abgeschaltet',
      text: [
        'Seit Tagen ist nichts mehr angekommen, was an {host} ging, oder von dort kam die Antwort, dass es den Empfänger nicht mehr gibt. Deshalb wird nichts mehr dorthin geschickt.',
        'Was schiefging, steht bei den Zustellungen. Wenn du den Empfänger wieder einschaltest, kannst du 30 Tage lang nachholen lassen, was er verpasst hat.',
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

  /** Tells somebody that their account rests. */
  accountDeactivated: template({
    en: {
      subject: 'Your account is deactivated',
      text: [
        'Your account was deactivated, and all sessions were ended. Others see nothing of you and of what you have written. Nothing was erased: sign in, and all is as it was.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Dein Konto ist deaktiviert',
      text: [
        'Dein Konto wurde deaktiviert, und alle Sitzungen wurden beendet. Andere sehen nichts von dir und von dem, was du geschrieben hast. Gelöscht wurde nichts: Melde dich an, und alles ist wie zuvor.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  /** Tells somebody that their account is back. */
  accountReactivated: template({
    en: {
      subject: 'Your account is active again',
      text: [
        'Somebody has signed in to your deactivated account, so it is active again: others see you and what you have written.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Dein Konto ist wieder aktiv',
      text: [
        'Bei deinem deaktivierten Konto hat sich jemand angemeldet, deshalb ist es wieder aktiv: Andere sehen dich und was du geschrieben hast.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  /** Tells somebody of another username that was chosen in their account. */
  usernameChosen: template({
    en: {
      subject: 'Your username is {username} now',
      text: [
        'Another username was chosen for your account: {username}. Sign in with it from now on. The old one leads others to you for 90 days, and does not sign you in any more.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Dein Benutzername ist jetzt {username}',
      text: [
        'Für dein Konto wurde ein anderer Benutzername gewählt: {username}. Melde dich von jetzt an damit an. Der alte führt andere noch 90 Tage zu dir und meldet dich nicht mehr an.',
        OCCASION.de,
        ...NOT_YOU.de,
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

  /** Many passwords were tried for an account, in vain. */
  passwordGuessed: template({
    en: {
      subject: 'Somebody tries passwords for your account',
      text: [
        'Within a day somebody has tried many passwords for your account. None of them was right, and we let nobody try more than a few in a row.',
        'If it was not you: a password that you use nowhere else, and a second proof at sign-in, keep others out.',
      ],
    },
    de: {
      subject: 'Jemand probiert Passwörter für dein Konto',
      text: [
        'Innerhalb eines Tages hat jemand viele Passwörter für dein Konto probiert. Keines davon war richtig, und mehr als ein paar hintereinander lassen wir niemanden probieren.',
        'Falls du es nicht warst: Ein Passwort, das du sonst nirgends benutzt, und ein zweiter Nachweis beim Anmelden halten andere fern.',
      ],
    },
  }),

  /** What rules have found in the trail, to staff who may read it. */
  unusualActivity: template({
    en: {
      subject: 'There was unusual activity',
      text: [
        '{unusual}',
        'The audit trail says whom it is about and when: look there for `unusual-activity.found`.',
        'What else is found of the same kind within an hour stands there alone.',
      ],
    },
    de: {
      subject: 'Es gab ungewöhnliche Vorgänge',
      text: [
        '{unusual}',
        'Das Protokoll sagt, um wen es geht und wann: Suche dort nach `unusual-activity.found`.',
        'Was innerhalb einer Stunde noch von derselben Art gefunden wird, steht nur dort.',
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

  /** To an address that somebody adds to theirs. */
  emailAddConfirm: template({
    en: {
      subject: 'A code for your further address',
      text: [
        'Enter this code within {minutes} minutes to add this address to your account.',
        '{code}',
        NOTHING_TO_DO.en,
      ],
    },
    de: {
      subject: 'Ein Code für deine weitere Adresse',
      text: [
        'Gib innerhalb von {minutes} Minuten diesen Code ein, um diese Adresse zu deinem Konto hinzuzufügen.',
        '{code}',
        NOTHING_TO_DO.de,
      ],
    },
  }),

  emailAdded: template({
    en: {
      subject: 'An e-mail address was added',
      text: [
        'An e-mail address was added to your account. One can sign in with it.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Eine E-Mail-Adresse wurde hinzugefügt',
      text: [
        'Deinem Konto wurde eine E-Mail-Adresse hinzugefügt. Man kann sich mit ihr anmelden.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  emailRemoved: template({
    en: {
      subject: 'An e-mail address was removed',
      text: ['An e-mail address was removed from your account.', OCCASION.en, ...NOT_YOU.en],
    },
    de: {
      subject: 'Eine E-Mail-Adresse wurde entfernt',
      text: ['Eine E-Mail-Adresse wurde aus deinem Konto entfernt.', OCCASION.de, ...NOT_YOU.de],
    },
  }),

  /** To the address that was the primary one until now. */
  emailMadePrimary: template({
    en: {
      subject: 'Another address of your account is the primary one now',
      text: [
        'Another of your e-mail addresses is the primary one of your account: mails about it go there from now on, and no longer here.',
        OCCASION.en,
        'If it was not you, take the change back. You can do that for {days} days.',
        '[Take it back]({link})',
      ],
    },
    de: {
      subject: 'Eine andere Adresse deines Kontos ist jetzt die wichtigste',
      text: [
        'Eine andere deiner E-Mail-Adressen ist jetzt die wichtigste deines Kontos: Mails dazu gehen von jetzt an dorthin und nicht mehr hierher.',
        OCCASION.de,
        'Wenn du das nicht warst, mach die Änderung rückgängig. Das geht {days} Tage lang.',
        '[Rückgängig machen]({link})',
      ],
    },
  }),

  phoneAdded: template({
    en: {
      subject: 'A phone number was added',
      text: ['A phone number was added to your account.', OCCASION.en, ...NOT_YOU.en],
    },
    de: {
      subject: 'Eine Telefonnummer wurde hinzugefügt',
      text: ['Deinem Konto wurde eine Telefonnummer hinzugefügt.', OCCASION.de, ...NOT_YOU.de],
    },
  }),

  phoneRemoved: template({
    en: {
      subject: 'A phone number was removed',
      text: ['A phone number was removed from your account.', OCCASION.en, ...NOT_YOU.en],
    },
    de: {
      subject: 'Eine Telefonnummer wurde entfernt',
      text: ['Eine Telefonnummer wurde aus deinem Konto entfernt.', OCCASION.de, ...NOT_YOU.de],
    },
  }),

  phoneMadePrimary: template({
    en: {
      subject: 'Another phone number is your primary one now',
      text: [
        'Another of your phone numbers is the primary one of your account now. Text messages about your account go there.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Eine andere Telefonnummer ist jetzt deine wichtigste',
      text: [
        'Eine andere deiner Telefonnummern ist jetzt die wichtigste deines Kontos. Textnachrichten zu deinem Konto gehen dorthin.',
        OCCASION.de,
        ...NOT_YOU.de,
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

  dataExportRequested: template({
    en: {
      subject: 'A copy of your data was asked for',
      text: [
        'A copy of all that we know about you is being made. We write again when it is there.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Eine Kopie deiner Daten wurde angefordert',
      text: [
        'Wir stellen eine Kopie von allem zusammen, was wir über dich wissen, und schreiben dir wieder, wenn sie da ist.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  dataExportReady: template({
    en: {
      subject: 'The copy of your data is there',
      text: [
        'The copy of your data that you asked for has been made. Sign in to fetch it; it is kept for {days} days.',
      ],
    },
    de: {
      subject: 'Die Kopie deiner Daten ist da',
      text: [
        'Die Kopie deiner Daten, die du angefordert hast, ist fertig. Melde dich an, um sie abzuholen; wir bewahren sie {days} Tage auf.',
      ],
    },
  }),

  erasureRequested: template({
    en: {
      subject: 'Your account is going to be erased',
      text: [
        'You have asked for your account and everything about you to be erased. It is done on {until}, and nobody can take it back after that.',
        'If you change your mind before, sign in and take it back.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Dein Konto wird gelöscht',
      text: [
        'Du hast darum gebeten, dein Konto und alles über dich zu löschen. Das geschieht am {until}; danach kann es niemand mehr zurücknehmen.',
        'Wenn du es dir vorher anders überlegst, melde dich an und nimm es zurück.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  erasureCancelled: template({
    en: {
      subject: 'Your account stays',
      text: [
        'It was taken back that your account is to be erased. Everything stays as it was.',
        OCCASION.en,
        ...NOT_YOU.en,
      ],
    },
    de: {
      subject: 'Dein Konto bleibt',
      text: [
        'Dass dein Konto gelöscht werden soll, wurde zurückgenommen. Alles bleibt, wie es war.',
        OCCASION.de,
        ...NOT_YOU.de,
      ],
    },
  }),

  /** Of tickets nothing is said but the number: mails lie around in clear, where no erasure reaches them. */
  ticketOpened: template({
    en: {
      subject: 'We have written to you: ticket #{ticket}',
      text: [
        'We have written to you about your account. Sign in to read it and to answer.',
        '[Read ticket #{ticket}]({link})',
      ],
    },
    de: {
      subject: 'Wir haben dir geschrieben: Ticket #{ticket}',
      text: [
        'Wir haben dir wegen deines Kontos geschrieben. Melde dich an, um es zu lesen und zu antworten.',
        '[Ticket #{ticket} lesen]({link})',
      ],
    },
  }),

  ticketAnswered: template({
    en: {
      subject: 'There is an answer to ticket #{ticket}',
      text: [
        'We have answered your ticket #{ticket}. Sign in to read it and to answer.',
        '[Read ticket #{ticket}]({link})',
      ],
    },
    de: {
      subject: 'Antwort zu Ticket #{ticket}',
      text: [
        'Wir haben auf dein Ticket #{ticket} geantwortet. Melde dich an, um es zu lesen und zu antworten.',
        '[Ticket #{ticket} lesen]({link})',
      ],
    },
  }),

  ticketSolved: template({
    en: {
      subject: 'Ticket #{ticket} is solved',
      text: [
        'We think that your ticket #{ticket} is solved. What we have answered stands in it. If it is not, say so there within 14 days, and we look at it again.',
        '[Read ticket #{ticket}]({link})',
      ],
    },
    de: {
      subject: 'Ticket #{ticket} ist gelöst',
      text: [
        'Wir meinen, dass dein Ticket #{ticket} gelöst ist. Was wir geantwortet haben, steht darin. Wenn nicht, schreib das dort innerhalb von 14 Tagen, und wir sehen es uns noch einmal an.',
        '[Ticket #{ticket} lesen]({link})',
      ],
    },
  }),

  /** To whoever of the staff deals with it. */
  ticketReplied: template({
    en: {
      subject: 'There is something new in ticket #{ticket}',
      text: [
        'The person whom ticket #{ticket} is for has said more in it. You deal with it.',
        '[Read ticket #{ticket}]({link})',
      ],
    },
    de: {
      subject: 'Neues in Ticket #{ticket}',
      text: [
        'Wer das Ticket #{ticket} betrifft, hat darin mehr geschrieben. Du bearbeitest es.',
        '[Ticket #{ticket} lesen]({link})',
      ],
    },
  }),

  /** Something obliges us to keep it; what, is not said. */
  erasureDelayed: template({
    en: {
      subject: 'Your account cannot be erased yet',
      text: [
        'Your account was to be erased now. We are obliged by law to keep your data for the time being, and do nothing else with it. It is erased as soon as we may.',
        'You can complain to a data protection authority, or go to court.',
      ],
    },
    de: {
      subject: 'Dein Konto kann noch nicht gelöscht werden',
      text: [
        'Dein Konto sollte jetzt gelöscht werden. Wir sind gesetzlich verpflichtet, deine Daten vorerst aufzubewahren, und tun sonst nichts damit. Sie werden gelöscht, sobald wir dürfen.',
        'Du kannst dich bei einer Datenschutzbehörde beschweren oder vor Gericht gehen.',
      ],
    },
  }),

  /** The last one that somebody gets. */
  accountErased: template({
    en: {
      subject: 'Your account has been erased',
      text: [
        'As you wished, your account and everything about you has been erased. This is the last mail from us: we do not know your address any more.',
        'What was erased, and what had to be kept without your name, is in this certificate, which anybody can verify with our public keys:',
        '{certificate}',
      ],
    },
    de: {
      subject: 'Dein Konto wurde gelöscht',
      text: [
        'Wie du es wolltest, haben wir dein Konto und alles über dich gelöscht. Dies ist unsere letzte Mail: Wir kennen deine Adresse nicht mehr.',
        'Was gelöscht wurde und was ohne deinen Namen bleiben musste, steht in dieser Bescheinigung, die jeder mit unseren öffentlichen Schlüsseln prüfen kann:',
        '{certificate}',
      ],
    },
  }),

  privacyRequestReceived: template({
    en: {
      subject: 'We have your request about your data',
      text: [
        'You have asked for {right}. We answer by {due} at the latest.',
        OCCASION.en,
        'If it was not you, change your password, and take the request back.',
      ],
    },
    de: {
      subject: 'Deine Anfrage zu deinen Daten ist da',
      text: [
        'Deine Anfrage: {right}. Wir antworten spätestens bis {due}.',
        OCCASION.de,
        'Wenn du das nicht warst, ändere dein Passwort und nimm die Anfrage zurück.',
      ],
    },
  }),

  privacyRequestExtended: template({
    en: {
      subject: 'Your request about your data takes longer',
      text: [
        'You have asked for {right}. It takes us longer than we would like: we answer by {due} at the latest.',
        'The reason: {reason}',
        'You can complain to a data protection authority, or go to court.',
      ],
    },
    de: {
      subject: 'Deine Anfrage zu deinen Daten dauert länger',
      text: [
        'Deine Anfrage: {right}. Das dauert länger, als uns lieb ist: Wir antworten spätestens bis {due}.',
        'Der Grund: {reason}',
        'Du kannst dich bei einer Datenschutzbehörde beschweren oder vor Gericht gehen.',
      ],
    },
  }),

  privacyRequestDone: template({
    en: {
      subject: 'Your request about your data is done',
      text: ['You have asked for {right}. It is done.', 'What we can tell you about it: {note}'],
    },
    de: {
      subject: 'Deine Anfrage zu deinen Daten ist erledigt',
      text: ['Deine Anfrage: {right}. Das ist erledigt.', 'Was wir dazu sagen können: {note}'],
    },
  }),

  /** With where to complain (GDPR art. 12(4)). */
  privacyRequestRefused: template({
    en: {
      subject: 'Your request about your data was refused',
      text: [
        'You have asked for {right}. We do not do what you have asked for.',
        'The reason: {reason}',
        'You can complain to a data protection authority, or go to court.',
      ],
    },
    de: {
      subject: 'Deine Anfrage zu deinen Daten wurde abgelehnt',
      text: [
        'Deine Anfrage: {right}. Dem kommen wir nicht nach.',
        'Der Grund: {reason}',
        'Du kannst dich bei einer Datenschutzbehörde beschweren oder vor Gericht gehen.',
      ],
    },
  }),

  /** The statement of reasons (Regulation (EU) 2022/2065 art. 17). */
  moderated: template({
    en: {
      subject: 'A decision about something that you have written',
      text: [
        'Somebody who looks after what is written here has decided about something of yours: {measure}.',
        'The rule: {rule}\nThe reasons: {reason}',
        ...APPEAL.en,
      ],
    },
    de: {
      subject: 'Eine Entscheidung über etwas, das du geschrieben hast',
      text: [
        'Jemand, der sich um Beiträge kümmert, hat über etwas von dir entschieden: {measure}.',
        'Die Regel: {rule}\nDie Gründe: {reason}',
        ...APPEAL.de,
      ],
    },
  }),

  /** What a filter lets wait (Regulation (EU) 2022/2065 art. 17). */
  held: template({
    en: {
      subject: 'Something that you have written waits to be looked at',
      text: [
        'What you have written is not shown to others yet: a machine has decided that, and no person so far. Until somebody who looks after what is written here has decided, only you and they can read it.',
        'The rule: {rule}\nThe reasons: {reason}',
        'You need do nothing. You are told what becomes of it, and if it is decided against you, why, and how you can object.',
      ],
    },
    de: {
      subject: 'Etwas, das du geschrieben hast, wartet darauf, angesehen zu werden',
      text: [
        'Was du geschrieben hast, wird anderen noch nicht gezeigt: Das hat eine Maschine entschieden, bisher kein Mensch. Bis jemand entschieden hat, der sich um Beiträge kümmert, können nur du und wer das tut es lesen.',
        'Die Regel: {rule}\nDie Gründe: {reason}',
        'Du brauchst nichts zu tun. Du erfährst, was daraus wird, und wird gegen dich entschieden, auch warum und wie du Beschwerde einlegen kannst.',
      ],
    },
  }),

  silenced: template({
    en: {
      subject: 'You cannot write anything for a while',
      text: [
        'Somebody who looks after what is written here has removed something of yours. Until {until} you can read, and write nothing.',
        'The rule: {rule}\nThe reasons: {reason}',
        ...APPEAL.en,
      ],
    },
    de: {
      subject: 'Du kannst eine Zeit lang nichts schreiben',
      text: [
        'Jemand, der sich um Beiträge kümmert, hat etwas von dir entfernt. Bis {until} kannst du lesen, aber nichts schreiben.',
        'Die Regel: {rule}\nDie Gründe: {reason}',
        ...APPEAL.de,
      ],
    },
  }),

  /** What came of it, without what was decided against somebody else (Regulation (EU) 2022/2065 art. 16 (5)). */
  reportActedOn: template({
    en: {
      subject: 'Something was done about what you have reported',
      text: [
        'You reported something that somebody has written, {at}. Somebody who looks after what is written here has looked at it, and something was done about it.',
        'What that is stays between us and whoever has written it. If you see more of the kind, report that too.',
      ],
    },
    de: {
      subject: 'Wir haben etwas unternommen, nachdem du etwas gemeldet hattest',
      text: [
        'Du hast etwas gemeldet, das jemand geschrieben hat, {at}. Jemand, der sich um Beiträge kümmert, hat es sich angesehen, und es wurde etwas unternommen.',
        'Was das ist, bleibt zwischen uns und wer es geschrieben hat. Wenn du mehr davon siehst, melde auch das.',
      ],
    },
  }),

  reportDismissed: template({
    en: {
      subject: 'What you have reported stays as it is',
      text: [
        'You reported something that somebody has written, {at}. Somebody who looks after what is written here has looked at it, and it stays as it is: it breaks no rule.',
        'If you think that this is wrong, answer this mail. You can also turn to a body that settles such disputes out of court, or to a court.',
      ],
    },
    de: {
      subject: 'Was du gemeldet hast, bleibt, wie es ist',
      text: [
        'Du hast etwas gemeldet, das jemand geschrieben hat, {at}. Jemand, der sich um Beiträge kümmert, hat es sich angesehen, und es bleibt, wie es ist: Es verstößt gegen keine Regel.',
        'Wenn du das für falsch hältst, antworte auf diese E-Mail. Du kannst dich auch an eine Stelle für außergerichtliche Streitbeilegung wenden oder vor Gericht gehen.',
      ],
    },
  }),

  decisionReversed: template({
    en: {
      subject: 'A decision about something that you have written was taken back',
      text: [
        'What had been decided about something of yours does not hold any more, and what it had changed is as it was before.',
        'Why: {reason}',
      ],
    },
    de: {
      subject: 'Eine Entscheidung über etwas, das du geschrieben hast, wurde zurückgenommen',
      text: [
        'Was über etwas von dir entschieden worden war, gilt nicht mehr, und was sich dadurch geändert hatte, ist wieder wie zuvor.',
        'Warum: {reason}',
      ],
    },
  }),

  /** With where else to turn (Regulation (EU) 2022/2065 art. 20 (5)). */
  appealUpheld: template({
    en: {
      subject: 'Your objection was looked at: the decision stays',
      text: [
        'Somebody else than who had decided has looked at it anew. The decision stays.',
        'Why: {reason}',
        'You can turn to a certified body for out-of-court dispute settlement, or go to court.',
      ],
    },
    de: {
      subject: 'Deine Beschwerde wurde geprüft: Die Entscheidung bleibt',
      text: [
        'Jemand anderes als zuvor hat neu entschieden. Die Entscheidung bleibt.',
        'Warum: {reason}',
        'Du kannst dich an eine zugelassene Stelle für außergerichtliche Streitbeilegung wenden oder vor Gericht gehen.',
      ],
    },
  }),

  appealOverturned: template({
    en: {
      subject: 'Your objection was looked at: the decision was taken back',
      text: [
        'Somebody else than who had decided has looked at it anew. The decision does not hold any more, and what it had changed is as it was before.',
        'Why: {reason}',
      ],
    },
    de: {
      subject: 'Deine Beschwerde wurde geprüft: Die Entscheidung wurde zurückgenommen',
      text: [
        'Jemand anderes als zuvor hat neu entschieden. Die Entscheidung gilt nicht mehr, und was sich dadurch geändert hatte, ist wieder wie zuvor.',
        'Warum: {reason}',
      ],
    },
  }),

  processingRestricted: template({
    en: {
      subject: 'Your data is kept, and not used',
      text: [
        'While your request about your data is looked into, it is kept and not used: nobody else finds you, and we write to you only about the safety of your account and about your rights.',
        'You can end this yourself at any time.',
      ],
    },
    de: {
      subject: 'Deine Daten werden aufbewahrt und nicht genutzt',
      text: [
        'Solange deine Anfrage zu deinen Daten geprüft wird, werden sie aufbewahrt und nicht genutzt: Niemand sonst findet dich, und wir schreiben dir nur über die Sicherheit deines Kontos und deine Rechte.',
        'Du kannst das jederzeit selbst beenden.',
      ],
    },
  }),

  restrictionLifted: template({
    en: {
      subject: 'Your data is used again',
      text: [
        'Your data was kept and not used. That is over: others find you again.',
        OCCASION.en,
        'If you do not want that, you can restrict it again at any time.',
      ],
    },
    de: {
      subject: 'Deine Daten werden wieder genutzt',
      text: [
        'Deine Daten wurden aufbewahrt und nicht genutzt. Das ist vorbei: Andere finden dich wieder.',
        OCCASION.de,
        'Wenn du das nicht willst, kannst du es jederzeit wieder einschränken.',
      ],
    },
  }),

  notification: template({
    en: {
      subject: '{news}',
      text: [
        '{news}.',
        '[Look at it]({link})',
        'In your preferences you choose what you are written about, and when.',
      ],
    },
    de: {
      subject: '{news}',
      text: [
        '{news}.',
        '[Ansehen]({link})',
        'In deinen Einstellungen bestimmst du, worüber und wann wir dir schreiben.',
      ],
    },
  }),

  notifications: template({
    en: {
      subject: 'News for you: {newsCount}',
      text: [
        'You have not seen yet what has happened:',
        '{newsList}',
        '[Look at it]({link})',
        'In your preferences you choose what you are written about, and when.',
      ],
    },
    de: {
      subject: 'Neues für dich: {newsCount}',
      text: [
        'Das hast du noch nicht gesehen:',
        '{newsList}',
        '[Ansehen]({link})',
        'In deinen Einstellungen bestimmst du, worüber und wann wir dir schreiben.',
      ],
    },
  }),

  announcement: template({
    en: {
      subject: '{announced}',
      text: [
        '{announcement}',
        '[Look at it]({link})',
        'In your preferences you choose whether we write to you about news.',
      ],
    },
    de: {
      subject: '{announced}',
      text: [
        '{announcement}',
        '[Ansehen]({link})',
        'In deinen Einstellungen bestimmst du, ob wir dir über Neuigkeiten schreiben.',
      ],
    },
  }),
} as const

export type MailName = keyof typeof MAILS

/**
 * What somebody is written about whose data is kept and no more (GDPR art. 18(2)): the *safety* of their account, which protects
 * their rights, and those *rights* themselves. What is neither, they are not sent.
 */
const ABOUT: Record<MailName, 'safety' | 'rights' | 'neither'> = {
  signUpCode: 'safety',
  accountExists: 'safety',
  signInLink: 'safety',
  signInCode: 'safety',
  passwordReset: 'safety',
  passwordResetRequired: 'safety',
  invitation: 'neither',
  accountSuspended: 'rights',
  accountReinstated: 'rights',
  accountDeactivated: 'safety',
  accountReactivated: 'safety',
  sessionsEnded: 'safety',
  usernameChanged: 'safety',
  usernameChosen: 'safety',
  passwordChanged: 'safety',
  passwordBreached: 'safety',
  newDevice: 'safety',
  passwordGuessed: 'safety',
  unusualActivity: 'neither',
  sessionTokenReused: 'safety',
  secondFactorAdded: 'safety',
  secondFactorRemoved: 'safety',
  recoveryCodesRegenerated: 'safety',
  recoveryCodeUsed: 'safety',
  emailChangeConfirm: 'safety',
  emailChanged: 'safety',
  emailAddConfirm: 'safety',
  emailAdded: 'safety',
  emailRemoved: 'safety',
  emailMadePrimary: 'safety',
  phoneAdded: 'safety',
  phoneRemoved: 'safety',
  phoneMadePrimary: 'safety',
  accessTokenCreated: 'safety',
  impersonated: 'rights',
  identityLinked: 'safety',
  identityUnlinked: 'safety',
  credentialsFrozen: 'safety',
  privacyRequestReceived: 'rights',
  privacyRequestExtended: 'rights',
  privacyRequestDone: 'rights',
  privacyRequestRefused: 'rights',
  moderated: 'rights',
  held: 'rights',
  silenced: 'rights',
  reportActedOn: 'rights',
  reportDismissed: 'rights',
  decisionReversed: 'rights',
  appealUpheld: 'rights',
  appealOverturned: 'rights',
  processingRestricted: 'rights',
  restrictionLifted: 'rights',
  dataExportRequested: 'rights',
  dataExportReady: 'rights',
  erasureRequested: 'rights',
  erasureCancelled: 'rights',
  erasureDelayed: 'rights',
  accountErased: 'rights',
  webhookDisabled: 'neither',
  notification: 'neither',
  notifications: 'neither',
  announcement: 'neither',
  ticketOpened: 'neither',
  ticketAnswered: 'neither',
  ticketSolved: 'neither',
  ticketReplied: 'neither',
}

/**
 * Whether people have to be told what a mail tells: also whoever has deactivated their account, or whose data is kept and no more, and
 * sooner than what they can do without.
 */
export const isOwed = (name: MailName): boolean => ABOUT[name] !== 'neither'

/** What mails are about that people can do without, in words for the page on which they say so. */
export const TOPICS = {
  integrations: { en: 'webhooks that you have set up', de: 'Webhooks, die du eingerichtet hast' },
  notifications: { en: 'what others write to you', de: 'was andere dir schreiben' },
  news: { en: 'news of the application', de: 'Neuigkeiten der Anwendung' },
} as const satisfies Record<string, Record<Language, string>>

export type MailTopic = keyof typeof TOPICS

export const isTopic = (word: string): word is MailTopic => Object.hasOwn(TOPICS, word)

/** The mails that people can end with one click. Of the safety of the account, and of their rights, none can be. */
const TOPIC_OF: Partial<Record<MailName, MailTopic>> = {
  webhookDisabled: 'integrations',
  notification: 'notifications',
  notifications: 'notifications',
  announcement: 'news',
}

/** The preference that says whether there are mails of a topic, where people choose that among their others. */
export const PREFERENCE_OF: Partial<Record<MailTopic, { key: string; off: (value: unknown) => unknown }>> = {
  notifications: { key: 'notifications.email', off: () => false },
  news: {
    key: 'notifications.product',
    off: (channels) => (channels as readonly string[]).filter((channel) => channel !== 'email'),
  },
}

/** What a mail is about, where its reader can do without it. */
export const topicOf = (name: MailName): MailTopic | null => TOPIC_OF[name] ?? null

/** The mails that somebody has just asked for to this address: with what they carry, the address is proven. */
const ASKED_FOR: readonly MailName[] = [
  'signUpCode',
  'signInLink',
  'signInCode',
  'passwordReset',
  'emailChangeConfirm',
  'emailAddConfirm',
]

/**
 * Whether a mail is not sent to an address that mails come back from, or where one was called spam. To the former goes only what proves
 * anew that it is somebody's; from the latter the safety of the account and people's rights are kept by no complaint.
 */
export const isKeptFromMarked = (
  name: MailName,
  { isBounced, isComplained }: { isBounced: boolean; isComplained: boolean },
): boolean => (isBounced && !ASKED_FOR.includes(name)) || (isComplained && ABOUT[name] === 'neither')

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
