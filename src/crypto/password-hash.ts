import { compare, hash as bcryptHash } from 'bcrypt'
import { createHmac } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { MAXIMUM_COST, MINIMUM_COST } from '../core/bcrypt'
import { Gate } from '../core/gate'
import { readForeignHash, type ForeignHash } from './foreign-hash'
import { isWellFormed, normalisePassword } from './password-policy'

// bcrypt reads 72 bytes, so it gets 64 that depend on all of the password: base64 of an HMAC-SHA-384 under the pepper.
const SCHEME = '$bcrypt-hmac-sha384$v=1'

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

/**
 * Hashes passwords so that they are slow to guess, without letting that slowness stop the rest of the process.
 * A hash says how it was made: `$bcrypt-hmac-sha384$v=1$2b$12$…` is ours, all others come from elsewhere (`foreign-hash.ts`).
 */
export class PasswordHasher {
  readonly #pepper: Buffer
  readonly #cost: number
  readonly #gate: Gate
  /** How long a round of bcrypt takes on this machine at present, in milliseconds; null until one has been seen. */
  #pace: number | null = null

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
    const hash = stored !== null && isWellFormed(password) ? this.#read(stored) : null
    return this.#gate.pass(async () => {
      const start = performance.now()
      const matches = hash !== null && (await hash.matches(password))
      const elapsed = performance.now() - start
      if (hash?.rounds) this.#keepPace(elapsed, hash.rounds)
      if (!matches) await this.#fillUp(hash ? (hash.rounds ?? this.#roundsIn(elapsed)) : 0)
      return matches
    })
  }

  /** Whether the stored hash should be replaced, now that the password is at hand: of another scheme, or too cheap. */
  needsRehash(stored: string): boolean {
    return !isOurs(stored) || (this.#read(stored)?.rounds ?? 0) < 2 ** this.#cost
  }

  #read(stored: string): ForeignHash | null {
    const hash = readForeignHash(isOurs(stored) ? stored.slice(SCHEME.length) : stored)
    if (typeof hash === 'string') return null
    if (!isOurs(stored)) return hash
    return hash.rounds === null
      ? null
      : { rounds: hash.rounds, matches: (password) => hash.matches(this.#peppered(password)) }
  }

  /**
   * Computes on until as many rounds are done as our own hash has: a cheaper hash would say no sooner, and so give away
   * that the account exists. A costlier one says it later, until its owner has signed in.
   */
  async #fillUp(done: number): Promise<void> {
    let missing = 2 ** this.#cost - done
    for (let cost = this.#cost; cost >= MINIMUM_COST; cost--) {
      if (missing < 2 ** cost) continue
      missing -= 2 ** cost
      const start = performance.now()
      await compare(NO_PASSWORD, nobody(cost))
      this.#keepPace(performance.now() - start, 2 ** cost)
    }
  }

  /** The rounds of bcrypt that would have been done in this time (ms). Until that is known, none, which errs to the late side. */
  #roundsIn(elapsed: number): number {
    return this.#pace === null ? 0 : Math.floor(elapsed / this.#pace)
  }

  /** Smoothed, since one measurement may have shared its core with something else; few rounds tell nothing. */
  #keepPace(elapsed: number, rounds: number): void {
    if (rounds < 2 ** (this.#cost - 1)) return
    const pace = elapsed / rounds
    this.#pace = this.#pace === null ? pace : 0.8 * this.#pace + 0.2 * pace
  }

  #peppered(password: string): string {
    return createHmac('sha384', this.#pepper).update(normalisePassword(password), 'utf8').digest('base64')
  }
}

/**
 * How many hashes are computed at once where nothing else is said. Each holds a thread of libuv's pool, which has four; one
 * is left, or DNS and files would wait behind sign-ins.
 */
export const defaultConcurrency = () => Math.max(1, Math.min(availableParallelism() - 1, 3))

const isOurs = (stored: string): boolean => stored.startsWith(SCHEME)

/** What is hashed to pass the time. */
const NO_PASSWORD = '.'.repeat(64)

/** The hash of no password: it costs what another costs, and nothing matches it. */
const nobody = (cost: number): string => `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
