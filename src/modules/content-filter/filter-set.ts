import type { ShownText } from '../markup/shown-text'
import type { ContentFilterRow } from './content-filter.repository'
import { FilterKind, type FilteredKind, type FilterTerms } from './filter-terms'
import { linksIn, linksMeant, type FoundLink, type LinkTerms } from './link-search'
import { WordSearch, type Place, type WordList } from './word-search'

/** What readers see of one field of a piece. */
export interface Part extends ShownText {
  /** The field of the input that it comes from. */
  field: string
}

/** Something that a filter has found. */
export interface Found {
  /** The same for what is found for the same reason. */
  key: string
  field: string
  text: string
  /** Where it stands in the part; null for what stands behind other words. */
  place: Place | null
}

export type Filter = Pick<ContentFilterRow, 'covers'> & FilterTerms
type Of<Kind extends FilterKind, Some> = Some & Extract<FilterTerms, { kind: Kind }>

const isOf =
  <Kind extends FilterKind>(kind: Kind) =>
  <Some extends Filter>(filter: Some): filter is Of<Kind, Some> =>
    filter.kind === kind

/** Filters, made ready to look at texts. Of words it takes a tenth of a second for some thousands, so it is kept. */
export class FilterSet<Some extends Filter> {
  private readonly words: readonly (Some & { terms: WordList })[]
  private readonly links: readonly (Some & { terms: LinkTerms })[]
  private readonly search: WordSearch

  constructor(readonly filters: readonly Some[]) {
    this.words = filters.filter(isOf(FilterKind.WORDS))
    this.links = filters.filter(isOf(FilterKind.LINKS))
    this.search = new WordSearch(this.words.map(({ terms }) => terms))
  }

  /** What the filters of words and links find in a piece of a kind that it did not say before. */
  find(kind: FilteredKind, parts: readonly Part[], before: readonly Part[] = []): Map<Some, Found[]> {
    const known = before.length > 0 ? this.find(kind, before) : null
    const all = [...this.wordsIn(parts), ...this.linksIn(parts)]
    const news = new Map<Some, Found[]>()
    for (const [filter, found] of all) {
      if (!filter.covers.includes(kind)) continue
      const knownKeys = new Set(known?.get(filter)?.map(({ key }) => key))
      const fresh = found.filter(({ key }) => !knownKeys.has(key))
      if (fresh.length > 0) news.set(filter, fresh)
    }
    return news
  }

  private wordsIn(parts: readonly Part[]): Map<Some, Found[]> {
    const all = new Map<Some, Found[]>()
    if (this.words.length === 0) return all
    for (const { field, text } of parts) {
      for (const { list, word, start, end } of this.search.find(text)) {
        const filter = this.words[list]!
        const one = { key: String(word), field, text: text.slice(start, end), place: { start, end } }
        all.set(filter, [...(all.get(filter) ?? []), one])
      }
    }
    return all
  }

  private linksIn(parts: readonly Part[]): Map<Some, Found[]> {
    const all = new Map<Some, Found[]>()
    if (this.links.length === 0) return all
    const byHost = new Map<string, { link: FoundLink; part: Part }>()
    for (const part of parts)
      for (const link of linksIn(part))
        if (!byHost.get(link.host)?.link.isCertain) byHost.set(link.host, { link, part })
    const links = [...byHost.values()].map(({ link }) => link)
    for (const filter of this.links) {
      const found = linksMeant(filter.terms, links).map(({ host, text }): Found => {
        const { field, text: whole } = byHost.get(host)!.part
        const start = whole.indexOf(text)
        return { key: host, field, text, place: start < 0 ? null : { start, end: start + text.length } }
      })
      if (found.length > 0) all.set(filter, found)
    }
    return all
  }
}
