import { wordsFor } from './language'

/** What the use of data for a purpose rests on (GDPR art. 6(1)): (b), (a) and (f). */
export enum LegalBasis {
  CONTRACT = 'contract',
  CONSENT = 'consent',
  LEGITIMATE_INTEREST = 'legitimate-interest',
}

/** What people are told of a purpose, in one language. */
export interface PurposeWords {
  readonly name: string
  readonly text: string
}

/** Something that people are asked for, or may object to, and the text that they are shown. */
export interface Purpose {
  /** Kept in the ledger; never given to another purpose. */
  readonly id: string
  readonly basis: LegalBasis
  /** Another one for each change of the text that people have to know of. */
  readonly version: string
  /** By BCP 47 tag. */
  readonly texts: Readonly<Record<string, PurposeWords>>
}

/** Without a current consent to it nobody goes on: terms of service, a privacy policy. */
export const isRequired = ({ basis }: Pick<Purpose, 'basis'>): boolean => basis === LegalBasis.CONTRACT

/** Whether it holds as long as the person has not said otherwise. */
export const holdsUnasked = ({ basis }: Pick<Purpose, 'basis'>): boolean =>
  basis === LegalBasis.LEGITIMATE_INTEREST

/** What a purpose says in the language of a locale. */
export const purposeWords = ({ texts }: Purpose, locale: string): PurposeWords & { locale: string } =>
  wordsFor(texts, locale)
