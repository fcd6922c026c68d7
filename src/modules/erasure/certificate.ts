import { SignJWT } from 'jose'
import { SECOND } from '../../core/clock'
import { toGlobalId } from '../../core/id'
import type { Tools } from '../../db/tools'
import type { ErasureRow } from './erasure.repository'

/**
 * What was erased, kept and why, as a JWS that whoever has the keys at `/.well-known/jwks.json` can verify (RFC 7515, ES256). It
 * names the account by its id alone.
 */
export async function signCertificate(
  { keyring, publicUrl }: Pick<Tools, 'keyring' | 'publicUrl'>,
  { userId, requestedAt, erasedAt, ledgerNumber, entries }: ErasureRow,
  checkedAt: Date,
): Promise<string> {
  const [key] = keyring.signingKeys
  return new SignJWT({
    requestedAt: requestedAt.toISOString(),
    erasedAt: erasedAt?.toISOString(),
    checkedAt: checkedAt.toISOString(),
    ledgerNumber,
    entries,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'erasure-certificate+jwt', kid: key.id })
    .setIssuer(publicUrl)
    .setSubject(toGlobalId('user', userId))
    .setIssuedAt(Math.floor(checkedAt.getTime() / SECOND))
    .sign(key.privateKey)
}
