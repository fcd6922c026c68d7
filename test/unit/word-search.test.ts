import { flawOf, keyOf, WordSearch, type WordList } from '../../src/modules/content-filter/word-search'

/** What of a text is found, as it stands there. */
function found(words: string | string[], text: string, terms: Partial<WordList> = {}): string[] {
  const normal = text.normalize('NFC')
  const search = new WordSearch([{ words: [words].flat(), exceptions: [], readsLeetspeak: false, ...terms }])
  return search.find(normal).map(({ start, end }) => normal.slice(start, end))
}

describe('a word is found', () => {
  test.each([
    ['as it is', 'bad'],
    ['in any case', 'So BaD!'],
    ['among signs', '(bad)…_bad_'],
    ['with a zero-width space in it', 'b\u200bad'],
    ['with a joiner, a word joiner and a byte order mark in it', 'b\u200da\u2060d\ufeff'],
    ['with a soft hyphen in it', 'b\u00adad'],
    ['with a variation selector and tags in it', 'b\ufe0fa\u{e0062}d'],
    ['in full width', 'ｂａｄ'],
    ['in mathematical letters', '𝐛𝒶𝕕'],
    ['in circles', 'ⓑⓐⓓ'],
    ['in squares', '🅱🅰🅳 🄱'],
    ['in flags', '🇧🇦🇩'],
    ['in superscript', 'ᵇᵃᵈ'],
    ['in small capitals', 'ʙᴀᴅ'],
    ['with accents', 'báḍ'],
    ['struck through', 'b\u0336a\u0336d\u0336'],
    ['with marks piled up', 'b\u0301\u0316\u0327a\u0489d'],
    ['with a Cyrillic а', 'bаd'],
    ['in Cyrillic capitals', 'ВАD'],
    ['in Cyrillic letters', 'ваd'],
    ['in Greek letters', 'βαd'],
    ['in Canadian syllabics', 'ᗷᗩᗪ'],
    ['behind a right-to-left override', '\u202edab\u202c'],
    ['beside one', 'ba\u202ed'],
    ['stretched', 'baaaaad'],
    ['spelled out with dots', 'b.a.d'],
    ['spelled out with spaces', 'b a d'],
    ['spelled out over lines', 'b\na\nd'],
    ['spelled out in a sentence', 'u r b-a-d'],
    ['at the beginning of a script without spaces', 'bad中'],
  ])('%s', (_how, text) => expect(found('bad', text)).not.toEqual([]))

  test('that is not Latin, and disguised', () => {
    expect(found('вор', 'ВОР')).toEqual(['ВОР'])
    expect(found('вор', 'BOP')).toEqual(['BOP'])
    expect(found('хуй', 'xyй')).toEqual(['xyй'])
    expect(found('kill', 'KІLL')).toEqual(['KІLL'])
    expect(found('ὀδός', 'ΟΔΟΣ')).toEqual(['ΟΔΟΣ'])
    expect(found('straße', 'STRASSE')).toEqual(['STRASSE'])
    expect(found('賭博', '我喜歡賭博嗎')).toEqual(['賭博'])
    expect(found('🍆', 'hey🍆hey')).toEqual(['🍆'])
    expect(found('घर', 'मेरा घर')).toEqual(['घर'])
    // The vowels of a script are no accents.
    expect(found('कि', 'का')).toEqual([])
  })

  test('that is a phrase, whatever stands between', () =>
    expect(found('buy now', 'Buy…\n  NOW!')).toEqual(['Buy…\n  NOW']))

  test('where a * says so', () => {
    const text = 'bad badly forbad forbadly'
    expect(found('bad', text)).toEqual(['bad'])
    expect(found('bad*', 'badly')).toEqual(['bad'])
    expect(found('bad*', 'forbad')).toEqual([])
    expect(found('*bad', 'forbad')).toEqual(['bad'])
    expect(found('*bad', 'badly')).toEqual([])
    expect(found('*bad*', 'forbadly')).toEqual(['bad'])
    expect(found('*bad', 'forbbbbad')).toEqual(['bbbbad'])
  })

  test('by leetspeak, where it is read', () => {
    for (const text of ['$h!t', 'sh1t', '5H17', '$h!t!!', 's-h-1-7']) {
      expect([text, found('shit', text)]).toEqual([text, []])
      expect([text, found('shit', text, { readsLeetspeak: true }).length]).toEqual([text, 1])
    }
  })
})

describe('a word is not found', () => {
  test.each(['badly', 'abad', 'bed', 'babd', 'ba', 'b c a d', 'bar day', '6ad'])('in %s', (text) =>
    expect(found('bad', text)).toEqual([]),
  )

  test('where letters stand twice that stand once in it, or once that stand twice', () => {
    expect(found('boob', 'Bob')).toEqual([])
    expect(found('god', 'good')).toEqual([])
    expect(found('boob', 'boob')).toEqual(['boob'])
    expect(found('god', 'gooood')).toEqual(['gooood'])
    expect(found('good', 'gooood')).toEqual(['gooood'])
  })

  test('within an exception, and beside one it is', () => {
    const exceptions = ['Scunthorpe', 'año']
    expect(found('*cunt*', 'SCUNTHORPE', { exceptions })).toEqual([])
    expect(found('*cunt*', 'Scunthorpe, cunts', { exceptions })).toEqual(['cunt'])
    expect(found('ano', 'un año', { exceptions })).toEqual([])
    expect(found('ano', 'un año, ano', { exceptions })).toEqual(['ano'])
    expect(found('ano', 'un año')).toEqual(['año'])
  })
})

test('what is found is told by its list and its place in it, each once', () => {
  const list = (...words: string[]) => ({ words, exceptions: [], readsLeetspeak: false })
  const search = new WordSearch([list('one', 'two'), list('two', 'three')])
  expect(search.find('two two ONE')).toEqual([
    { list: 0, word: 1, start: 0, end: 3 },
    { list: 1, word: 0, start: 0, end: 3 },
    { list: 0, word: 0, start: 8, end: 11 },
  ])
})

test('a word of which nothing is left, or that is everywhere, is refused', () => {
  for (const word of ['*', '**', '* *', 'a*b', '***bad', '…', '\u200b', '\u0301', 'ab*', '*a'])
    expect([word, flawOf(word)]).toEqual([word, expect.any(String)])
  for (const word of ['bad', 'a', 'bad*', '*bad*', 'buy now', '賭*', '🍆', '*🍆*'])
    expect([word, flawOf(word)]).toEqual([word, null])
})

test('words that find the same have the same key', () => {
  expect(keyOf('BÁD*')).toBe(keyOf('bad*'))
  expect(keyOf('bаd')).toBe(keyOf('bad'))
  expect(new Set(['bad', 'bad*', '*bad', 'baad'].map(keyOf)).size).toBe(4)
})

/* Nothing in a text makes it slow: each of these would take minutes where the time grew with its square. */
test.each([
  ['words', 'wordwordwordwor'],
  ['what is spelled out', 'w '],
  ['what is almost spelled out', `a${' '.repeat(1_000)}b${' '.repeat(1_000)}cc `],
  ['overrides', '\u202eab'],
  ['exceptions', 'exceptionally '],
  ['marks', 'a\u0301\u0316'],
])(
  'a megabyte of %s is looked through for 10,000 words before this gives up',
  (_what, piece) => {
    const words = Array.from({ length: 10_000 }, (_, index) => `word${index.toString(36)}`)
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length)).normalize('NFC')
    const lists = [{ words: [...words, '*exception*'], exceptions: ['exceptionally'], readsLeetspeak: true }]
    const search = new WordSearch(lists)
    expect(search.find(text)).toBeDefined()
  },
  120_000,
)
