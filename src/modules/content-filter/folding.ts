import lookalikes from 'unhomoglyph/data.json'

/**
 * How a text is read. One way alone would be evaded, or find what nobody has written, so a word is looked for in several: a text is
 * folded in each of them, the words of a filter as well, and what is found in any is found.
 */
export enum Manner {
  /** As it is written: compatibility forms and case folded, what shows nothing taken out, marks kept. */
  WRITTEN = 'written',
  /** As it looks: letters that look like others are those (UTS #39), marks go, and what is s-p-e-l-l-e-d out is a word. */
  LOOKS = 'looks',
  /** The same, with digits and signs that stand for letters. `i`, `l` and `1` are one. */
  LEET = 'leet',
}

/** What a unit is to the words around it. */
export enum Edge {
  /** It stands between words. */
  SEPARATES = 0,
  /** A letter or digit: a word goes on with it. */
  CONTINUES = 1,
  /** A word may begin and end here: signs, what is spelled out, and scripts that are written without spaces. */
  FREE = 2,
}

/**
 * A text, folded. The same letter several times in a row is one unit, so that every list has one entry for each run. Offsets count
 * UTF-16 code units of the text.
 */
export interface Folded {
  letters: number[]
  counts: number[]
  edges: Edge[]
  starts: number[]
  ends: number[]
}

const SPACE = 0x20
const RIGHT_TO_LEFT_OVERRIDE = 0x202e
const POP_DIRECTION = 0x202c
const LINE_FEED = 0x0a

/** What shows nothing; a tatweel only stretches the word. */
const HIDDEN = /^[\u0640\p{Default_Ignorable_Code_Point}\p{Emoji_Modifier}]$/u
/** Signs that may stand on any letter. Those of one script, such as the vowels of Devanagari, are letters there. */
const ACCENT = /^(?:(?=\p{M})[\p{Script=Inherited}\p{Script=Hebrew}]|\p{Me})$/u
const MARK = /^\p{M}$/u
const LETTER = /^[\p{L}\p{N}\p{M}]$/u
const SIGN = /^(?!\u2800)\p{So}$/u
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]$/u
const UPPER_CASE = /^\p{Lu}$/u
const WORDLIKE = /^[\p{L}\p{M}]+$/u

const LOOKALIKES: Readonly<Record<string, string>> = lookalikes

/** What the table of UTS #39 takes for letters of their own, and readers do not: small capitals, and those that it leads to. */
const SMALL_CAPITALS = lettersBy('ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢʍĸƅꞓᗩ', 'abcdefghijklmnoprstuvwyzmkbea')

/** Letters in squares, circles and flags, which have no compatibility form, by where each alphabet begins. */
const SQUARED_ALPHABETS = [0x1f150, 0x1f170, 0x1f1e6]

/** Digits and signs that stand for letters; `i` is one of them, for it cannot be told from `l` then. */
const LEET = lettersBy('0123456789@$!|+i', 'olzeasgtbgaslltl')
/** Signs that end a sentence, too: a letter only where a word goes on. */
const LEET_WITHIN = /^[!|+]$/

/** The letters of one text, each by the one in the same place of another. */
function lettersBy(from: string, to: string): ReadonlyMap<string, string> {
  const letters = [...to]
  return new Map([...from].map((letter, index) => [letter, letters[index]!]))
}

/** One code point, folded. */
interface Unit {
  letter: number
  edge: Edge
}

/** Code points that are remembered, of each manner: more than a text of many scripts has. */
const MAX_KNOWN = 20_000

const cache: Record<Manner, Map<string, readonly Unit[]>> = {
  [Manner.WRITTEN]: new Map(),
  [Manner.LOOKS]: new Map(),
  [Manner.LEET]: new Map(),
}

/** Folds a text, which is in NFC, in time that grows with its length alone. */
export function fold(text: string, manner: Manner): Folded {
  const letters: Units = { letters: [], edges: [], starts: [], ends: [] }
  let overridden = -1
  let offset = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    const end = offset + character.length
    if (manner !== Manner.WRITTEN) {
      if (overridden >= 0 && (code === POP_DIRECTION || code === LINE_FEED)) {
        reverse(letters, overridden)
        overridden = -1
      }
      if (code === RIGHT_TO_LEFT_OVERRIDE) overridden = letters.letters.length
    }
    const known =
      LEET_WITHIN.test(character) && !continues(text, end) ? SEPARATOR : unitsOf(character, manner)
    for (const { letter, edge } of known) {
      letters.letters.push(letter)
      letters.edges.push(edge)
      letters.starts.push(offset)
      letters.ends.push(end)
    }
    offset = end
  }
  if (overridden >= 0) reverse(letters, overridden)
  return squash(manner === Manner.WRITTEN ? letters : joined(letters))
}

type Units = Omit<Folded, 'counts'>

const SEPARATOR: readonly Unit[] = [{ letter: SPACE, edge: Edge.SEPARATES }]

/** Whether a letter or digit stands at this place. */
function continues(text: string, offset: number): boolean {
  const code = text.codePointAt(offset)
  return code !== undefined && LETTER.test(String.fromCodePoint(code))
}

function unitsOf(character: string, manner: Manner): readonly Unit[] {
  const ofManner = cache[manner]
  const known = ofManner.get(character)
  if (known) return known
  const units = HIDDEN.test(character) ? [] : lettersOf(character, manner).map(unitOf)
  if (ofManner.size >= MAX_KNOWN) ofManner.clear()
  ofManner.set(character, units)
  return units
}

function unitOf(letter: string): Unit {
  if (LETTER.test(letter))
    return { letter: letter.codePointAt(0)!, edge: UNSPACED.test(letter) ? Edge.FREE : Edge.CONTINUES }
  return SIGN.test(letter) ? { letter: letter.codePointAt(0)!, edge: Edge.FREE } : SEPARATOR[0]!
}

function lettersOf(character: string, manner: Manner): string[] {
  if (manner === Manner.WRITTEN) return [...character.normalize('NFKD')].flatMap(caseFolded)
  const seen = [...character.normalize('NFKD')].flatMap(seenAs)
  return manner === Manner.LEET ? seen.map((letter) => LEET.get(letter) ?? letter) : seen
}

/** Full case folding (Unicode 3.13), by way of the two mappings that JavaScript has. */
const caseFolded = (letter: string): string[] =>
  MARK.test(letter) ? [letter] : [...letter.toUpperCase().toLowerCase()]

/** What a code point looks like, without accents and case; nothing for an accent. */
function seenAs(letter: string): string[] {
  if (ACCENT.test(letter)) return []
  const code = letter.codePointAt(0)!
  const alphabet = SQUARED_ALPHABETS.find((first) => code >= first && code < first + 26)
  if (alphabet !== undefined) return [String.fromCodePoint(0x61 + code - alphabet)]
  return [...prototypeOf(letter, code)]
    .filter((one) => !ACCENT.test(one))
    .flatMap(caseFolded)
    .map((one) => SMALL_CAPITALS.get(one) ?? one)
}

/** ASCII looks like itself: what it could be taken for besides, such as I for l, leetspeak says. */
function prototypeOf(letter: string, code: number): string {
  const prototype = code < 0x80 || !Object.hasOwn(LOOKALIKES, letter) ? letter : LOOKALIKES[letter]!
  if (!WORDLIKE.test(prototype)) return letter
  // The table has one letter for I and l, and goes on from β to the ß that is two of s.
  if (prototype === 'l' && UPPER_CASE.test(letter)) return 'i'
  return prototype === 'ß' && letter !== 'ß' ? 'b' : prototype
}

function reverse(units: Units, from: number): void {
  for (const list of [units.letters, units.edges, units.starts, units.ends] as number[][])
    for (let left = from, right = list.length - 1; left < right; left++, right--)
      [list[left], list[right]] = [list[right]!, list[left]!]
}

/** From so many letters on that stand alone, what stands between them is left out. */
const SPELLED = 3

function joined(units: Units): Units {
  const { letters, edges } = units
  const isSingle = (index: number) =>
    edges[index] === Edge.CONTINUES &&
    edges[index - 1] !== Edge.CONTINUES &&
    edges[index + 1] !== Edge.CONTINUES
  const result: Units = { letters: [], edges: [], starts: [], ends: [] }
  const push = (index: number, edge: Edge) => {
    result.letters.push(letters[index]!)
    result.edges.push(edge)
    result.starts.push(units.starts[index]!)
    result.ends.push(units.ends[index]!)
  }
  for (let index = 0; index < letters.length; index++) {
    const spelled = isSingle(index) ? singlesFrom(index) : []
    if (spelled.length < SPELLED) push(index, edges[index]!)
    else {
      for (const single of spelled) push(single, Edge.FREE)
      index = spelled.at(-1)!
    }
  }
  return result

  function singlesFrom(first: number): number[] {
    const found = [first]
    for (let index = first + 1; index < letters.length; index++) {
      if (edges[index] === Edge.SEPARATES) continue
      if (!isSingle(index)) break
      found.push(index)
    }
    return found
  }
}

function squash({ letters, edges, starts, ends }: Units): Folded {
  const folded: Folded = { letters: [], counts: [], edges: [], starts: [], ends: [] }
  for (const [index, letter] of letters.entries()) {
    const last = folded.letters.length - 1
    if (folded.letters[last] === letter) {
      if (letter !== SPACE) folded.counts[last]!++
      folded.starts[last] = Math.min(folded.starts[last]!, starts[index]!)
      folded.ends[last] = Math.max(folded.ends[last]!, ends[index]!)
      continue
    }
    folded.letters.push(letter)
    folded.counts.push(1)
    folded.edges.push(edges[index]!)
    folded.starts.push(starts[index]!)
    folded.ends.push(ends[index]!)
  }
  return folded
}
