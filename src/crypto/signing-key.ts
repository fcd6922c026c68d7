import { createECDH, createHash, createPrivateKey, type KeyObject } from 'node:crypto'

/** A key pair for ES256 (RFC 7518 §3.4): ECDSA over P-256 with SHA-256. */
export interface SigningKey {
  /** Its JWK thumbprint (RFC 7638): another key has another id, whatever its place on the keyring is called. */
  readonly id: string
  readonly privateKey: KeyObject
  /** What may be shown to everybody (RFC 7517). */
  readonly publicJwk: PublicJwk
}

export interface PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly alg: 'ES256'
  readonly use: 'sig'
  readonly kid: string
}

/** The order of P-256's group (SP 800-186 §3.2.1.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const SCALAR_BYTES = 32

/**
 * The private scalar from 32 random bytes; null for bytes out of range, which take others in their place: folding them in
 * would make some keys likelier than others (FIPS 186-5 A.2.2, rejection sampling).
 */
export function scalarOf(candidate: Buffer): Buffer | null {
  const number = BigInt(`0x${candidate.toString('hex')}`)
  if (number > ORDER - 2n) return null
  return Buffer.from((number + 1n).toString(16).padStart(2 * SCALAR_BYTES, '0'), 'hex')
}

/** The key pair of the first of these candidates (32 bytes each) that is in range. */
export function deriveSigningKey(candidateAt: (attempt: number) => Buffer): SigningKey {
  let scalar: Buffer | null = null
  for (let attempt = 0; scalar === null; attempt++) scalar = scalarOf(candidateAt(attempt))
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(scalar)
  const point = pair.getPublicKey()
  const coordinate = (index: number) =>
    point.subarray(1 + index * SCALAR_BYTES, 1 + (index + 1) * SCALAR_BYTES).toString('base64url')
  // The members that a thumbprint is made of, in its order.
  const required = { crv: 'P-256', kty: 'EC', x: coordinate(0), y: coordinate(1) } as const
  const id = createHash('sha256').update(JSON.stringify(required)).digest('base64url')
  return {
    id,
    privateKey: createPrivateKey({ format: 'jwk', key: { ...required, d: scalar.toString('base64url') } }),
    publicJwk: { ...required, alg: 'ES256', use: 'sig', kid: id },
  }
}
