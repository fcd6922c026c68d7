/** The languages that Portico writes to people in; the first is spoken where somebody's own is none of them. */
export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

/**
 * The language for somebody of this locale, by the look-up of RFC 4647 §3.4: the tag is shortened from its end until it is
 * one of ours, `de-Latn-AT` → `de-Latn` → `de`.
 */
export function languageOf(locale: string): Language {
  const tags = locale.toLowerCase().split('-')
  while (tags.length > 0) {
    const known = LANGUAGES.find((language) => language === tags.join('-'))
    if (known) return known
    tags.pop()
    // A single letter opens an extension, and says nothing without it.
    if (tags.at(-1)?.length === 1) tags.pop()
  }
  return LANGUAGES[0]
}

/** What is said in several languages, by BCP 47 tag, in that of a locale by the same look-up; in its first one where it lacks that. */
export function wordsFor<Words extends object>(
  texts: Readonly<Record<string, Words>>,
  locale: string,
): Words & { locale: string } {
  const tags = locale.toLowerCase().split('-')
  for (; tags.length > 0; tags.pop()) {
    const known = Object.keys(texts).find((tag) => tag.toLowerCase() === tags.join('-'))
    if (known) return { locale: known, ...texts[known]! }
  }
  const [first] = Object.keys(texts)
  return { locale: first!, ...texts[first!]! }
}
