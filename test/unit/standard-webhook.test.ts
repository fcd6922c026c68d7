import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { later, MINUTE, SECOND } from '../../src/core/clock'
import { isStandardSigned } from '../../src/crypto/standard-webhook'

const SECRET = `whsec_${randomBytes(32).toString('base64')}`
const NOW = new Date('2026-11-30T12:00:00Z')
const BODY = '{"type":"mail.bounced"}'

/** As the library of Standard Webhooks signs it. */
const signed = (at = NOW, secret = SECRET, id = 'msg_1') => ({
  'webhook-id': id,
  'webhook-timestamp': String(at.getTime() / SECOND),
  'webhook-signature': new Webhook(secret).sign(id, at, BODY),
})

test('what the library has signed is taken, also beside signatures with other secrets', () => {
  expect(isStandardSigned(SECRET, signed(), BODY, NOW)).toBe(true)
  const headers = signed()
  const other = signed(NOW, `whsec_${randomBytes(32).toString('base64')}`)['webhook-signature']
  const both = { ...headers, 'webhook-signature': `${other} ${headers['webhook-signature']}` }
  expect(isStandardSigned(SECRET, both, BODY, NOW)).toBe(true)
})

test('what differs in anything is not', () => {
  expect(isStandardSigned(SECRET, signed(), `${BODY} `, NOW)).toBe(false)
  expect(isStandardSigned(SECRET, { ...signed(), 'webhook-id': 'msg_2' }, BODY, NOW)).toBe(false)
  expect(isStandardSigned(SECRET, { ...signed(), 'webhook-timestamp': '1' }, BODY, NOW)).toBe(false)
  const other = `whsec_${randomBytes(32).toString('base64')}`
  expect(isStandardSigned(other, signed(), BODY, NOW)).toBe(false)
})

test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('what lacks %s is not', (name) => {
  expect(isStandardSigned(SECRET, { ...signed(), [name]: undefined }, BODY, NOW)).toBe(false)
  expect(isStandardSigned(SECRET, { ...signed(), [name]: ['a', 'b'] }, BODY, NOW)).toBe(false)
  expect(isStandardSigned(SECRET, { ...signed(), [name]: '' }, BODY, NOW)).toBe(false)
})

test('what was signed more than five minutes ago, or is of the future, is not', () => {
  expect(isStandardSigned(SECRET, signed(), BODY, later(NOW, 5 * MINUTE))).toBe(true)
  expect(isStandardSigned(SECRET, signed(), BODY, later(NOW, 5 * MINUTE + SECOND))).toBe(false)
  expect(isStandardSigned(SECRET, signed(), BODY, later(NOW, -5 * MINUTE - SECOND))).toBe(false)
})
