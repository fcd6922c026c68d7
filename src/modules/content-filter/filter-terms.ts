import type { LinkTerms } from './link-search'
import type { WordList } from './word-search'

/** What a filter looks for. */
export enum FilterKind {
  WORDS = 'words',
  LINKS = 'links',
  RATE = 'rate',
}

/** What comes of what it finds. */
export enum FilterAction {
  /** It is published, and a case opens for moderators. */
  FLAG = 'flag',
  /** The same, and nobody but its author and moderators sees it until one has decided. */
  HOLD = 'hold',
  /** Nothing is stored, and whoever writes is told. */
  REFUSE = 'refuse',
}

/** What filters look at; the word is that of its ids. */
export enum FilteredKind {
  POST = 'post',
  COMMENT = 'comment',
  MESSAGE = 'message',
}

/** How much one person writes. */
export interface RateTerms {
  /** So many pieces within the window are let through. */
  limit: number
  windowSeconds: number
  /** Whether only pieces that say the same count. */
  sameTextOnly: boolean
}

/** What a filter looks for, by its kind. */
export interface TermsByKind {
  [FilterKind.WORDS]: WordList
  [FilterKind.LINKS]: LinkTerms
  [FilterKind.RATE]: RateTerms
}

/** A kind, and what it looks for. */
export type FilterTerms = {
  [Kind in FilterKind]: { kind: Kind; terms: TermsByKind[Kind] }
}[FilterKind]
