import { compare, hash as bcryptHash } from 'bcrypt'
import { createHmac } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { MAXIMUM_COST } from '../core/bcrypt'
import { Gate } from '../core/gate'
import { isWellFormed, normalisePassword } from './password-policy'

// bcrypt reads 72 bytes, so it gets 64 that depend on all of the password: base64 of an HMAC-SHA-384 under the pepper.
const SCHEME = '$bcrypt-hmac-sha384$v=1'

// A cost above 15 takes seconds. None is ours, and an imported one would hold a thread for as long as its maker pleased.
const BCRYPT = /^\$2[aby]\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/
const MINIMUM_COST = 4

export interface PasswordHasherOptions {
  /** The secret that keeps a stolen table of hashes from being guessed at all (OWASP Password Storage, pepper). */
  pepper: Buffer
  /** bcrypt's cost, the binary logarithm of its rounds. */
  cost?: number
  /** How many hashes are computed at once. */
  concurrency?: number
  /** How many more may wait. */
  queue?: number
  /** How long one may wait, in milliseconds. */
  maxWaitMs?: number
}

interface Hash {
  bcrypt: string
  cost: number
  /** Ours are over the peppered password, imported ones over the password itself. */
  isOurs: boolean
}

/**
 * Hashes passwords so that they are slow to guess, without letting that slowness stop the rest of the process.
 * A hash says how it was made: `$bcrypt-hmac-sha384$v=1$2b$12$…` is ours, `$2a$…`, `$2b$…`, `$2y$…` come from elsewhere.
 */
export class PasswordHasher {
  readonly #pepper: Buffer
  readonly #cost: number
  readonly #gate: Gate

  constructor({
    pepper,
    cost = 12,
    concurrency = defaultConcurrency(),
    queue = 32,
    maxWaitMs = 5_000,
  }: PasswordHasherOptions) {
    if (!Number.isInteger(cost) || cost < MINIMUM_COST || cost > MAXIMUM_COST) {
      throw new RangeError(`bcrypt's cost must be ${MINIMUM_COST} to ${MAXIMUM_COST}, not ${cost}.`)
    }
    this.#pepper = pepper
    this.#cost = cost
    this.#gate = new Gate(
      concurrency,
      queue,
      maxWaitMs,
      'Too many people are signing in at this moment. Try again shortly.',
    )
  }

  /** How many hashes are being computed and how many wait, at this moment. */
  get load(): { running: number; waiting: number } {
    return this.#gate.load
  }

  /**
   * The hash to store for a password that `passwordProblems` found nothing wrong with.
   * @throws ApiError RATE_LIMITED when too many hashes are under way.
   */
  async hash(password: string): Promise<string> {
    if (!isWellFormed(password))
      throw new RangeError('A lone surrogate cannot be hashed; the password policy refuses it.')
    return SCHEME + (await this.#gate.pass(() => bcryptHash(this.#peppered(password), this.#cost)))
  }

  /**
   * Whether this is the password of that hash. With null, or a hash of a scheme that is not known, the answer is false and
   * takes as long as a wrong password does. An imported bcrypt hash only ever knew the first 72 bytes of its password.
   * @throws ApiError RATE_LIMITED when too many hashes are under way.
   */
  verify(password: string, stored: string | null): Promise<boolean> {
    const known = stored !== null && isWellFormed(password) ? read(stored) : null
    const { bcrypt, cost, isOurs } = known ?? nobody(this.#cost)
    const material = isOurs ? this.#peppered(password) : password
    return this.#gate.pass(async () => {
      const matches = await compare(material, bcrypt)
      if (known && matches) return true
      // A cheaper, older hash would say no sooner, and so give away that the account exists. 2^c + 2^c + … + 2^(C-1) = 2^C.
      for (let extra = cost; extra < this.#cost; extra++) await compare(material, nobody(extra).bcrypt)
      return false
    })
  }

  /** Whether the stored hash should be replaced, now that the password is at hand: of another scheme, or too cheap. */
  needsRehash(stored: string): boolean {
    const hash = read(stored)
    return !hash?.isOurs || hash.cost < this.#cost
  }

  #peppered(password: string): string {
    return createHmac('sha384', this.#pepper).update(normalisePassword(password), 'utf8').digest('base64')
  }
}

// Each hash holds a thread of libuv's pool, which has four. One is left, or DNS and files would wait behind sign-ins.
const defaultConcurrency = () => Math.max(1, Math.min(availableParallelism() - 1, 3))

function read(stored: string): Hash | null {
  const isOurs = stored.startsWith(SCHEME)
  const bcrypt = isOurs ? stored.slice(SCHEME.length) : stored
  const match = BCRYPT.exec(bcrypt)
  // PHP's $2y$ is $2b$ under another name, which the library does not know.
  return match && { bcrypt: bcrypt.replace(/^\$2y/, '$2b'), cost: Number(match[1]), isOurs }
}

/** The hash of no password: it costs what another costs, and nothing matches it. */
const nobody = (cost: number): Hash => ({
  bcrypt: `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`,
  cost,
  isOurs: true,
})
