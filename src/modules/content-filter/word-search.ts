import { Edge, fold, Manner, type Folded } from './folding'

/** Where something was found in a text, in UTF-16 code units. */
export interface Place {
  start: number
  end: number
}

/** A word that was found: the one of that index of the list of that index. */
export interface FoundWord extends Place {
  list: number
  word: number
}

export interface WordList {
  words: readonly string[]
  /** What is never meant, though a word is found within it. */
  exceptions: readonly string[]
  /** Whether digits and signs count as the letters for which they stand. */
  readsLeetspeak: boolean
}

/** How a word is written down: `bad` is found as a whole, `bad*` at the beginning of a word, `*bad` at its end, `*bad*` anywhere. */
const WORD = /^(?<before>\*?)(?<inner>[^*]+)(?<after>\*?)$/u

/** With a `*` fewer letters would be found everywhere. */
const FEWEST_WITH_WILDCARD = 3

/** From so many on, it is not known how many of the same letter in a row are meant. */
const STRETCHED = 3

/** More are of no interest to anybody. */
const MAX_FOUND = 100

interface Pattern {
  list: number
  word: number
  counts: readonly number[]
  isOpenBefore: boolean
  isOpenAfter: boolean
}

/** What is wrong with a word of a list, in words for whoever has written it; null where nothing is. */
export function flawOf(word: string): string | null {
  const parts = WORD.exec(word)?.groups
  if (!parts) return 'Put * at the beginning or at the end, if at all, and a word beside it.'
  const [folded] = formsOf(parts['inner']!, [Manner.LOOKS])
  if (!folded) return 'Nothing of this is left to look for: it has neither letters, digits nor signs.'
  const letters = folded.counts.reduce((sum, count) => sum + count, 0)
  const isOpen = parts['before'] !== '' || parts['after'] !== ''
  if (isOpen && letters < FEWEST_WITH_WILDCARD && folded.edges[0] !== Edge.FREE)
    return `With a * give at least ${FEWEST_WITH_WILDCARD} letters; this would be found everywhere.`
  return null
}

/** The same for all words that are looked for alike. */
export function keyOf(word: string): string {
  const { before, inner, after } = WORD.exec(word)!.groups!
  return `${before}${keyOfForm(formsOf(inner!, [Manner.LOOKS])[0]!)}${after}`
}

/**
 * Looks for the words of lists in a text in one go, in time that grows with the length of the text and not with their number: from each
 * place it follows a tree of letters, no deeper than the longest word.
 */
export class WordSearch {
  /** Each with the manners in which a text is read for it. */
  private readonly trees: { manners: readonly Manner[]; tree: LetterTree }[] = []
  private readonly exceptions: LetterTree | null

  constructor(lists: readonly WordList[]) {
    const all = lists.flatMap(({ words, readsLeetspeak }, list) =>
      words.map((text, word) => ({ text, list, word, readsLeetspeak })),
    )
    const leetspeak = all.filter(({ readsLeetspeak }) => readsLeetspeak)
    // Most words look as they are written, so that one tree does for both.
    for (const { manners, words } of [
      { manners: [Manner.WRITTEN, Manner.LOOKS], words: all },
      { manners: [Manner.LEET], words: leetspeak },
    ])
      if (words.length > 0) this.trees.push({ manners, tree: new LetterTree(words, manners) })
    const exceptions = lists.flatMap(({ exceptions: texts }, list) =>
      texts.map((text, word) => ({ text, list, word })),
    )
    this.exceptions = exceptions.length > 0 ? new LetterTree(exceptions, [Manner.WRITTEN]) : null
  }

  /** The words in a text, which is in NFC: each of a list once, where it is first found. */
  find(text: string): FoundWord[] {
    const excused = new Excused(this.exceptions?.find(fold(text, Manner.WRITTEN)) ?? [])
    const found = new Map<string, FoundWord>()
    for (const { manners, tree } of this.trees) {
      for (const manner of manners) {
        for (const one of tree.find(fold(text, manner))) {
          const key = `${one.list} ${one.word}`
          if (!found.has(key) && !excused.holds(one)) found.set(key, one)
          if (found.size === MAX_FOUND) return [...found.values()]
        }
      }
    }
    return [...found.values()]
  }
}

/** Where exceptions stand, by the list that they are of. */
class Excused {
  private readonly ofList = new Map<number, { start: number; reach: number }[]>()

  constructor(exceptions: Iterable<FoundWord>) {
    for (const { list, start, end } of [...exceptions].sort((one, other) => one.start - other.start)) {
      const places = this.ofList.get(list) ?? []
      this.ofList.set(list, places)
      places.push({ start, reach: Math.max(end, places.at(-1)?.reach ?? 0) })
    }
  }

  /** Whether something ends no later than an exception that does not begin after it. */
  holds({ list, start, end }: FoundWord): boolean {
    const places = this.ofList.get(list) ?? []
    let [low, high] = [0, places.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (places[middle]!.start <= start) low = middle + 1
      else high = middle
    }
    return low > 0 && places[low - 1]!.reach >= end
  }
}

interface Listed {
  text: string
  list: number
  word: number
}

/** Words by their letters, one after the other. */
class LetterTree {
  /** The next node, by the node and the letter that leads there. */
  private readonly next = new Map<number, number>()
  private readonly patterns = new Map<number, Pattern[]>()
  private nodes = 1

  constructor(words: readonly Listed[], manners: readonly Manner[]) {
    for (const { text, list, word } of words) {
      const { before, inner, after } = WORD.exec(text)!.groups!
      for (const { letters, counts } of formsOf(inner!, manners)) {
        let node = 0
        for (const letter of letters) node = this.step(node, letter) ?? this.grow(node, letter)
        const pattern = { list, word, counts, isOpenBefore: before !== '', isOpenAfter: after !== '' }
        const there = this.patterns.get(node)
        if (there) there.push(pattern)
        else this.patterns.set(node, [pattern])
      }
    }
  }

  *find(text: Folded): Generator<FoundWord> {
    for (let first = 0; first < text.letters.length; first++) {
      let node: number | undefined = 0
      for (let last = first; last < text.letters.length; last++) {
        node = this.step(node, text.letters[last]!)
        if (node === undefined) break
        for (const pattern of this.patterns.get(node) ?? []) {
          if (!isFound(pattern, text, first, last)) continue
          const { list, word } = pattern
          yield { list, word, ...placeOf(text, first, last) }
        }
      }
    }
  }

  private step(node: number, letter: number): number | undefined {
    return this.next.get(node * LETTERS + letter)
  }

  private grow(node: number, letter: number): number {
    this.next.set(node * LETTERS + letter, this.nodes)
    return this.nodes++
  }
}

/** One more than the greatest code point. */
const LETTERS = 0x110000

function isFound(pattern: Pattern, text: Folded, first: number, last: number): boolean {
  const { isOpenBefore, isOpenAfter, counts } = pattern
  if (!isOpenBefore && !isEdge(text, first - 1, first)) return false
  if (!isOpenAfter && !isEdge(text, last, last + 1)) return false
  return counts.every((count, index) => {
    const there = text.counts[first + index]!
    if (there === count) return true
    const isCut = (isOpenBefore && index === 0) || (isOpenAfter && first + index === last)
    return there > count && (isCut || there >= STRETCHED)
  })
}

/** Whether a word may end at one unit and begin at the next. */
const isEdge = ({ edges }: Folded, before: number, after: number): boolean =>
  edges[before] !== Edge.CONTINUES || edges[after] !== Edge.CONTINUES

/** What is spelled backwards is folded from the end. */
function placeOf({ starts, ends }: Folded, first: number, last: number): Place {
  let [start, end] = [starts[first]!, ends[first]!]
  for (let index = first + 1; index <= last; index++) {
    start = Math.min(start, starts[index]!)
    end = Math.max(end, ends[index]!)
  }
  return { start, end }
}

/**
 * What a word is folded to. A letter and its capital may look like different others, as н and Н do; so what it looks like is taken of
 * both.
 */
function formsOf(word: string, manners: readonly Manner[]): Folded[] {
  const cases = ASCII.test(word) ? [word] : [word, word.toLowerCase(), word.toUpperCase()]
  const forms = new Map<string, Folded>()
  for (const manner of manners) {
    for (const one of manner === Manner.WRITTEN ? [word] : cases) {
      const folded = trimmed(fold(one.normalize('NFC'), manner))
      if (folded.letters.length > 0) forms.set(keyOfForm(folded), folded)
    }
  }
  return [...forms.values()]
}

const ASCII = /^[\x20-\x7e]*$/

const keyOfForm = ({ letters, counts }: Folded): string =>
  letters.map((letter, index) => String.fromCodePoint(letter).repeat(counts[index]!)).join('')

function trimmed(folded: Folded): Folded {
  const { letters, counts, edges, starts, ends } = folded
  if (edges[0] !== Edge.SEPARATES && edges.at(-1) !== Edge.SEPARATES) return folded
  const isWord = (edge: Edge) => edge !== Edge.SEPARATES
  const [from, to] = [edges.findIndex(isWord), edges.findLastIndex(isWord) + 1]
  const part = <Item>(list: Item[]) => (from < 0 ? [] : list.slice(from, to))
  return {
    letters: part(letters),
    counts: part(counts),
    edges: part(edges),
    starts: part(starts),
    ends: part(ends),
  }
}
