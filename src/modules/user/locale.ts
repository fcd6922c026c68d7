/** A well-formed BCP 47 language tag in its canonical form (RFC 5646). */
export function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag)[0] === tag
  } catch {
    return false
  }
}

export const LOCALE_ADVICE = 'Use a BCP 47 tag such as `en` or `pt-BR`.'
