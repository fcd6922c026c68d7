import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
  type KeyObject,
} from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import { serviceTokenVerifier } from '../../examples/verify-service-token'
import { toGlobalId } from '../../src/core/id'
import { activateNewestKey, addKey, parseKeyring } from '../../src/crypto/keyring'
import { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { storedAccessToken } from '../support/access-token'
import { ApiClient } from '../support/api-client'
import { freePort } from '../support/free-port'
import { startSecondProcess } from '../support/second-process'
import { testServer } from '../support/test-server'
import { World } from '../support/world'

const ORDERS = 'https://orders.example'
const REPORTS = 'https://reports.example'

const world = new World()
let issuer: string
beforeAll(async () => {
  const port = String(await freePort())
  issuer = `http://localhost:${port}`
  await world.start({ PORT: port, PUBLIC_URL: issuer, LOG_LEVEL: 'trace' })
})
afterAll(() => world.stop())

const ISSUE = `mutation ($audience: String!) {
  issueServiceToken(input: { audience: $audience }) { token expiresAt userErrors { code field } }
}`

const issue = async (api: ApiClient, audience = ORDERS) =>
  (await api.data(ISSUE, { audience })).issueServiceToken as {
    token: string
    expiresAt: string
    userErrors: object[]
  }

type Json = Record<string, unknown>

const encode = (part: Json | string) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

/** A token with whatever is wanted in it, signed in whatever way. */
const forge = (header: Json, claims: Json, sign: (input: string) => Buffer) => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${sign(input).toString('base64url')}`
}

const es256 = (key: KeyObject) => (input: string) =>
  signBytes('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
const rs256 = (key: KeyObject) => (input: string) => signBytes('sha256', Buffer.from(input), key)
const hs256 = (secret: string | Buffer) => (input: string) =>
  createHmac('sha256', secret).update(input).digest()

const ours = () => world.db.tools.keyring.signingKeys[0]

describe('a token for another service', () => {
  test('says who asks, where they are signed in, for whom it is, how long, and what they may do now', async () => {
    const person = await world.person({ permissions: ['users:read', 'audit:read'] })
    const { token, expiresAt } = await issue(person.api)
    const { kid } = decodeProtectedHeader(token)
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid })
    const claims = decodeJwt(token)
    expect(claims).toEqual({
      iss: issuer,
      sub: person.globalId,
      aud: ORDERS,
      iat: expect.any(Number),
      exp: claims.iat! + 300,
      jti: expect.any(String),
      sid: toGlobalId('session', person.sessionId),
      permissions: ['audit:read', 'users:read'],
    })
    expect(new Date(expiresAt).getTime()).toBe(claims.exp! * 1000)
    expect(decodeJwt((await issue(person.api)).token).jti).not.toBe(claims.jti)
  })

  test('of an access token names no session, and may no more than that', async () => {
    const person = await world.person({ permissions: ['users:read', 'audit:read'] })
    const { id, api } = await storedAccessToken(world, person.id, { scopes: ['users:read'] })
    const claims = decodeJwt((await issue(api)).token)
    expect(claims).toMatchObject({ sub: person.globalId, permissions: ['users:read'] })
    expect(claims).not.toHaveProperty('sid')
    const [event] = await world.db
      .repo(AuditEvent)
      .findBy({ action: 'service-token.issued', actorId: person.id })
    expect(event).toMatchObject({ sessionId: null, accessTokenId: id, details: { audience: ORDERS } })
  })

  test('is issued for the services that the operator lists, exactly', async () => {
    const { api } = await world.person()
    for (const audience of ['https://evil.example', `${ORDERS}/`, ORDERS.toUpperCase(), 'orders.example']) {
      expect(await issue(api, audience)).toMatchObject({
        token: null,
        userErrors: [{ code: 'INVALID', field: ['audience'] }],
      })
    }
    expect(await world.anonymous.errorCode(ISSUE, { audience: ORDERS })).toBe('UNAUTHENTICATED')
  })

  test('is issued to one person so many times a minute, and to another meanwhile', async () => {
    const [eager, other] = [await world.person(), await world.person()]
    for (let time = 0; time < 100; time++) await issue(eager.api)
    const { errors } = await eager.api.send(ISSUE, { audience: ORDERS })
    expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) } }])
    expect((await issue(other.api)).token).toEqual(expect.any(String))
  })

  test('opens nothing at Portico itself: whoever sends it is a stranger', async () => {
    const { token } = await issue((await world.person()).api)
    expect((await new ApiClient(world.url, token).data('{ viewer { id } }')).viewer).toBeNull()
    const { viewer } = await world.anonymous
      .with({ cookie: `__Host-portico=${token}` })
      .data('{ viewer { id } }')
    expect(viewer).toBeNull()
  })

  test('R45 stands in no log', async () => {
    const { token } = await issue((await world.person()).api)
    await new ApiClient(world.url, token).send('{ viewer { id } }')
    const log = world.logLines.join('\n')
    for (const part of token.split('.').slice(1)) expect(log).not.toContain(part)
  })
})

describe('the keys that verify it', () => {
  const ask = (headers: Record<string, string> = {}) => fetch(`${issuer}/.well-known/jwks.json`, { headers })

  test('are there for everybody, from every page, without credentials, for minutes', async () => {
    for (const origin of ['https://anybody.example', issuer]) {
      const response = await ask({ origin })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('application/jwk-set+json')
      expect(response.headers.get('cache-control')).toBe('public, max-age=300')
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
      expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  test('are public keys and nothing besides', async () => {
    const { keys, ...rest } = (await (await ask()).json()) as { keys: Json[] }
    expect(rest).toEqual({})
    expect(keys).toHaveLength(world.db.tools.keyring.signingKeys.length)
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
      expect(key).toMatchObject({ alg: 'ES256', crv: 'P-256', kty: 'EC', use: 'sig' })
      expect(createPublicKey({ format: 'jwk', key }).type).toBe('public')
    }
  })
})

describe('another service, with the lines of the README', () => {
  const EXAMPLE = readFileSync('examples/verify-service-token.ts', 'utf8')

  test('has exactly the lines that are tested here', () => {
    expect(readFileSync('README.md', 'utf8')).toContain(`\`\`\`ts\n${EXAMPLE}\`\`\``)
  })

  test('takes a token that is for it', async () => {
    const person = await world.person({ permissions: ['users:read'] })
    const { token } = await issue(person.api)
    expect(await serviceTokenVerifier(issuer, ORDERS)(token)).toMatchObject({
      sub: person.globalId,
      permissions: ['users:read'],
    })
  })

  test('takes what was signed before a key was added, and what is signed with the new one', async () => {
    const { api, token: session } = await world.person()
    const before = await issue(api)
    const keyring = parseKeyring(activateNewestKey(addKey(testServer().keyring)))
    const replica = await startSecondProcess(world, { keyring })
    try {
      const after = await issue(new ApiClient(`${replica.url}/graphql`, session))
      expect(decodeProtectedHeader(after.token).kid).not.toBe(decodeProtectedHeader(before.token).kid)
      const published = (await (await fetch(`${replica.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet
      expect(published.keys[0]!.kid).toBe(decodeProtectedHeader(after.token).kid)
      for (const { token } of [before, after])
        await jwtVerify(token, createLocalJWKSet(published), { issuer })
      // The first process, which has not been given the key, does not know it.
      await expect(serviceTokenVerifier(issuer, ORDERS)(after.token)).rejects.toThrow()
    } finally {
      await replica.stop()
    }
  })

  describe('R43 refuses', () => {
    const attacker = {
      ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    }
    let genuine: string
    let header: Json
    let claims: Json
    let verify: ReturnType<typeof serviceTokenVerifier>
    beforeAll(async () => {
      genuine = (await issue((await world.person({ permissions: ['users:read'] })).api)).token
      header = { ...decodeProtectedHeader(genuine) }
      claims = decodeJwt(genuine)
      verify = serviceTokenVerifier(issuer, ORDERS)
    })
    // Whatever is refused, it is not because nothing is taken.
    afterEach(async () => expect(await verify(genuine)).toMatchObject({ sub: claims.sub }))

    const refuses = (token: string) => expect(verify(token)).rejects.toThrow()
    const byUs = () => es256(ours().privateKey)
    const byAttacker = es256(attacker.ec.privateKey)

    test('nothing that is genuine: what these tests forge with our key is taken', async () => {
      expect(await verify(forge(header, claims, byUs()))).toEqual(claims)
    })

    test.each(['none', 'None', 'NONE', ''])('the algorithm “%s”', async (alg) => {
      await refuses(forge({ ...header, alg }, claims, () => Buffer.alloc(0)))
      await refuses(forge({ ...header, alg }, claims, byUs()))
    })

    test('a signature of nothing but zeros', () => refuses(forge(header, claims, () => Buffer.alloc(64))))

    test('HS256 with our public key as the secret', async () => {
      const key = createPublicKey({ format: 'jwk', key: { ...ours().publicJwk } })
      const secrets = [
        key.export({ format: 'pem', type: 'spki' }),
        key.export({ format: 'pem', type: 'spki' }).toString().trim(),
        key.export({ format: 'der', type: 'spki' }),
        JSON.stringify(ours().publicJwk),
        ours().publicJwk.x,
        '',
      ]
      for (const secret of secrets)
        for (const alg of ['HS256', 'ES256']) await refuses(forge({ ...header, alg }, claims, hs256(secret)))
    })

    test.each(['RS256', 'PS256', 'ES384', 'ES256K', 'EdDSA'])('%s in place of ES256', async (alg) => {
      await refuses(forge({ ...header, alg }, claims, rs256(attacker.rsa.privateKey)))
      await refuses(forge({ ...header, alg }, claims, byUs()))
    })

    test('a key of somebody else, under our id and under ids of theirs', async () => {
      for (const kid of [header.kid, 'k1', 'attacker', '', '../../../dev/null', "' OR 1=1 --", undefined])
        await refuses(forge({ ...header, kid }, claims, byAttacker))
    })

    test('our key under an id that is not its own', () =>
      refuses(forge({ ...header, kid: 'k1' }, claims, byUs())))

    test('a key that the token brings along or points to, without asking for it', async () => {
      const jwk = attacker.ec.publicKey.export({ format: 'jwk' }) as Json
      const asked: string[] = []
      const server = createServer((request, response) => {
        asked.push(request.url!)
        response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'attacker', alg: 'ES256', use: 'sig' }] }))
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
      const x5c = [attacker.ec.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')]
      try {
        for (const pointer of [
          { jku: url },
          { jwk },
          { x5u: url },
          { x5c },
          { jku: url, jwk, x5u: url, x5c },
        ])
          for (const kid of ['attacker', header.kid, undefined])
            await refuses(forge({ ...header, ...pointer, kid }, claims, byAttacker))
        expect(asked).toEqual([])
      } finally {
        server.close()
      }
    })

    test.each<[string, Json]>([
      ['for another service', { aud: REPORTS }],
      ['for nobody', { aud: undefined }],
      ['for a service whose name begins alike', { aud: `${ORDERS}.evil.example` }],
      ['of another issuer', { iss: 'https://evil.example' }],
      ['of no issuer', { iss: undefined }],
      ['of nobody', { sub: undefined }],
      ['that has expired', { exp: Math.floor(Date.now() / 1000) - 1 }],
      ['that never expires', { exp: undefined }],
      ['that expires in words', { exp: 'never' }],
      ['that is not valid yet', { nbf: Math.floor(Date.now() / 1000) + 60 }],
    ])('a token of ours %s', (_what, change) => refuses(forge(header, { ...claims, ...change }, byUs())))

    test.each(['JWT', 'id+jwt', 'dpop+jwt', 'at', undefined])('a token of ours of the type %s', (typ) =>
      refuses(forge({ ...header, typ }, claims, byUs())),
    )

    test('a critical header that nobody knows', () =>
      refuses(forge({ ...header, crit: ['admin'], admin: true }, claims, byUs())))

    test('a token that Portico has issued for another service', async () => {
      const { token } = await issue((await world.person()).api, REPORTS)
      await refuses(token)
      await serviceTokenVerifier(issuer, REPORTS)(token)
    })

    test('a truncated token, wherever it was cut off', async () => {
      const cuts = [...Array(40).keys()].map((part) => Math.floor((part * genuine.length) / 40))
      for (const length of [...cuts, genuine.length - 1]) await refuses(genuine.slice(0, length))
      const [head, body, signature] = genuine.split('.')
      for (const parts of [
        [head, body],
        [head, body, ''],
        [head, '', signature],
        ['', body, signature],
      ])
        await refuses(parts.join('.'))
    })

    test('a token in which anything was changed', async () => {
      const [head, , signature] = genuine.split('.')
      await refuses(`${head}.${encode({ ...claims, permissions: ['roles:grant'] })}.${signature}`)
      await refuses(`${encode({ ...header, extra: true })}.${genuine.split('.')[1]}.${signature}`)
      const bytes = Buffer.from(signature!, 'base64url')
      for (const place of [0, 31, 32, 63]) {
        const altered = Buffer.from(bytes)
        altered[place]! ^= 1
        await refuses(forge(header, claims, () => altered))
      }
      await refuses(`${genuine}.${signature}`)
      await refuses(`${genuine}AA`)
    })

    test('an access token and a session token of Portico', async () => {
      const person = await world.person()
      await refuses(person.token)
      await refuses((await storedAccessToken(world, person.id)).token)
    })
  })
})
