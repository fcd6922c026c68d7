import { createHmac } from 'node:crypto'
import { MINUTE, SECOND } from '../core/clock'
import { sameBytes, WEBHOOK_SECRET_PREFIX } from './token'

/** What is signed with one secret: `v1,` and the HMAC-SHA-256 of id, time and body (Standard Webhooks, symmetric). */
export function standardSignature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.slice(WEBHOOK_SECRET_PREFIX.length), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** How far the clocks of sender and receiver may be apart, in milliseconds; what is older may have been recorded by somebody. */
const TOLERANCE = 5 * MINUTE

/** Whether a message is from whoever knows the secret, and of now (Standard Webhooks). */
export function isStandardSigned(
  secret: string,
  headers: Readonly<Record<string, unknown>>,
  body: string,
  now: Date,
): boolean {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
    (name) => headers[name],
  )
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false
  if (!/^\d{1,12}$/.test(timestamp) || id === '') return false
  if (Math.abs(Number(timestamp) * SECOND - now.getTime()) > TOLERANCE) return false
  const expected = Buffer.from(standardSignature(secret, id, timestamp, body))
  return signatures.split(' ').some((signature) => sameBytes(Buffer.from(signature), expected))
}
