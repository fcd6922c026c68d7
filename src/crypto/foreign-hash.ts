import { hashRaw, type Algorithm, type Version } from '@node-rs/argon2'
import { compare } from 'bcrypt'
import { createCipheriv, pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { MAXIMUM_COST, MINIMUM_COST } from '../core/bcrypt'
import { sameBytes } from './token'

/**
 * Password hashes that other systems made. Each scheme has one text, which says all that is needed to verify it (salts,
 * hashes and keys in base64 without padding):
 *
 *     $2b$12$…                                             bcrypt, as $2a$ and $2y$ too
 *     $argon2id$v=19$m=65536,t=3,p=4$salt$hash             Argon2 (RFC 9106), as argon2i and argon2d too
 *     $scrypt$ln=16,r=8,p=1$salt$hash                      scrypt (RFC 7914) with N = 2^ln
 *     $firebase-scrypt$ln=14,r=8,p=1,ss=…,sk=…$salt$hash   Firebase's, with its salt separator and signer key
 *     $pbkdf2-sha256$i=600000$salt$hash                    PBKDF2 (RFC 8018), as pbkdf2-sha1 and pbkdf2-sha512 too
 *
 * They are over the bytes of the password as it was typed there, in UTF-8. Only these are tried: another normal form of the
 * password would double the work of each wrong guess, for somebody whose keyboard has changed since they set it.
 */
export interface ForeignHash {
  /** The rounds of bcrypt that verifying takes; null where that shows by measuring only. */
  readonly rounds: number | null
  /** Whether this is its password. Works on libuv's threads, for some two seconds at most. */
  matches(password: string): Promise<boolean>
}

/** Why a text is no hash that can be verified here. */
export type HashProblem = 'UNSUPPORTED' | 'MALFORMED' | 'TOO_COSTLY'

/*
 * A hash says itself what verifying it costs, and whoever wrote it may mean harm. These bounds leave room for what the
 * systems' own advice and defaults come to, and none to hold a thread for more than bcrypt's highest cost does: two seconds.
 */

/** Memory of one verification, in bytes: libsodium's "moderate". */
const MAXIMUM_MEMORY = 256 * 2 ** 20

/** Argon2: memory times passes, in bytes. */
const MAXIMUM_ARGON2_TRAFFIC = 2 ** 30

/** Argon2: lanes, each of which may take a thread. */
const MAXIMUM_LANES = 16

/** scrypt: 128 · N · r · p, in bytes, each of which is written and read. */
const MAXIMUM_SCRYPT_TRAFFIC = 2 ** 29

/** PBKDF2: Django 6 makes 1,200,000, Keycloak 26 up to 1,300,000. */
const MAXIMUM_ITERATIONS = 4_000_000

/** A longer text is none of these. */
const MAXIMUM_LENGTH = 1_024

/** Bytes of a derived key. A shorter one could be met by chance. */
const KEY_LENGTH = { min: 16, max: 128 }

/** The digests of PBKDF2, with the length of their output in bytes. */
const DIGESTS = { sha1: 20, sha256: 32, sha512: 64 } as const
export type Digest = keyof typeof DIGESTS

const NUMBER = '([1-9][0-9]{0,9})'
const BYTES = '([A-Za-z0-9+/]*)'
const pattern = (text: string) =>
  new RegExp(
    `^${text
      .replaceAll('$', String.raw`\$`)
      .replaceAll('#', NUMBER)
      .replaceAll('*', BYTES)}$`,
  )

const ARGON2 = new RegExp(
  String.raw`^\$argon2(id|i|d)(?:\$v=(16|19))?\$m=${NUMBER},t=${NUMBER},p=${NUMBER}\$${BYTES}\$${BYTES}$`,
)
const SCRYPT = pattern('$scrypt$ln=#,r=#,p=#$*$*')
const FIREBASE = pattern('$firebase-scrypt$ln=#,r=#,p=#,ss=*,sk=*$*$*')
const PBKDF2 = new RegExp(String.raw`^\$pbkdf2-(sha1|sha256|sha512)\$i=${NUMBER}\$${BYTES}\$${BYTES}$`)
const BCRYPT = /^\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}$/

const READERS: [RegExp, (text: string) => ForeignHash | HashProblem][] = [
  [/^\$2[aby]\$/, readBcrypt],
  [/^\$argon2(id|i|d)\$/, readArgon2],
  [/^\$scrypt\$/, readScrypt],
  [/^\$firebase-scrypt\$/, readFirebase],
  [/^\$pbkdf2-(sha1|sha256|sha512)\$/, readPbkdf2],
]

/** The hash that a text stands for, or what is wrong with it. */
export function readForeignHash(text: string): ForeignHash | HashProblem {
  const reader = READERS.find(([prefix]) => prefix.test(text))
  if (!reader) return 'UNSUPPORTED'
  return text.length > MAXIMUM_LENGTH ? 'MALFORMED' : reader[1](text)
}

function readBcrypt(text: string): ForeignHash | HashProblem {
  const match = BCRYPT.exec(text)
  const cost = Number(match?.[1])
  if (!match || cost < MINIMUM_COST || cost > 31) return 'MALFORMED'
  if (cost > MAXIMUM_COST) return 'TOO_COSTLY'
  // PHP's $2y$ is $2b$ under another name, which the library does not know.
  const known = text.replace(/^\$2y/, '$2b')
  return { rounds: 2 ** cost, matches: (password) => compare(password, known) }
}

const ALGORITHMS: Record<string, number> = {
  d: 0 satisfies Algorithm.Argon2d,
  i: 1 satisfies Algorithm.Argon2i,
  id: 2 satisfies Algorithm.Argon2id,
}

function readArgon2(text: string): ForeignHash | HashProblem {
  const [whole, kind, version = '16', ...rest] = ARGON2.exec(text) ?? []
  const [memory = 0, passes = 0, lanes = 0] = rest.map(Number)
  const [salt, key] = [bytesOf(rest[3]), keyOf(rest[4])]
  if (whole === undefined || !salt || salt.length < 8 || !key || memory < 8 * lanes) return 'MALFORMED'
  const bytes = memory * 1_024
  if (bytes > MAXIMUM_MEMORY || bytes * passes > MAXIMUM_ARGON2_TRAFFIC || lanes > MAXIMUM_LANES)
    return 'TOO_COSTLY'
  const options = {
    algorithm: ALGORITHMS[kind!] as Algorithm,
    version: (version === '19' ? 1 : 0) as Version,
    memoryCost: memory,
    timeCost: passes,
    parallelism: lanes,
    salt,
    outputLen: key.length,
  }
  return measured(async (password) => sameBytes(await hashRaw(password, options), key))
}

function readScrypt(text: string): ForeignHash | HashProblem {
  const [whole, ...rest] = SCRYPT.exec(text) ?? []
  const [salt, key] = [bytesOf(rest[3]), keyOf(rest[4])]
  if (whole === undefined || !salt || !key) return 'MALFORMED'
  const derive = scryptWith(rest, salt, key.length)
  if (typeof derive === 'string') return derive
  return measured(async (password) => sameBytes(await derive(password), key))
}

/** Firebase's: scrypt makes a key with which the project's signer key is encrypted, and that is the hash. */
function readFirebase(text: string): ForeignHash | HashProblem {
  const [whole, ...rest] = FIREBASE.exec(text) ?? []
  const [separator, signerKey, salt] = rest.slice(3, 6).map(bytesOf)
  const hash = keyOf(rest[6])
  if (whole === undefined || !separator || !signerKey || !salt || !hash || hash.length !== signerKey.length)
    return 'MALFORMED'
  const derive = scryptWith(rest, Buffer.concat([salt, separator]), 32)
  if (typeof derive === 'string') return derive
  return measured(async (password) => {
    const cipher = createCipheriv('aes-256-ctr', await derive(password), Buffer.alloc(16))
    return sameBytes(Buffer.concat([cipher.update(signerKey), cipher.final()]), hash)
  })
}

function readPbkdf2(text: string): ForeignHash | HashProblem {
  const [whole, digest, iterations, ...rest] = PBKDF2.exec(text) ?? []
  const [salt, key] = [bytesOf(rest[0]), keyOf(rest[1])]
  if (whole === undefined || !salt || !key) return 'MALFORMED'
  const count = Number(iterations)
  if (count > MAXIMUM_ITERATIONS) return 'TOO_COSTLY'
  // Each block of the output costs all iterations again, and the first is as good a proof as all of them.
  const block = key.subarray(0, DIGESTS[digest as Digest])
  return measured(async (password) =>
    sameBytes(await derivePbkdf2(password, salt, count, block.length, digest!), block),
  )
}

const derivePbkdf2 = promisify(pbkdf2)
const deriveScrypt = promisify<
  Buffer,
  Buffer,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt)

/** scrypt with the parameters ln, r and p, in their text. */
function scryptWith(parameters: readonly string[], salt: Buffer, length: number) {
  const [ln = 0, r = 0, p = 0] = parameters.map(Number)
  // RFC 7914 §2: N is below 2^(128 · r / 8), and p at most (2³² − 1) · 32 / (128 · r).
  if (ln >= 16 * r || p * r * 128 > (2 ** 32 - 1) * 32) return 'MALFORMED' satisfies HashProblem
  const memory = 128 * 2 ** ln * r
  if (memory > MAXIMUM_MEMORY || memory * p > MAXIMUM_SCRYPT_TRAFFIC)
    return 'TOO_COSTLY' satisfies HashProblem
  // What the library adds for its own state.
  const maxmem = memory + 128 * r * p + 2 ** 20
  return (password: Buffer) => deriveScrypt(password, salt, length, { N: 2 ** ln, r, p, maxmem })
}

const measured = (matches: (password: Buffer) => Promise<boolean>): ForeignHash => ({
  rounds: null,
  matches: (password) => matches(Buffer.from(password, 'utf8')),
})

/** Bytes from base64 without padding, written in the one way that there is; null otherwise. */
function bytesOf(text: string | undefined): Buffer | null {
  if (text === undefined) return null
  const bytes = Buffer.from(text, 'base64')
  return base64(bytes) === text ? bytes : null
}

function keyOf(text: string | undefined): Buffer | null {
  const key = bytesOf(text)
  return key && key.length >= KEY_LENGTH.min && key.length <= KEY_LENGTH.max ? key : null
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

/** The texts of the schemes, for those who read them in other forms. Numbers are taken as they are; reading judges them. */
export const foreignHash = {
  argon2: (
    kind: string,
    version: number,
    cost: { memory: number; passes: number; lanes: number },
    salt: Buffer,
    hash: Buffer,
  ): string =>
    `$argon2${kind}$v=${version}$m=${cost.memory},t=${cost.passes},p=${cost.lanes}$${base64(salt)}$${base64(hash)}`,

  scrypt: (cost: { ln: number; r: number; p: number }, salt: Buffer, hash: Buffer): string =>
    `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`,

  firebase: (
    cost: { ln: number; r: number; p: number },
    project: { saltSeparator: Buffer; signerKey: Buffer },
    salt: Buffer,
    hash: Buffer,
  ): string =>
    `$firebase-scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p},ss=${base64(project.saltSeparator)},` +
    `sk=${base64(project.signerKey)}$${base64(salt)}$${base64(hash)}`,

  pbkdf2: (digest: string, iterations: number, salt: Buffer, hash: Buffer): string =>
    `$pbkdf2-${digest}$i=${iterations}$${base64(salt)}$${base64(hash)}`,
}
