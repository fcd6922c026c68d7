import { languageOf, type Language } from '../../core/language'
import type { Found } from './filter-set'
import { FilterKind } from './filter-terms'

/** What somebody is told of whom a filter has made to wait. */
interface HoldStatement {
  rule: string
  reasons: string
}

const RULES: Record<Language, Record<FilterKind, string>> = {
  en: {
    [FilterKind.WORDS]: 'Some words are looked at before others read them.',
    [FilterKind.LINKS]: 'Some links are looked at before others follow them.',
    [FilterKind.RATE]: 'Very much at once, or the same over and over, is looked at before others read it.',
  },
  de: {
    [FilterKind.WORDS]: 'Manche Wörter sehen wir uns an, bevor andere sie lesen.',
    [FilterKind.LINKS]: 'Manche Links sehen wir uns an, bevor andere ihnen folgen.',
    [FilterKind.RATE]: 'Sehr viel auf einmal, oder immer dasselbe, sehen wir uns an, bevor andere es lesen.',
  },
}

const FOUND: Record<Language, { parts(parts: string): string; much: string }> = {
  en: {
    parts: (parts) => `A filter, which is a machine, has found ${parts} in it.`,
    much: 'A filter, which is a machine, has found that it is too much at once, or too often the same.',
  },
  de: {
    parts: (parts) => `Ein Filter, also eine Maschine, hat darin ${parts} gefunden.`,
    much: 'Ein Filter, also eine Maschine, hat gefunden, dass es zu viel auf einmal ist oder zu oft dasselbe.',
  },
}

/** How much of what was found is quoted. */
const MOST = 5
const LONGEST = 60

/** The rule and the facts (Regulation (EU) 2022/2065 art. 17 (3) (b) and (d)) for which a filter lets something wait. */
export function holdStatement(
  { kind, messageToAuthor }: { kind: FilterKind; messageToAuthor: string | null },
  found: readonly Found[],
  locale: string,
): HoldStatement {
  const language = languageOf(locale)
  const { parts, much } = FOUND[language]
  const texts = [...new Set(found.map(({ text }) => text).filter(Boolean))].slice(0, MOST)
  const quoted = texts.map((text) => `“${[...text].slice(0, LONGEST).join('')}”`).join(', ')
  return { rule: messageToAuthor ?? RULES[language][kind], reasons: quoted === '' ? much : parts(quoted) }
}
