import { isSupportedCountry, parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max'
import { rejected, UserErrorCode, type Rejected } from '../../core/error'

/** Longest text that is read as a number: 15 digits (ITU-T E.164 §6), and what people write between them. */
export const MAX_NUMBER_LENGTH = 40

/** Digits of any script, and what is written between them. No letters: neither words that stand for digits, nor an extension. */
const WRITTEN = /^\+?[\p{Nd}\p{Pd} ()./]+$/u

/** What text messages can be sent to. In some countries nobody can tell mobile numbers from others. */
const MOBILE: readonly string[] = ['MOBILE', 'FIXED_LINE_OR_MOBILE']

/** A number as E.164 has it, and the country that it belongs to. */
export interface MobileNumber {
  number: string
  /** ISO 3166-1 alpha-2. */
  country: string
}

/**
 * The number that a text stands for, however it is written; null when it is none that is in use. `country` (ISO 3166-1 alpha-2) says
 * whose it is where it is written as people there dial it.
 */
function parse(text: string, country?: string): PhoneNumber | null {
  const written = text.normalize('NFKC').trim()
  if (written.length > MAX_NUMBER_LENGTH || !WRITTEN.test(written)) return null
  const defaultCountry = country !== undefined && isSupportedCountry(country) ? country : undefined
  const parsed = parsePhoneNumberFromString(written, { defaultCountry, extract: false })
  return parsed?.isValid() ? parsed : null
}

/** A number as E.164 has it, whatever kind it is of; null for what is none. */
export const normaliseNumber = (text: string): string | null => parse(text)?.number ?? null

/** The country that a number (E.164) belongs to, as ISO 3166-1 alpha-2; null where it belongs to none. */
export const countryOf = (number: string): string | null =>
  parsePhoneNumberFromString(number)?.country ?? null

/**
 * A number to which text messages can be sent.
 * @throws Rejected INVALID for what is no number, for one without a country, and for one that takes no text messages, or lets
 * whoever has it earn on each: of premium rate, of shared cost, of a satellite.
 */
export function readMobileNumber(text: string, country?: string): MobileNumber {
  if (country !== undefined && !isSupportedCountry(country)) throw invalid('country', NO_COUNTRY)
  const parsed = parse(text, country)
  if (parsed === null) throw invalid('number', country === undefined ? NO_NUMBER : NO_NUMBER_THERE)
  const type = parsed.getType()
  if (parsed.country === undefined || type === undefined || !MOBILE.includes(type))
    throw invalid('number', NO_TEXTS)
  return { number: parsed.number, country: parsed.country }
}

const invalid = (field: string, message: string): Rejected => rejected(field, UserErrorCode.INVALID, message)

const NO_COUNTRY = 'There is no such country. Write its two letters (ISO 3166-1), like AT.'
const NO_NUMBER =
  'This is not a phone number. Write it with the code of its country, like +43 660 1234567, or give the country.'
const NO_NUMBER_THERE = 'This is not a phone number of that country. Write it with its area or network code.'
const NO_TEXTS = 'Text messages cannot be sent to a number of this kind. Give a mobile number.'

export function numberProblem(field: string[]) {
  return { code: UserErrorCode.INVALID, field, message: NO_NUMBER }
}
