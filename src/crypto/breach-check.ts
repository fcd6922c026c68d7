import { createHash } from 'node:crypto'
import { SECOND } from '../core/clock'
import { normalisePassword } from './password-policy'

/** The longest that anybody waits for the service, in milliseconds. */
const PATIENCE = SECOND

/** An answer holds about a thousand lines of 40 bytes. */
const MAXIMUM_ANSWER = 512 * 1024

const LINE = /^([0-9A-F]{35}):(\d{1,10})$/

/**
 * Asks whether a password is known from a breach, by the k-anonymity range protocol of Have I Been Pwned: the service
 * learns the first 5 of the 40 digits of its SHA-1, which a thousand others share, and answers the rest of all that it knows.
 */
export class BreachCheck {
  constructor(
    /** Where the ranges are, without a trailing slash; null asks nobody. */
    private readonly url: string | null,
    /** Told why the service was of no use. */
    private readonly onFailure: (error: unknown) => void = () => undefined,
    private readonly patience: number = PATIENCE,
  ) {}

  /** Whether somebody is asked at all. */
  get isOn(): boolean {
    return this.url !== null
  }

  /** Whether the password is known to have been stolen. A service that does not answer in time, or not as it should, knows nothing. */
  async isBreached(password: string): Promise<boolean> {
    if (this.url === null) return false
    const digest = createHash('sha1').update(normalisePassword(password)).digest('hex').toUpperCase()
    const [prefix, suffix] = [digest.slice(0, 5), digest.slice(5)]
    try {
      return countOf(await this.range(prefix), suffix) > 0
    } catch (error) {
      this.onFailure(error)
      return false
    }
  }

  private async range(prefix: string): Promise<string> {
    const response = await fetch(`${this.url}/${prefix}`, {
      // With padding, the length of the answer does not tell a reader of the wire which range it is.
      headers: { 'add-padding': 'true', 'user-agent': 'portico', accept: 'text/plain' },
      redirect: 'error',
      signal: AbortSignal.timeout(this.patience),
    })
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel()
      throw new Error(`The breach check answered ${response.status}.`)
    }
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength
      // Leaving the loop ends the connection.
      if (length > MAXIMUM_ANSWER) throw new Error('The breach check answered more than it should.')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('latin1')
  }
}

/** How often the password was seen; padding is said to have been seen 0 times. */
function countOf(range: string, suffix: string): number {
  let count = 0
  for (const line of range.split(/\r?\n/)) {
    if (line === '') continue
    const known = LINE.exec(line)
    if (!known) throw new Error('The breach check answered something else than hashes.')
    if (known[1] === suffix) count = Number(known[2])
  }
  return count
}
