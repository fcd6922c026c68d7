import { LANGUAGES, languageOf, type Language } from '../../core/language'

/** Everything that a mail can mention, by the name of its placeholder. */
export interface Facts {
  /** What the reader types in. */
  code: string
  /** Where the button leads. */
  link: string
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
  /** Why staff did it, in their words; null where they did not say. */
  reason: string | null
  /** When it ends; null where somebody has to end it. */
  until: Date | null
}

/** A second factor, as mails speak of it. */
export type Factor = 'totp' | 'passkey' | 'email-code'

export const FACTORS: Record<Language, Record<Factor, string>> = {
  en: { totp: 'an authenticator app', passkey: 'a passkey', 'email-code': 'a code by e-mail' },
  de: { totp: 'eine Authenticator-App', passkey: 'ein Passkey', 'email-code': 'ein Code per E-Mail' },
}

/** What is written for a fact that is null. */
const ABSENT: Record<Language, Partial<Record<keyof Facts, string>> & { unknown: string }> = {
  en: { unknown: 'not known', reason: 'not given', until: 'further notice' },
  de: { unknown: 'nicht bekannt', reason: 'nicht angegeben', until: 'auf Weiteres' },
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
  return { language, subject: fill(subject), text: text.map(fill) }
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
  if (name === 'factor') return FACTORS[language][fact as Factor]
  // A name in a mail is one word among others, whatever its owner made of it.
  return fact.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}

const MOMENT = {
  year: 'numeric',
  month: 'long',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
} as const
