import { createHash, createPublicKey, sign, verify } from 'node:crypto'
import { inspect } from 'node:util'
import { activateNewestKey, addKey, generateKeyring, parseKeyring } from '../../src/crypto/keyring'
import { deriveSigningKey, scalarOf } from '../../src/crypto/signing-key'

const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
const bytes = (number: bigint) => Buffer.from(number.toString(16).padStart(64, '0'), 'hex')

describe('a private scalar', () => {
  test('is one more than its candidate, from 1 to the order less 1', () => {
    expect(scalarOf(bytes(0n))).toEqual(bytes(1n))
    expect(scalarOf(bytes(41n))).toEqual(bytes(42n))
    expect(scalarOf(bytes(ORDER - 2n))).toEqual(bytes(ORDER - 1n))
  })

  test('does not come of a candidate out of range', () => {
    for (const number of [ORDER - 1n, ORDER, ORDER + 1n, 2n ** 256n - 1n])
      expect(scalarOf(bytes(number))).toBeNull()
  })

  test('comes of the next candidate then', () => {
    const asked: number[] = []
    const key = deriveSigningKey((attempt) => {
      asked.push(attempt)
      return bytes(attempt < 2 ? ORDER : 6n)
    })
    expect(asked).toEqual([0, 1, 2])
    expect(key.id).toBe(deriveSigningKey(() => bytes(6n)).id)
  })

  test('of one gives the base point of P-256 (SP 800-186 §3.2.1.3), of two its double', () => {
    const x = (scalar: bigint) =>
      Buffer.from(deriveSigningKey(() => bytes(scalar - 1n)).publicJwk.x, 'base64url').toString('hex')
    expect(x(1n)).toBe('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296')
    expect(x(2n)).toBe('7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978')
  })
})

describe('the signing keys of a keyring', () => {
  const text = generateKeyring()
  const idsOf = (ring: string) => parseKeyring(ring).signingKeys.map(({ id }) => id)

  test('are the same in every process that has it, and others in every other', () => {
    expect(idsOf(text)).toEqual(idsOf(text))
    expect(idsOf(generateKeyring())).not.toEqual(idsOf(text))
  })

  test('grow with it: the new one signs, the old ones stay', () => {
    const grown = activateNewestKey(addKey(addKey(text)))
    expect(idsOf(grown)).toHaveLength(3)
    expect(idsOf(grown)[0]).not.toBe(idsOf(text)[0])
    expect(idsOf(grown).slice(1)).toContain(idsOf(text)[0])
    const [key] = parseKeyring(text).signingKeys
    const signature = sign('sha256', Buffer.from('said'), key.privateKey)
    const same = parseKeyring(grown).signingKeys.find(({ id }) => id === key.id)!
    const publicKey = createPublicKey({ format: 'jwk', key: { ...same.publicJwk } })
    expect(verify('sha256', Buffer.from('said'), publicKey, signature)).toBe(true)
  })

  test('have their thumbprint as their id (RFC 7638)', () => {
    const [{ id, publicJwk }] = parseKeyring(text).signingKeys
    const { crv, kty, x, y } = publicJwk
    const thumbprint = createHash('sha256').update(`{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`)
    expect(id).toBe(thumbprint.digest('base64url'))
    expect(publicJwk.kid).toBe(id)
  })

  test('print nothing private', () => {
    const keyring = parseKeyring(text)
    const { d } = keyring.signingKeys[0].privateKey.export({ format: 'jwk' })
    for (const printed of [inspect(keyring, { depth: 9 }), JSON.stringify(keyring)])
      expect(printed).not.toContain(d)
  })
})
