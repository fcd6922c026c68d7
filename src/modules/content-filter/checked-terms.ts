import { Rejected, UserErrorCode, type Problem } from '../../core/error'
import type { ContentFilterDraftInput, ContentFilterTermsInput, NewcomersInput } from './content-filter.input'
import type { Newcomers } from './content-filter.repository'
import { FilterAction, FilteredKind, FilterKind, type FilterTerms } from './filter-terms'
import { domainOf } from './link-search'
import { flawOf, keyOf } from './word-search'

/** Collects what is wrong with an input. */
export class Problems {
  readonly all: Problem[] = []

  add(field: readonly (string | number)[], code: UserErrorCode, message: string): void {
    this.all.push({ field: field.map(String), code, message })
  }
}

/** What a filter looks for, in the form in which it is kept; null where none, or more than one, was given. */
export function checkedTerms(
  { words, links, rate }: ContentFilterTermsInput,
  problems: Problems,
): FilterTerms | null {
  const { INVALID, REQUIRED } = UserErrorCode
  const given = [words, links, rate].filter((one) => one != null)
  if (given.length === 0) problems.add(['terms'], REQUIRED, 'Give one of words, links and rate.')
  if (given.length > 1)
    problems.add(['terms'], INVALID, 'Give only one of words, links and rate; make a filter of each.')
  if (given.length !== 1) return null
  if (words) {
    const list = checkedWords(words.words, ['terms', 'words', 'words'], keyOf, problems)
    if (list.length === 0) problems.add(['terms', 'words', 'words'], REQUIRED, 'Give at least one.')
    // Taken as they are written, so that accents tell them apart.
    const asWritten = (word: string) => word.toLowerCase()
    const exceptions = checkedWords(
      words.exceptions ?? [],
      ['terms', 'words', 'exceptions'],
      asWritten,
      problems,
    )
    return {
      kind: FilterKind.WORDS,
      terms: { words: list, exceptions, readsLeetspeak: words.readsLeetspeak },
    }
  }
  if (links) {
    inRange(links.tolerated, [0, 50], ['terms', 'links', 'tolerated'], problems)
    const domains = (name: 'deniedDomains' | 'allowedDomains') =>
      checkedDomains(links[name] ?? [], ['terms', 'links', name], problems)
    const terms = { deniedDomains: domains('deniedDomains'), allowedDomains: domains('allowedDomains') }
    return { kind: FilterKind.LINKS, terms: { ...terms, tolerated: links.tolerated } }
  }
  const { limit, windowSeconds, sameTextOnly } = rate!
  inRange(limit, [1, 1_000], ['terms', 'rate', 'limit'], problems)
  inRange(windowSeconds, [10, 86_400], ['terms', 'rate', 'windowSeconds'], problems)
  if (sameTextOnly) inRange(limit, [1, 100], ['terms', 'rate', 'limit'], problems)
  return { kind: FilterKind.RATE, terms: { limit, windowSeconds, sameTextOnly } }
}

/** What a filter would look for, where, and of whom. @throws Rejected naming all that is wrong with it, and whatever else is known to be */
export function checkedDraft(
  { terms, covers, newcomersOnly }: ContentFilterDraftInput,
  problems = new Problems(),
): FilterTerms & Newcomers & { covers: FilteredKind[] } {
  const checked = checkedTerms(terms, problems)
  const draft = { covers: checkedCovers(covers, problems), ...checkedNewcomers(newcomersOnly, problems) }
  if (problems.all.length > 0 || !checked) throw new Rejected(...problems.all)
  return { ...checked, ...draft }
}

/** Of whom alone; everybody where nothing is given. */
export function checkedNewcomers(given: NewcomersInput | null | undefined, problems: Problems): Newcomers {
  const { youngerThanDays = null, fewerPostsThan = null } = given ?? {}
  if (youngerThanDays !== null)
    inRange(youngerThanDays, [1, 365], ['newcomersOnly', 'youngerThanDays'], problems)
  if (fewerPostsThan !== null)
    inRange(fewerPostsThan, [1, 100], ['newcomersOnly', 'fewerPostsThan'], problems)
  if (given && youngerThanDays === null && fewerPostsThan === null)
    problems.add(['newcomersOnly'], UserErrorCode.REQUIRED, 'Say who is new; leave it out for everybody.')
  return { youngerThanDays, fewerPostsThan }
}

/** What a filter looks at, each once. */
export function checkedCovers(covers: readonly FilteredKind[], problems: Problems): FilteredKind[] {
  if (covers.length === 0) problems.add(['covers'], UserErrorCode.REQUIRED, 'Say what to look at.')
  return Object.values(FilteredKind).filter((kind) => covers.includes(kind))
}

/** Nobody can be asked about what nobody else may read. */
export function checkActionFits(
  action: FilterAction,
  covers: readonly FilteredKind[],
  problems: Problems,
): void {
  if (action === FilterAction.REFUSE || !covers.includes(FilteredKind.MESSAGE)) return
  const message =
    'Moderators read no private messages, so a filter can only refuse them. Make one of its own for them.'
  problems.add(['covers'], UserErrorCode.INVALID, message)
}

function checkedWords(
  words: readonly string[],
  path: readonly string[],
  finds: (word: string) => string,
  problems: Problems,
): string[] {
  const known = new Map<string, number>()
  for (const [index, word] of words.entries()) {
    const flaw = flawOf(word)
    if (flaw !== null) {
      problems.add([...path, index], UserErrorCode.INVALID, flaw)
      continue
    }
    const key = finds(word)
    const same = known.get(key)
    if (same === undefined) known.set(key, index)
    else
      problems.add(
        [...path, index],
        UserErrorCode.INVALID,
        `This finds the same as “${words[same]}”; leave it out.`,
      )
  }
  return [...words]
}

function checkedDomains(names: readonly string[], path: readonly string[], problems: Problems): string[] {
  const known = new Set<string>()
  for (const [index, name] of names.entries()) {
    const domain = domainOf(name)
    if (domain === null)
      problems.add(
        [...path, index],
        UserErrorCode.INVALID,
        'This is no domain. Give its name alone, without https:// and what follows: example.com.',
      )
    else if (known.has(domain))
      problems.add([...path, index], UserErrorCode.INVALID, 'This stands here already; leave it out.')
    else known.add(domain)
  }
  return [...known]
}

function inRange(
  value: number,
  [least, most]: [number, number],
  path: readonly string[],
  problems: Problems,
): void {
  if (value < least || value > most)
    problems.add(path, UserErrorCode.INVALID, `Give a number from ${least} to ${most}.`)
}
