import { LANGUAGES, languageOf, type Language } from '../../core/language'

/** Everything that a mail can mention, by the name of its placeholder. */
export interface Facts {
  /** What the reader types in. */
  code: string
  /** Where the button leads; null where it leads nowhere, and is left out. */
  link: string | null
  /** Where somebody says that it was not them, and how long they can. */
  disownLink: string
  disownDays: number
  /** How long the code or the link may be used. */
  minutes: number
  codeMinutes: number
  days: number
  /** When it happened. */
  at: Date
  /** The device that did it, as its session is called; null when that is not known. */
  device: string | null
  /** Where it was done from, roughly; null when that is not known. */
  network: string | null
  factor: Factor
  /** How many recovery codes are left. */
  left: number
  /** What an access token is called. */
  token: string
  /** Who of the staff did it, by username. */
  by: string
  /** Another service that somebody signs in with. */
  provider: string
  username: string
  /** Where another system is told what happens. */
  host: string
  /** Why staff did it, in their words; null where they did not say. */
  reason: string | null
  /** When it ends; null where somebody has to end it. */
  until: Date | null
  /** What was erased, signed. */
  certificate: string
  /** What was decided about what somebody has written. */
  measure: MailedMeasure
  /** The rule, or the law, that was broken, in words of staff. */
  rule: string
  /** How what it is about was found (Regulation (EU) 2022/2065 art. 17 (3) (c)). */
  detection: Detection
  /** What is unusual, a line each. */
  unusual: readonly UnusualActivity[]
  /** What somebody asks about their data. */
  right: Right
  /** By when it is answered. */
  due: Date
  /** The number of a ticket. */
  ticket: number
  /** What staff have done about it, in their words; null where they did not say. */
  note: string | null
  /** What has happened, in a sentence in the reader's language. */
  news: string
  /** Of how much one mail tells, and what of it, a line each. */
  newsCount: number
  newsList: readonly string[]
  /** What an announcement is about, and what it says in one line or more, as staff have written it. */
  announced: string
  announcement: string
}

/** A second factor, as mails speak of it. */
export type Factor = 'totp' | 'passkey' | 'email-code'

export const FACTORS: Record<Language, Record<Factor, string>> = {
  en: { totp: 'an authenticator app', passkey: 'a passkey', 'email-code': 'a code by e-mail' },
  de: { totp: 'eine Authenticator-App', passkey: 'ein Passkey', 'email-code': 'ein Code per E-Mail' },
}

/** What rules find in the trail, as mails speak of it. */
export type UnusualActivity =
  'refusals' | 'mass-reading' | 'token-reuse' | 'new-device' | 'password-guessing' | 'password-spraying'

const UNUSUAL: Record<Language, Record<UnusualActivity, string>> = {
  en: {
    refusals: 'Somebody tries again and again what they may not do.',
    'mass-reading': 'Somebody of the staff reads the data of very many people.',
    'token-reuse': 'A key to a session was used after it had been replaced; perhaps it was stolen.',
    'new-device': 'Somebody of the staff has signed in on a device that they had not used before.',
    'password-guessing': 'Somebody tries many passwords for one account.',
    'password-spraying': 'Somebody tries to sign in to many accounts from one address.',
  },
  de: {
    refusals: 'Jemand versucht immer wieder, was er oder sie nicht darf.',
    'mass-reading': 'Jemand vom Personal liest die Daten sehr vieler Menschen.',
    'token-reuse':
      'Ein Schlüssel zu einer Sitzung wurde benutzt, nachdem er ersetzt war; vielleicht wurde er gestohlen.',
    'new-device': 'Jemand vom Personal hat sich auf einem bisher nicht benutzten Gerät angemeldet.',
    'password-guessing': 'Jemand probiert viele Passwörter für ein Konto.',
    'password-spraying': 'Jemand versucht von einer Adresse aus, sich bei vielen Konten anzumelden.',
  },
}

/** What somebody can ask about their data, as mails speak of it. */
export type Right = 'export' | 'rectification' | 'erasure' | 'restriction' | 'objection'

const RIGHTS: Record<Language, Record<Right, string>> = {
  en: {
    export: 'a copy of your data',
    rectification: 'your data to be put right',
    erasure: 'your data to be deleted',
    restriction: 'your data to be kept and not used',
    objection: 'your data not to be used for a purpose',
  },
  de: {
    export: 'Kopie deiner Daten',
    rectification: 'Berichtigung deiner Daten',
    erasure: 'Löschung deiner Daten',
    restriction: 'Einschränkung der Verarbeitung deiner Daten',
    objection: 'Widerspruch gegen die Nutzung deiner Daten zu einem Zweck',
  },
}

/** What was decided about what somebody has written, as mails speak of it. */
export type MailedMeasure = 'warn' | 'hide' | 'remove' | 'suspend'

const MEASURES: Record<Language, Record<MailedMeasure, string>> = {
  en: {
    warn: 'it stays, and we ask you to keep to the rule from now on',
    hide: 'it is hidden until you have changed what is wrong with it and somebody has looked at it; until then only you and those who look after what is written here can read it',
    remove: 'it was removed, and only you and those who look after what is written here can read it',
    suspend: 'it was removed, and your account was suspended',
  },
  de: {
    warn: 'es bleibt stehen, und wir bitten dich, dich von jetzt an an die Regel zu halten',
    hide: 'es ist verborgen, bis du geändert hast, was daran nicht in Ordnung ist, und es jemand angesehen hat; bis dahin können nur du und wer sich um Beiträge kümmert es lesen',
    remove: 'es wurde entfernt, und nur du und wer sich um Beiträge kümmert können es lesen',
    suspend: 'es wurde entfernt, und dein Konto wurde gesperrt',
  },
}

/** How what is decided about was found, as mails speak of it. */
export type Detection = 'filter' | 'people'

const DETECTIONS: Record<Language, Record<Detection, string>> = {
  en: {
    filter: 'A filter, which is a machine, has found it; somebody has decided, not a machine.',
    people: 'Somebody has decided this, not a machine.',
  },
  de: {
    filter: 'Gefunden hat es ein Filter, also eine Maschine; entschieden hat jemand, keine Maschine.',
    people: 'Das hat jemand entschieden, keine Maschine.',
  },
}

/** What is written for a fact that is null. */
const ABSENT: Record<Language, Partial<Record<keyof Facts, string>> & { unknown: string }> = {
  en: { unknown: 'not known', reason: 'not given', until: 'further notice', note: 'nothing to add' },
  de: { unknown: 'nicht bekannt', reason: 'nicht angegeben', until: 'auf Weiteres', note: 'nichts weiter' },
}

/** What one mail says in one language. */
export interface Words {
  subject: string
  /**
   * Paragraphs of plain text with `{placeholders}`. One that is nothing but `{code}` is set large, one of the form
   * `[Label]({link})` is a button.
   */
  text: readonly string[]
}

/** What a mail says, in every language. */
export type Template = Readonly<Record<Language, Words>>

type PlaceholderIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholderIn<Rest>
  : never
type PlaceholderOf<Of extends Words> = PlaceholderIn<Of['subject']> | PlaceholderIn<Of['text'][number]>

/** The names of the facts that a template mentions, in whichever language. */
export type Mentioned<Of extends Template> = { [In in Language]: PlaceholderOf<Of[In]> }[Language]

/** The template itself where each language mentions each fact, and every fact is one of `Facts`. */
type Complete<Of extends Template> = {
  [In in Language]: [Mentioned<Of>] extends [PlaceholderOf<Of[In]> & keyof Facts]
    ? Of[In]
    : { thisLanguageLacksOrMisspells: Exclude<Mentioned<Of>, PlaceholderOf<Of[In]> & keyof Facts> }
}

/** A template whose languages say the same: the compiler refuses one that is missing, or that leaves a fact out. */
export const template = <const Of extends Template>(words: Of & Complete<Of>): Of => words

/** How somebody is written to. */
export interface Reader {
  /** BCP 47, e.g. `de-AT`. */
  locale: string
  /** IANA, e.g. `Europe/Vienna`. */
  timeZone: string
}

/** The words for this reader, with each fact in its place as they would write it. */
export function wordsFor(
  reader: Reader,
  all: Template,
  facts: Partial<Facts>,
): Words & { language: Language } {
  const language = languageOf(reader.locale)
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_placeholder, name: keyof Facts) =>
      written(facts[name], name, language, reader),
    )
  const { subject, text } = all[language]
  const shown = facts.link === null ? text.filter((paragraph) => !paragraph.includes('{link}')) : text
  return { language, subject: fill(subject), text: shown.map(fill) }
}

function written(
  fact: Facts[keyof Facts] | undefined,
  name: keyof Facts,
  language: Language,
  { locale, timeZone }: Reader,
): string {
  if (fact === null || fact === undefined) return ABSENT[language][name] ?? ABSENT[language].unknown
  // A fallback language keeps its own way of writing dates: a Japanese one would look odd in an English sentence.
  const style = languageOf(locale) === locale.split('-')[0]!.toLowerCase() ? locale : LANGUAGES[0]
  if (fact instanceof Date) return new Intl.DateTimeFormat(style, { ...MOMENT, timeZone }).format(fact)
  if (typeof fact === 'number') return new Intl.NumberFormat(style).format(fact)
  if (name === 'right') return RIGHTS[language][fact as Right]
  if (name === 'measure') return MEASURES[language][fact as MailedMeasure]
  if (name === 'detection') return DETECTIONS[language][fact as Detection]
  if (name === 'factor') return FACTORS[language][fact as Factor]
  if (name === 'announcement') return (fact as string).split('\n').map(inLine).join('\n')
  if (name === 'unusual') return listed((fact as UnusualActivity[]).map((each) => UNUSUAL[language][each]))
  return typeof fact === 'string' ? inLine(fact) : listed(fact)
}

const listed = (lines: readonly string[]): string => lines.map((line) => `• ${inLine(line)}`).join('\n')

/** A name in a mail is one word among others, whatever its owner made of it. */
const inLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')

const MOMENT = {
  year: 'numeric',
  month: 'long',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
} as const
