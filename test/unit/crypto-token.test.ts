import { createHash } from 'node:crypto'
import {
  hashCode,
  hashToken,
  newCode,
  newLinkToken,
  newToken,
  normaliseCode,
  sameBytes,
} from '../../src/crypto/token'

test('R33 10⁵ tokens hold 256 bits each and none twice', () => {
  const tokens = Array.from({ length: 100_000 }, newToken)
  expect(new Set(tokens).size).toBe(100_000)
  for (const token of tokens.slice(0, 1_000)) {
    expect(token).toMatch(/^ptc_[A-Za-z0-9_-]{43}$/)
    expect(Buffer.from(token.slice(4), 'base64url')).toHaveLength(32)
  }
})

test('R33 every bit of a token is as often set as not', () => {
  const counts = new Array<number>(256).fill(0)
  const samples = 20_000
  for (let i = 0; i < samples; i++) {
    const bytes = Buffer.from(newToken().slice(4), 'base64url')
    for (let bit = 0; bit < 256; bit++) counts[bit]! += (bytes[bit >> 3]! >> (bit & 7)) & 1
  }
  // Seven standard deviations: one false alarm in 10⁹ runs.
  for (const count of counts) expect(Math.abs(count - samples / 2)).toBeLessThan(3.5 * Math.sqrt(samples))
})

test('R14 a link token holds 128 bits', () => {
  expect(newLinkToken()).toMatch(/^[A-Za-z0-9_-]{22}$/)
  expect(new Set(Array.from({ length: 10_000 }, newLinkToken)).size).toBe(10_000)
})

test('R34 what is stored of a token is its SHA-256', () => {
  const token = newToken()
  expect(hashToken(token)).toEqual(createHash('sha256').update(token).digest())
  expect(hashToken(token)).not.toEqual(hashToken(newToken()))
})

test('a code has 8 characters that cannot be mistaken or spell a word', () => {
  for (let i = 0; i < 1_000; i++) expect(newCode()).toMatch(/^[2-9BCDFGHJKMNPQRSTVWXYZ]{8}$/)
})

test('every character of a code is equally likely', () => {
  const samples = 20_000
  const counts = new Map<string, number>()
  for (let i = 0; i < samples; i++)
    for (const char of newCode()) counts.set(char, (counts.get(char) ?? 0) + 1)
  const expected = (samples * 8) / 28
  const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  expect(counts.size).toBe(28)
  // 27 degrees of freedom; 85 is exceeded once in 10⁷ runs.
  expect(chiSquared).toBeLessThan(85)
})

test('a code is the same however it is typed', () => {
  for (const typed of ['bcdf-2345', ' BCDF 2345 ', 'ｂｃｄｆ２３４５', 'bcdf–2345']) {
    expect(normaliseCode(typed)).toBe('BCDF2345')
    expect(hashCode('challenge', typed)).toEqual(hashCode('challenge', 'BCDF2345'))
  }
})

test('R34 a code is stored as a hash that is good for its challenge only', () => {
  expect(hashCode('one', 'BCDF2345')).toHaveLength(32)
  expect(hashCode('one', 'BCDF2345')).not.toEqual(hashCode('two', 'BCDF2345'))
  expect(hashCode('one', 'BCDF2345')).not.toEqual(hashCode('one', 'BCDF2346'))
})

test('bytes are the same only when all of them are', () => {
  expect(sameBytes(Buffer.from('abc'), Buffer.from('abc'))).toBe(true)
  expect(sameBytes(Buffer.from('abc'), Buffer.from('abd'))).toBe(false)
  expect(sameBytes(Buffer.from('abc'), Buffer.from('ab'))).toBe(false)
  expect(sameBytes(Buffer.alloc(0), Buffer.alloc(0))).toBe(true)
})
