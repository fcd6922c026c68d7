import { createRemoteJWKSet, jwtVerify } from 'jose'

/** Checks tokens of the Portico at `issuer` that are for the service `audience`: throws, or returns the claims. */
export function serviceTokenVerifier(issuer: string, audience: string) {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`))
  const expected = { issuer, audience, algorithms: ['ES256'], typ: 'at+jwt', requiredClaims: ['sub', 'exp'] }
  return async (token: string) => (await jwtVerify(token, keys, expected)).payload
}
