import type { Keyring } from '../../crypto/keyring'

/*
 * How tickets are found by words that nobody can read: of each word a keyed hash is kept, as of an e-mail address. Without the key it
 * tells no word; it does tell that two tickets have a word in common, and how many have it.
 */

/** Words as any language has them: Chinese, Japanese and Thai have no spaces between them. */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/** Signs that stand on a letter of any script, such as accents; the vowels of Devanagari are letters. */
const ACCENTS = /(?=\p{M})\p{Script=Inherited}/gu

/** The words of a text, each once, without regard to case, accents and compatibility forms. */
export const wordsOf = (text: string): string[] => {
  // Upper case first: ß is as SS, and a final sigma as any other.
  const folded = text.normalize('NFKC').toUpperCase().toLowerCase()
  const words = [...segmenter.segment(folded)]
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment.normalize('NFD').replace(ACCENTS, '').normalize('NFC'))
  return [...new Set(words)]
}

/** What is kept of the words of a text: half of an HMAC-SHA-256 of each, in no order that tells of the text. */
export const hashedWords = (keyring: Keyring, text: string): Buffer[] =>
  wordsOf(text)
    .map((word) => keyring.blindIndex('ticket_words.word', word).subarray(0, 16))
    .sort((one, other) => Buffer.compare(one, other))
