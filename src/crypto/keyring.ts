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
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { MINUTE, SECOND } from '../core/clock'
import { generateDataKey, KEY_BYTES, open, seal, TamperedError } from './cipher'
import { deriveSigningKey, type SigningKey } from './signing-key'

/**
 * The secrets that everything else hangs on. Nothing outside sees a key-encryption key, so a key management service can stand
 * behind it that releases them once, at start; one that keeps them to itself cannot, for to wrap and unwrap must not wait.
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
  /** The same object for as long as no key comes, goes or becomes the active one. */
  readonly fingerprints: Fingerprints
}

/** What tells a secret from any other that bears its name, and nothing else about it: 64 hexadecimal digits, one-way. */
export interface Fingerprints {
  /** By id, in the order in which the keys were added. */
  readonly keys: ReadonlyMap<string, string>
  readonly lookup: string
  readonly pepper: string
}

/** The keyring cannot be had. The message says what to mend and never holds a secret. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError'
}

/** There is no keyring where it is looked for. */
export class KeyringMissing extends KeyringError {}

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
 * The same keyring with one more key, as JSON text: everybody has to know it before anybody wraps under it, so the active one
 * stays.
 * @throws KeyringError when `text` is no keyring.
 */
export function addKey(text: string): string {
  const file = readKeyring(text)
  const number = Math.max(0, ...Object.keys(file.keys).map((id) => Number(/^k(\d+)$/.exec(id)?.[1] ?? 0))) + 1
  return toText({ ...file, keys: { ...file.keys, [`k${number}`]: newSecret() } })
}

/**
 * The same keyring with its newest key as the active one, as JSON text. The older keys stay, so that what they wrap can still
 * be read until it has been wrapped anew.
 * @throws KeyringError when `text` is no keyring.
 */
export function activateNewestKey(text: string): string {
  const file = readKeyring(text)
  return toText({ ...file, active: Object.keys(file.keys).at(-1)! })
}

/**
 * The same keyring without a key, as JSON text. What it wraps is lost for good.
 * @throws KeyringError when there is no such key, or it is the active one.
 */
export function removeKey(text: string, id: string): string {
  const { keys, ...file } = readKeyring(text)
  const { [id]: _, ...rest } = keys
  if (!Object.hasOwn(keys, id)) throw new KeyringError('There is no key of that name on the keyring.')
  if (id === file.active)
    throw new KeyringError(`The key "${id}" is the active one: \`portico keys rotate\` first.`)
  return toText({ ...file, keys: rest })
}

/**
 * Finds the keyring: the inline JSON when there is one, else the file, which is made (mode 0600) when it may be, and followed
 * from then on.
 * @throws KeyringError when there is none, or it is not fit for use.
 */
export function loadKeyring(source: {
  inline?: string
  file?: string
  generateIfMissing: boolean
  /** Told why a file that has changed is not followed. */
  onProblem?: (error: unknown) => void
}): Keyring {
  if (source.inline) return parseKeyring(source.inline)
  if (!source.file)
    throw new KeyringError('There is no keyring. Set PORTICO_KEYRING to its file, or to its JSON.')
  if (source.generateIfMissing) createFile(source.file, generateKeyring())
  return new FollowedKeyring(source.file, source.onProblem)
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

/** How many data keys are remembered once they have been unwrapped, and for how long, in milliseconds. */
const REMEMBERED_KEYS = 10_000
const REMEMBERED_FOR = MINUTE

class FileKeyring implements Keyring {
  // All private to the runtime, so that no log line or JSON.stringify can print a key.
  readonly #wrappingKeys: ReadonlyMap<string, Buffer>
  readonly #lookup: Buffer
  readonly #pepper: Buffer
  readonly #indexKeys = new Map<string, Buffer>()
  /** By what they are wrapped in, which whoever asks has read just now: a key that was destroyed is asked for no more. */
  readonly #unwrapped = new LRUCache<string, Buffer>({ max: REMEMBERED_KEYS, ttl: REMEMBERED_FOR })

  readonly activeKeyId: string
  readonly signingKeys: readonly [SigningKey, ...SigningKey[]]
  readonly fingerprints: Fingerprints

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
    const fingerprint = (text: string) => hkdf(bytes(text), 'fingerprint').toString('hex')
    this.fingerprints = Object.freeze({
      keys: new Map(Object.entries(file.keys).map(([id, text]) => [id, fingerprint(text)])),
      lookup: fingerprint(file.lookup),
      pepper: fingerprint(file.pepper),
    })
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
    const name = ownerId + wrapped.toString('latin1')
    const known = this.#unwrapped.get(name)
    if (known) return known
    const id = this.wrappingKeyId(wrapped)
    const key = this.#wrappingKeys.get(id)
    if (!key) throw new TamperedError(`This data key is wrapped under "${id}", which is not on the keyring.`)
    const dataKey = open(key, wrapped.subarray(2 + id.length), wrapPlace(id, ownerId))
    this.#unwrapped.set(name, dataKey)
    return dataKey
  }

  /** Whether the key that wraps these bytes is on the ring. */
  knows(wrapped: Buffer): boolean {
    return this.#wrappingKeys.has(this.wrappingKeyId(wrapped))
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

/** How often it is looked whether a file has changed, in milliseconds. */
const GLANCE = SECOND

/**
 * The keyring of a file, as the file is at the moment: a key that is added, made the active one or removed comes into effect
 * within a second, and at once where data is met that is wrapped under it. A file that cannot be used, or that is the keyring
 * of another database, changes nothing.
 */
class FollowedKeyring implements Keyring {
  #ring: FileKeyring
  #stamp: string
  #lookedAt = performance.now()

  constructor(
    private readonly file: string,
    private readonly onProblem: (error: unknown) => void = () => undefined,
  ) {
    this.#stamp = stampOf(file)
    this.#ring = new FileKeyring(readKeyring(readKeyringFile(file)))
  }

  get activeKeyId(): string {
    return this.#current().activeKeyId
  }

  get pepper(): Buffer {
    return this.#ring.pepper
  }

  get signingKeys(): readonly [SigningKey, ...SigningKey[]] {
    return this.#current().signingKeys
  }

  get fingerprints(): Fingerprints {
    return this.#current().fingerprints
  }

  wrap(dataKey: Buffer, ownerId: string): Buffer {
    return this.#current().wrap(dataKey, ownerId)
  }

  unwrap(wrapped: Buffer, ownerId: string): Buffer {
    if (!this.#ring.knows(wrapped)) this.#look()
    return this.#ring.unwrap(wrapped, ownerId)
  }

  wrappingKeyId(wrapped: Buffer): string {
    return this.#ring.wrappingKeyId(wrapped)
  }

  blindIndex(context: string, text: string): Buffer {
    return this.#ring.blindIndex(context, text)
  }

  derive(purpose: string): Buffer {
    return this.#ring.derive(purpose)
  }

  #current(): FileKeyring {
    if (performance.now() - this.#lookedAt >= GLANCE) this.#look()
    return this.#ring
  }

  /** Reads the file where it is another one than before, which asks the system for no more than its times. */
  #look(): void {
    this.#lookedAt = performance.now()
    const stamp = stampOf(this.file)
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    try {
      const next = new FileKeyring(readKeyring(readKeyringFile(this.file)))
      const [ours, theirs] = [this.#ring.fingerprints, next.fingerprints]
      if (ours.lookup !== theirs.lookup || ours.pepper !== theirs.pepper)
        throw new KeyringError(`The keyring at ${this.file} is that of another database now.`)
      this.#ring = next
    } catch (error) {
      this.onProblem(error)
    }
  }
}

/** What differs when a file was written or replaced. */
function stampOf(file: string): string {
  try {
    const { ino, mtimeNs, size } = statSync(file, { bigint: true })
    return `${ino} ${mtimeNs} ${size}`
  } catch {
    // Reading it tells why.
    return ''
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

/** The text of a keyring's file. @throws KeyringError when it cannot be read. */
export function readKeyringFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') throw new KeyringError(`The keyring at ${file} cannot be read (${code}).`)
    throw new KeyringMissing(
      `There is no keyring at ${file}. Put it there; without it, nothing encrypted can be read.`,
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
