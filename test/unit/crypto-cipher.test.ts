import fc from 'fast-check'
import { generateDataKey, open, seal, TamperedError } from '../../src/crypto/cipher'

const key = generateDataKey()
const place = 'emails.address:018f-row-a'

test('R88 what is sealed opens again, bytes and text of every length', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'grapheme' }),
      fc.string(),
      (bytes, text, aad) => {
        expect(open(key, seal(key, Buffer.from(bytes), aad), aad)).toEqual(Buffer.from(bytes))
        expect(open(key, seal(key, text, aad), aad).toString('utf8')).toBe(text)
      },
    ),
  )
})

test('R88 flipping any single bit of a sealed blob is detected', () => {
  const sealed = seal(key, 'ada@example.com', place)
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    expect(() => open(key, changed, place)).toThrow(TamperedError)
  }
})

test('R88 a blob cut or extended anywhere is detected', () => {
  const sealed = seal(key, 'ada@example.com', place)
  for (let length = 0; length < sealed.length; length++) {
    expect(() => open(key, sealed.subarray(0, length), place)).toThrow(TamperedError)
  }
  expect(() => open(key, Buffer.concat([sealed, Buffer.of(0)]), place)).toThrow(TamperedError)
})

test('R88 two ciphertexts swapped between rows or columns are detected', () => {
  const here = seal(key, 'ada@example.com', 'emails.address:1')
  for (const elsewhere of ['emails.address:2', 'users.address:1', 'emails.address:', '']) {
    expect(() => open(key, here, elsewhere)).toThrow(TamperedError)
  }
})

test('R88 another key opens nothing, and the error says nothing of the content', () => {
  const sealed = seal(key, 'ada@example.com', place)
  expect(() => open(generateDataKey(), sealed, place)).toThrow(/wrong key, wrong row or column/)
  expect(() => open(key.subarray(0, 16), sealed, place)).toThrow(TamperedError)
})

test('R88 the same text under the same key is sealed differently every time', () => {
  const sealed = Array.from({ length: 1_000 }, () => seal(key, 'same', place).toString('hex'))
  expect(new Set(sealed).size).toBe(1_000)
})

test('a key of another size seals nothing', () => {
  expect(() => seal(key.subarray(0, 16), 'text', place)).toThrow()
})
