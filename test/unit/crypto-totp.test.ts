import { later, SECOND } from '../../src/core/clock'
import { newTotpSecret, totpStep, totpUri } from '../../src/crypto/totp'

/** `12345678901234567890` in base32: the secret of RFC 6238's test vectors. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

/** RFC 6238, appendix B, SHA-1: the time in seconds and the code. Six digits are the last six of its eight. */
const VECTORS: [seconds: number, code: string][] = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
]

const at = (seconds: number) => new Date(seconds * SECOND)

test.each(VECTORS)('at second %d the code of RFC 6238 is right', (seconds, code) => {
  expect(totpStep(SECRET, code.slice(2), at(seconds), null)).toBe(Math.floor(seconds / 30))
})

test('a code serves in its half minute, the one before and the one after', () => {
  const [seconds, code] = VECTORS[3]!
  const step = Math.floor(seconds / 30)
  const start = at(step * 30)
  const serves = (offset: number) => totpStep(SECRET, code.slice(2), later(start, offset * SECOND), null)
  expect([-31, -30, 0, 29, 59].map(serves)).toEqual([null, step, step, step, step])
  expect(serves(60)).toBeNull()
})

test('a code of a step that was used, or of an earlier one, does not serve', () => {
  const [seconds, code] = VECTORS[3]!
  const step = Math.floor(seconds / 30)
  const serves = (after: number | null) => totpStep(SECRET, code.slice(2), at(seconds), after)
  expect([null, step - 1, step, step + 1].map(serves)).toEqual([step, step, null, null])
})

test('a code may be typed with a space in it; anything that is not six digits is no code', () => {
  const [seconds, code] = VECTORS[3]!
  const serves = (text: string) => totpStep(SECRET, text, at(seconds), null) !== null
  expect(serves(`${code.slice(2, 5)} ${code.slice(5)}`)).toBe(true)
  for (const text of ['', code, code.slice(3), `${code.slice(2, 7)}x`, '٠٠٥٩٢٤', '-05924', '5924'])
    expect(serves(text)).toBe(false)
})

test('secrets have 160 bits, and none comes twice', () => {
  const secrets = Array.from({ length: 1_000 }, newTotpSecret)
  expect(new Set(secrets).size).toBe(1_000)
  for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/)
})

test('the link for apps carries what they need, whatever the label holds', () => {
  const uri = new URL(totpUri(SECRET, 'Portico & Söhne', 'ada:lovelace?secret=x'))
  expect(uri.protocol).toBe('otpauth:')
  expect(Object.fromEntries(uri.searchParams)).toMatchObject({ secret: SECRET, issuer: 'Portico & Söhne' })
})
