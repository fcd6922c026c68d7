import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { generateDataKey, KEY_BYTES, open, seal, TamperedError } from './cipher'
import { deriveSigningKey, type SigningKey } from './signing-key'

/**
 * The secrets that everything else hangs on. Nothing outside this interface sees one of them, so a key management service
 * can stand behind it: it unwraps the key-encryption keys once, at start.
 */
export interface Keyring {
  /** The key that `wrap` uses; rows wrapped under another one are due for rotation. */
  readonly activeKeyId: string
  /** Mixed into every password hash, 32 bytes. Changing it makes every stored password fail. */
  readonly pepper: Buffer
  /** Encrypts a data key under the active key-encryption key, for this owner only. */
  wrap(dataKey: Buffer, ownerId: string): Buffer
  /**
   * The data key inside, whichever key of the ring wraps it.
   * @throws TamperedError when it was changed, belongs to another owner, or its key is not on the ring.
   */
  unwrap(wrapped: Buffer, ownerId: string): Buffer
  /**
   * The id of the key that wraps these bytes, without opening them.
   * @throws TamperedError when the bytes are no wrapped data key.
   */
  wrappingKeyId(wrapped: Buffer): string
  /**
   * Makes an encrypted column searchable for equality: HMAC-SHA-256 under a key of this context, e.g. `emails.address`.
   * Equal texts give equal 32 bytes, so the caller normalises the text first.
   */
  blindIndex(context: string, text: string): Buffer
  /**
   * A key pair for each key on the ring, that of the active one first: it signs. What the others have signed can be
   * verified until they leave the ring.
   */
  readonly signingKeys: readonly [SigningKey, ...SigningKey[]]
  /** A key of 32 bytes for one more purpose, e.g. `signing`; the same at every start and after every rotation. */
  derive(purpose: string): Buffer
}

/** The keyring cannot be had. The message says what to mend and never holds a secret. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError'
}

interface KeyringFile {
  active: string
  keys: Record<string, string>
  lookup: string
  pepper: string
}

const KEY_ID = /^[A-Za-z0-9._-]{1,32}$/
const WRAP_VERSION = 1

const secret = z
  .string('must be text')
  .regex(/^[A-Za-z0-9_-]*$/, 'must be base64url (letters, digits, - and _)')
  .refine(
    (text) => Buffer.from(text, 'base64url').length >= KEY_BYTES,
    'must hold at least 256 bits (32 bytes)',
  )
  .refine(looksRandom, 'does not look random; take the output of a generator, not a phrase or a pattern')

const keyringFile: z.ZodType<KeyringFile> = z
  .strictObject({
    active: z.string('must name a key').regex(KEY_ID, 'must be 1 to 32 letters, digits, dots, - or _'),
    keys: z.record(z.string().regex(KEY_ID), secret, 'must hold at least one key'),
    lookup: secret,
    pepper: secret,
  })
  .refine((file) => Object.hasOwn(file.keys, file.active), {
    path: ['active'],
    error: 'must name one of the keys',
  })
  .refine((file) => new Set(secretsOf(file)).size === secretsOf(file).length, {
    error: 'every secret must differ',
  })

const secretsOf = ({ keys, lookup, pepper }: KeyringFile) => [...Object.values(keys), lookup, pepper]

// 32 random bytes hold about 30 different ones; fewer than 16 happens once in 10¹⁰. "changeme" four times holds 7.
function looksRandom(text: string): boolean {
  return new Set(Buffer.from(text, 'base64url')).size >= 16
}

const newSecret = () => generateDataKey().toString('base64url')
const hkdf = (material: Buffer, purpose: string) =>
  Buffer.from(hkdfSync('sha256', material, '', `portico/${purpose}`, KEY_BYTES))

/**
 * Reads a keyring's JSON: `{ "active": "k1", "keys": { "k1": "…" }, "lookup": "…", "pepper": "…" }`, secrets in base64url.
 * @throws KeyringError naming every field that is missing, short, guessable or unknown.
 */
export const parseKeyring = (text: string): Keyring => new FileKeyring(readKeyring(text))

/** A new keyring with one key, as JSON text. */
export const generateKeyring = (): string =>
  toText({ active: 'k1', keys: { k1: newSecret() }, lookup: newSecret(), pepper: newSecret() })

/**
 * The same keyring with a new key that is the active one, as JSON text. The older keys stay, so that what they wrap can
 * still be read until it has been wrapped anew.
 * @throws KeyringError when `text` is no keyring.
 */
export function addKey(text: string): string {
  const file = readKeyring(text)
  const number = Math.max(0, ...Object.keys(file.keys).map((id) => Number(/^k(\d+)$/.exec(id)?.[1] ?? 0))) + 1
  return toText({ ...file, active: `k${number}`, keys: { ...file.keys, [`k${number}`]: newSecret() } })
}

/**
 * Finds the keyring: the inline JSON when there is one, else the file, which is made (mode 0600) when it may be.
 * @throws KeyringError when there is none, or it is not fit for use.
 */
export function loadKeyring(source: { inline?: string; file?: string; generateIfMissing: boolean }): Keyring {
  if (source.inline) return parseKeyring(source.inline)
  if (!source.file)
    throw new KeyringError('There is no keyring. Set PORTICO_KEYRING to its file, or to its JSON.')
  if (source.generateIfMissing) createFile(source.file, generateKeyring())
  return parseKeyring(readText(source.file))
}

/**
 * Replaces the keyring file in one step (mode 0600): a reader sees the old one or the new one.
 * @throws KeyringError when `text` is no keyring; the file is then as it was.
 */
export function saveKeyring(file: string, text: string): void {
  readKeyring(text)
  renameSync(writeBeside(file, text), file)
  flushFolder(file)
}

class FileKeyring implements Keyring {
  // All private to the runtime, so that no log line or JSON.stringify can print a key.
  readonly #wrappingKeys: ReadonlyMap<string, Buffer>
  readonly #lookup: Buffer
  readonly #pepper: Buffer
  readonly #indexKeys = new Map<string, Buffer>()

  readonly activeKeyId: string
  readonly signingKeys: readonly [SigningKey, ...SigningKey[]]

  constructor(file: KeyringFile) {
    const bytes = (text: string) => Buffer.from(text, 'base64url')
    this.activeKeyId = file.active
    this.#wrappingKeys = new Map(
      Object.entries(file.keys).map(([id, text]) => [id, hkdf(bytes(text), 'key-encryption')]),
    )
    const signingKeyOf = (id: string) =>
      deriveSigningKey((attempt) => hkdf(bytes(file.keys[id]!), `signing/ES256/${attempt}`))
    const others = Object.keys(file.keys).filter((id) => id !== file.active)
    this.signingKeys = [signingKeyOf(file.active), ...others.map(signingKeyOf)]
    this.#lookup = bytes(file.lookup)
    this.#pepper = hkdf(bytes(file.pepper), 'password-pepper')
  }

  get pepper(): Buffer {
    return Buffer.from(this.#pepper)
  }

  wrap(dataKey: Buffer, ownerId: string): Buffer {
    if (dataKey.length !== KEY_BYTES)
      throw new RangeError(`A data key has ${KEY_BYTES} bytes, not ${dataKey.length}.`)
    const id = this.activeKeyId
    const sealed = seal(this.#wrappingKeys.get(id)!, dataKey, wrapPlace(id, ownerId))
    return Buffer.concat([Buffer.of(WRAP_VERSION, id.length), Buffer.from(id), sealed])
  }

  unwrap(wrapped: Buffer, ownerId: string): Buffer {
    const id = this.wrappingKeyId(wrapped)
    const key = this.#wrappingKeys.get(id)
    if (!key) throw new TamperedError(`This data key is wrapped under "${id}", which is not on the keyring.`)
    return open(key, wrapped.subarray(2 + id.length), wrapPlace(id, ownerId))
  }

  wrappingKeyId(wrapped: Buffer): string {
    const id = wrapped.toString('latin1', 2, 2 + (wrapped[1] ?? 0))
    if (wrapped[0] !== WRAP_VERSION || id.length !== wrapped[1] || !KEY_ID.test(id)) throw new TamperedError()
    return id
  }

  blindIndex(context: string, text: string): Buffer {
    let key = this.#indexKeys.get(context)
    if (!key) this.#indexKeys.set(context, (key = hkdf(this.#lookup, `blind-index/${context}`)))
    return createHmac('sha256', key).update(text, 'utf8').digest()
  }

  derive(purpose: string): Buffer {
    return hkdf(this.#lookup, `derived/${purpose}`)
  }
}

const wrapPlace = (keyId: string, ownerId: string) => `data-key:${keyId}:${ownerId}`

function readKeyring(text: string): KeyringFile {
  const parsed = keyringFile.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${placeOf(issue.path)} ${reasonOf(issue)}`)
  throw new KeyringError(`The keyring is not fit for use: ${problems.join('; ')}.`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text around the error, which is a secret.
    throw new KeyringError('The keyring is not valid JSON.')
  }
}

// A key's name is shown only when it is one: a secret pasted in the wrong place is too long for that.
const placeOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => (KEY_ID.test(String(part)) ? String(part) : '(unprintable)')).join('.') || 'keyring:'

function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return 'holds a field that is not known'
    case 'invalid_key':
      return 'must be named with 1 to 32 letters, digits, dots, - or _'
    default:
      return issue.message
  }
}

const toText = (file: KeyringFile) => JSON.stringify(file, null, 2) + '\n'

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new KeyringError(
      code === 'ENOENT'
        ? `There is no keyring at ${file}. Put it there; without it, nothing encrypted can be read.`
        : `The keyring at ${file} cannot be read (${code}).`,
    )
  }
}

/** Writes the file unless it is there already; of two processes that try at once, one makes it and both go on with it. */
function createFile(file: string, text: string): void {
  if (existsSync(file)) return
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const beside = writeBeside(file, text)
    try {
      linkSync(beside, file)
    } finally {
      rmSync(beside, { force: true })
    }
    flushFolder(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') throw new KeyringError(`The keyring ${file} cannot be made (${code}).`)
  }
}

// Or a power cut could bring the old keyring back, beside a database that is encrypted under the new one.
function flushFolder(file: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function writeBeside(file: string, text: string): string {
  const beside = `${file}.${randomBytes(6).toString('hex')}.tmp`
  const handle = openSync(beside, 'wx', 0o600)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  return beside
}
