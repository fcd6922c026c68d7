import { hashRaw } from '@node-rs/argon2'
import bcrypt, { hashSync } from 'bcrypt'
import { randomBytes } from 'node:crypto'
import { foreignHash, readForeignHash } from '../../src/crypto/foreign-hash'
import { PasswordHasher } from '../../src/crypto/password-hash'

const pepper = randomBytes(32)
const hasher = new PasswordHasher({ pepper, cost: 4, queue: 1_000 })

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')
const utf8 = (text: string) => Buffer.from(text, 'utf8')
const base64 = (text: string) => Buffer.from(text, 'base64')

/** Firebase's own example, from the README of its scrypt repository. */
const FIREBASE = foreignHash.firebase(
  { ln: 14, r: 8, p: 1 },
  {
    saltSeparator: base64('Bw=='),
    signerKey: base64(
      'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
    ),
  },
  base64('42xEC+ixf3L2lw=='),
  base64('lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=='),
)

/** What its makers publish: the text of the hash and its password. */
const VECTORS: [string, string, string][] = [
  [
    'RFC 7914 §12, scrypt, N = 16',
    '',
    foreignHash.scrypt(
      { ln: 4, r: 1, p: 1 },
      utf8(''),
      hex(`77 d6 57 62 38 65 7b 20 3b 19 ca 42 c1 8a 04 97 f1 6b 48 44 e3 07 4a e8 df df fa 3f ed e2 14 42
           fc d0 06 9d ed 09 48 f8 32 6a 75 3a 0f c8 1f 17 e8 d3 e0 fb 2e 0d 36 28 cf 35 e2 0c 38 d1 89 06`),
    ),
  ],
  [
    'RFC 7914 §12, scrypt, N = 1024',
    'password',
    foreignHash.scrypt(
      { ln: 10, r: 8, p: 16 },
      utf8('NaCl'),
      hex(`fd ba be 1c 9d 34 72 00 78 56 e7 19 0d 01 e9 fe 7c 6a d7 cb c8 23 78 30 e7 73 76 63 4b 37 31 62
           2e af 30 d9 2e 22 a3 88 6f f1 09 27 9d 98 30 da c7 27 af b9 4a 83 ee 6d 83 60 cb df a2 cc 06 40`),
    ),
  ],
  [
    'RFC 7914 §12, scrypt, N = 16384',
    'pleaseletmein',
    foreignHash.scrypt(
      { ln: 14, r: 8, p: 1 },
      utf8('SodiumChloride'),
      hex(`70 23 bd cb 3a fd 73 48 46 1c 06 cd 81 fd 38 eb fd a8 fb ba 90 4f 8e 3e a9 b5 43 f6 54 5d a1 f2
           d5 43 29 55 61 3f 0f cf 62 d4 97 05 24 2a 9a f9 e6 1e 85 dc 0d 65 1e 40 df cf 01 7b 45 57 58 87`),
    ),
  ],
  [
    'RFC 7914 §11, PBKDF2-HMAC-SHA-256, 1 iteration',
    'passwd',
    foreignHash.pbkdf2(
      'sha256',
      1,
      utf8('salt'),
      hex(`55 ac 04 6e 56 e3 08 9f ec 16 91 c2 25 44 b6 05 f9 41 85 21 6d de 04 65 e6 8b 9d 57 c2 0d ac bc
           49 ca 9c cc f1 79 b6 45 99 16 64 b3 9d 77 ef 31 7c 71 b8 45 b1 e3 0b d5 09 11 20 41 d3 a1 97 83`),
    ),
  ],
  [
    'RFC 7914 §11, PBKDF2-HMAC-SHA-256, 80,000 iterations',
    'Password',
    foreignHash.pbkdf2(
      'sha256',
      80_000,
      utf8('NaCl'),
      hex(`4d dc d8 f6 0b 98 be 21 83 0c ee 5e f2 27 01 f9 64 1a 44 18 d0 4c 04 14 ae ff 08 87 6b 34 ab 56
           a1 d4 25 a1 22 58 33 54 9a db 84 1b 51 c9 b3 17 6a 27 2b de bb a1 d0 78 47 8f 62 b3 97 f3 3c 8d`),
    ),
  ],
  [
    'RFC 6070, PBKDF2-HMAC-SHA-1, 1 iteration',
    'password',
    foreignHash.pbkdf2(
      'sha1',
      1,
      utf8('salt'),
      hex('0c 60 c8 0f 96 1f 0e 71 f3 a9 b5 24 af 60 12 06 2f e0 37 a6'),
    ),
  ],
  [
    'RFC 6070, PBKDF2-HMAC-SHA-1, more than one block',
    'passwordPASSWORDpassword',
    foreignHash.pbkdf2(
      'sha1',
      4_096,
      utf8('saltSALTsaltSALTsaltSALTsaltSALTsalt'),
      hex('3d 2e ec 4f e4 1c 84 9b 80 c8 d8 36 62 c0 e4 4a 8b 29 1a 96 4c f2 f0 70 38'),
    ),
  ],
  [
    'RFC 6070, PBKDF2-HMAC-SHA-1, a NUL in password and salt',
    'pass\0word',
    foreignHash.pbkdf2('sha1', 4_096, utf8('sa\0lt'), hex('56 fa 6a a7 55 48 09 9d cc 37 d7 f0 34 25 e0 c3')),
  ],
  [
    'the Argon2 reference implementation, argon2id',
    'password',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ],
  [
    'the Argon2 reference implementation, argon2i',
    'password',
    '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8',
  ],
  [
    'the Argon2 reference implementation, argon2i of version 16, which does not say its version',
    'password',
    '$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY',
  ],
  ['Firebase', 'user1password', FIREBASE],
  ['the manual of PHP', 'rasmuslerdorf', '$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq'],
]

describe('R10 a password verifies against the hash that another system made of it, and a new one is due', () => {
  test.each(VECTORS)('%s', async (_source, password, stored) => {
    expect(await hasher.verify(password, stored)).toBe(true)
    for (const wrong of [`${password}x`, password.slice(1) || ' ', `${password} `, `${password}\0x`]) {
      expect(await hasher.verify(wrong, stored)).toBe(false)
    }
    expect(hasher.needsRehash(stored)).toBe(true)
  })

  test('argon2d, and argon2id with several lanes', async () => {
    const salt = randomBytes(16)
    for (const [kind, algorithm, lanes] of [
      ['d', 0, 1],
      ['id', 2, 4],
    ] as const) {
      const cost = { memory: 64, passes: 3, lanes }
      const options = { algorithm, salt, memoryCost: 64, timeCost: 3, parallelism: lanes }
      const stored = foreignHash.argon2(kind, 19, cost, salt, await hashRaw('kettle', options))
      expect(await hasher.verify('kettle', stored)).toBe(true)
      expect(await hasher.verify('Kettle', stored)).toBe(false)
    }
  })
})

/** A cheap hash of each kind. */
async function hashesOf(password: string): Promise<Record<string, string>> {
  const { pbkdf2Sync, scryptSync, createCipheriv } = await import('node:crypto')
  const salt = randomBytes(16)
  const key = (length: number) => scryptSync(utf8(password), salt, length, { N: 16, r: 1, p: 1 })
  const signerKey = randomBytes(64)
  const cipher = createCipheriv('aes-256-ctr', key(32), Buffer.alloc(16))
  const cost = { ln: 4, r: 1, p: 1 }
  return {
    bcrypt: hashSync(password, 4),
    argon2: foreignHash.argon2(
      'id',
      19,
      { memory: 64, passes: 1, lanes: 1 },
      salt,
      await hashRaw(utf8(password), { algorithm: 2, salt, memoryCost: 64, timeCost: 1, parallelism: 1 }),
    ),
    scrypt: foreignHash.scrypt(cost, salt, key(64)),
    firebase: foreignHash.firebase(
      cost,
      { saltSeparator: Buffer.alloc(0), signerKey },
      salt,
      cipher.update(signerKey),
    ),
    pbkdf2: foreignHash.pbkdf2('sha512', 10, salt, pbkdf2Sync(utf8(password), salt, 10, 64, 'sha512')),
  }
}
const KINDS = ['bcrypt', 'argon2', 'scrypt', 'firebase', 'pbkdf2']

describe.each(KINDS)('%s', (kind) => {
  test('R8 a password with a NUL is verified to its end', async () => {
    const stored = (await hashesOf('kettle\0lamp'))[kind]!
    expect(await hasher.verify('kettle\0lamp', stored)).toBe(true)
    expect(await hasher.verify('kettle\0lump', stored)).toBe(false)
    expect(await hasher.verify('kettle', stored)).toBe(false)
  })

  test('R7 a password counts as it was typed in the other system; ours then knows all its forms', async () => {
    const typed = 'Ünïcödé 密码 🗝 ﬁ'.normalize('NFD')
    const stored = (await hashesOf(typed))[kind]!
    expect(await hasher.verify(typed, stored)).toBe(true)
    expect(await hasher.verify(typed.normalize('NFC'), stored)).toBe(false)
    expect(await hasher.verify(typed.normalize('NFC'), await hasher.hash(typed))).toBe(true)
  })

  test('R8 a lone surrogate verifies as nothing else', async () => {
    expect(await hasher.verify('kettle\ud83d', (await hashesOf('kettle\ufffd'))[kind]!)).toBe(false)
  })

  test('R28 a wrong password is answered after no fewer rounds than our own hash has', async () => {
    const slow = new PasswordHasher({ pepper, cost: 8 })
    const stored = (await hashesOf('kettle'))[kind]!
    const compare = jest.spyOn(bcrypt, 'compare')
    const rounds = async (hash: string | null) => {
      compare.mockClear()
      expect(await slow.verify('lamp', hash)).toBe(false)
      return compare.mock.calls.reduce((sum, [, made]) => sum + 2 ** Number(made.slice(4, 6)), 0)
    }
    expect(await rounds(null)).toBe(2 ** 8)
    // What the other scheme takes is measured; a hash as cheap as this is next to nothing.
    expect(await rounds(stored)).toBeGreaterThan(2 ** 7)
    expect(await rounds(stored)).toBeLessThanOrEqual(2 ** 8)
    compare.mockRestore()
  })
})

test('bcrypt from elsewhere knows the first 72 bytes of a password only', async () => {
  const stored = hashSync('k'.repeat(72) + 'a', 4)
  expect(await hasher.verify('k'.repeat(72) + 'b', stored)).toBe(true)
  expect(await hasher.verify('k'.repeat(71) + 'b', stored)).toBe(false)
})

test('all of it happens inside the gate', async () => {
  const narrow = new PasswordHasher({ pepper, cost: 4, concurrency: 1, queue: 20, maxWaitMs: 10_000 })
  const all = Promise.all(Object.values(await hashesOf('x')).map((stored) => narrow.verify('x', stored)))
  expect(narrow.load).toEqual({ running: 1, waiting: KINDS.length - 1 })
  expect(await all).toEqual(KINDS.map(() => true))
})

const SALT = 'c29tZXNhbHQ'
const KEY = 'A'.repeat(43)

describe('what cannot be a hash is refused', () => {
  test.each([
    '',
    'plain',
    '5f4dcc3b5aa765d61d8327deb882cf99',
    '$1$salt$hash',
    '$2x$04$' + '.'.repeat(53),
    '$pbkdf2-md5$i=1$c2FsdA$AAAA',
    '$argon2$v=19$m=64,t=1,p=1$AA$AA',
    '{SSHA}AAAA',
    ' $2b$04$' + '.'.repeat(53),
  ])('as unsupported: %p', (text) => expect(readForeignHash(text)).toBe('UNSUPPORTED'))

  test.each([
    '$2b$04$short',
    '$2b$03$' + '.'.repeat(53),
    '$2b$99$' + '.'.repeat(53),
    `$argon2id$v=20$m=64,t=1,p=1$${SALT}$${KEY}`,
    `$argon2id$v=19$m=7,t=1,p=1$${SALT}$${KEY}`,
    `$argon2id$v=19$m=16,t=1,p=4$${SALT}$${KEY}`,
    `$argon2id$v=19$m=064,t=1,p=1$${SALT}$${KEY}`,
    `$argon2id$v=19$m=64,t=0,p=1$${SALT}$${KEY}`,
    `$argon2id$v=19$m=64,t=1,p=1,data=AAAA$${SALT}$${KEY}`,
    `$argon2id$v=19$m=64,t=1,p=1$AAAA$${KEY}`,
    `$argon2id$v=19$m=64,t=1,p=1$${SALT}$AAAA`,
    `$argon2id$v=19$m=64,t=1,p=1$${SALT}$${KEY}=`,
    `$argon2id$v=19$m=64,t=1,p=1$${SALT}$${'A'.repeat(42)}B`,
    `$argon2id$v=19$m=64,t=1,p=1$${SALT}$${KEY}\n`,
    `$scrypt$ln=0,r=8,p=1$${SALT}$${KEY}`,
    `$scrypt$ln=16,r=1,p=1$${SALT}$${KEY}`,
    `$scrypt$ln=99999,r=8,p=1$${SALT}$${KEY}`,
    `$scrypt$ln=4,r=8$${SALT}$${KEY}`,
    `$firebase-scrypt$ln=14,r=8,p=1,ss=Bw,sk=AAAA$${SALT}$${KEY}`,
    `$pbkdf2-sha256$i=-1$${SALT}$${KEY}`,
    `$pbkdf2-sha256$i=1e3$${SALT}$${KEY}`,
    `$pbkdf2-sha256$i=1000$${SALT}$`,
    `$pbkdf2-sha256$i=1000$${'A'.repeat(2_000)}$${KEY}`,
  ])('as malformed: %p', async (text) => {
    expect(readForeignHash(text)).toBe('MALFORMED')
    expect(await hasher.verify('kettle', text)).toBe(false)
  })

  test.each([
    '$2b$16$' + '.'.repeat(53),
    '$2b$31$' + '.'.repeat(53),
    `$argon2id$v=19$m=262145,t=1,p=1$${SALT}$${KEY}`,
    `$argon2id$v=19$m=4294967295,t=1,p=1$${SALT}$${KEY}`,
    `$argon2id$v=19$m=8,t=9999999999,p=1$${SALT}$${KEY}`,
    `$argon2id$v=19$m=65536,t=1,p=255$${SALT}$${KEY}`,
    `$scrypt$ln=19,r=8,p=1$${SALT}$${KEY}`,
    `$scrypt$ln=17,r=8,p=5$${SALT}$${KEY}`,
    `$scrypt$ln=1,r=9999999,p=1$${SALT}$${KEY}`,
    `$firebase-scrypt$ln=20,r=8,p=1,ss=Bw,sk=${KEY}$${SALT}$${KEY}`,
    `$pbkdf2-sha512$i=4000001$${SALT}$${KEY}`,
    `$pbkdf2-sha1$i=9999999999$${SALT}$${KEY}`,
  ])('as too costly, before a thread or memory is spent on it: %p', async (text) => {
    expect(readForeignHash(text)).toBe('TOO_COSTLY')
    expect(await hasher.verify('kettle', text)).toBe(false)
  })
})
