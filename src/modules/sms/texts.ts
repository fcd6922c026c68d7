import { template, type Template } from '../mail/mail-template'

/*
 * Every text message that Portico sends, in every language. A text is short: at most 160 characters of the alphabet of GSM 03.38 are one
 * message, and 70 where it holds others. The subject is not sent; it names the text where it is shown beside mails.
 */
export const TEXTS = {
  /** Proves that a number belongs to somebody. */
  phoneCode: template({
    en: {
      subject: 'A code for a phone number',
      text: [
        '{code} is your code, for {minutes} minutes. Tell it to nobody. If you did not ask for it, do nothing.',
      ],
    },
    de: {
      subject: 'Ein Code für eine Telefonnummer',
      text: [
        '{code} ist dein Code, {minutes} Minuten lang. Sag ihn niemandem. Nicht angefordert? Dann tu nichts.',
      ],
    },
  }),

  /** The second proof at sign-in. */
  signInCode: template({
    en: {
      subject: 'A code to sign in',
      text: ['{code} is your code to sign in, for {minutes} minutes. Tell it to nobody, whoever asks.'],
    },
    de: {
      subject: 'Ein Code zum Anmelden',
      text: ['{code} ist dein Code zum Anmelden, {minutes} Minuten lang. Sag ihn niemandem, wer auch fragt.'],
    },
  }),

  /** Something has happened that the reader wants to hear of. Without names: they are what others have made of them. */
  notification: template({
    en: { subject: 'News', text: ['{news}.', '{link}'] },
    de: { subject: 'Neuigkeiten', text: ['{news}.', '{link}'] },
  }),

  /** The same, of several things. */
  notifications: template({
    en: { subject: 'News', text: ['You have {newsCount} notifications.', '{link}'] },
    de: { subject: 'Neuigkeiten', text: ['Du hast {newsCount} Benachrichtigungen.', '{link}'] },
  }),
} as const satisfies Record<string, Template>

export type TextName = keyof typeof TEXTS
