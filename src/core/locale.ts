import { Temporal } from 'temporal-polyfill'

/** A well-formed BCP 47 language tag in its canonical form (RFC 5646). */
export function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag)[0] === tag
  } catch {
    return false
  }
}

export const A_LOCALE = 'a BCP 47 tag such as `en` or `pt-BR`'
export const LOCALE_ADVICE = `Use ${A_LOCALE}.`

/** A time zone of the IANA database, by its name. Not all that `Intl` knows besides, such as IST, is known to whatever reckons with it. */
export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return /^[A-Za-z]/.test(name)
  } catch {
    return false
  }
}

export const A_TIME_ZONE = 'an IANA time zone such as `Europe/Berlin`'
export const TIME_ZONE_ADVICE = `Use ${A_TIME_ZONE}.`
