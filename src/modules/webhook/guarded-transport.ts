import { Resolver } from 'node:dns/promises'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { hostOf, isPublicAddress } from '../../core/address'
import { SECOND } from '../../core/clock'
import { parseUrl } from '../../core/url'
import {
  WebhookFailure,
  type WebhookAnswer,
  type WebhookMessage,
  type WebhookTransport,
} from '../../core/webhook-transport'

/** How long a receiver may take, from looking up its name to the last of the headers that it answers; in milliseconds. */
const TIMEOUT = 15 * SECOND

/** What is read of an answer's body, of which nothing is used: how many bytes, and for how many milliseconds. */
const BODY = { bytes: 4_096, time: SECOND }

const LONGEST_URL = 2_048

/** Where other protocols are spoken, whose servers would take a request for something else (WHATWG Fetch §2.9, bad ports). */
const BAD_PORTS = new Set(
  [
    [0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103],
    [104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514],
    [515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723],
    [2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
  ].flat(),
)

/** Looks up the addresses of a name, none where it has none. */
export type Resolve = (name: string) => Promise<readonly string[]>

export interface GuardedTransportOptions {
  /** Names and addresses, as `hostOf` spells them, that may be called though they are of a private network. */
  allowedHosts: readonly string[]
  /** Whether those of this machine may be called without TLS. */
  allowsHttp: boolean
  /** How long a receiver may take, in milliseconds. */
  timeout?: number
  /** What tests replace. */
  resolve?: Resolve
  connection?: Pick<https.RequestOptions, 'agent' | 'ca'>
}

/**
 * Calls receivers that others have chosen, and none that only this machine or its network can reach (OWASP Server-Side Request
 * Forgery Prevention). A name is looked up once, all of its addresses are judged, and one of these very addresses is connected to:
 * what the name leads to a moment later does not matter. No redirect is followed, and no proxy asked.
 */
export class GuardedTransport implements WebhookTransport {
  constructor(private readonly options: GuardedTransportOptions) {}

  read(text: string): { url: string } | { problem: string } {
    const url = parseUrl(text)
    if (url === null) return { problem: 'This is no URL. Give one such as https://example.com/webhooks.' }
    const problem = this.problemOf(url)
    if (problem !== null) return { problem }
    url.hostname = url.hostname.replace(/\.$/, '')
    return url.href.length > LONGEST_URL
      ? { problem: `Use at most ${LONGEST_URL} characters.` }
      : { url: url.href }
  }

  async post(text: string, message: WebhookMessage, signal: AbortSignal): Promise<WebhookAnswer> {
    const url = new URL(text)
    const timeUp = AbortSignal.timeout(this.options.timeout ?? TIMEOUT)
    const ending = AbortSignal.any([signal, timeUp])
    try {
      // What has been said of a URL once may be said no more: the configuration has changed since.
      if (this.problemOf(url) !== null) throw new Unanswered(WebhookFailure.ADDRESS_REFUSED)
      const { answer, heard } = await unlessAborted(this.call(url, message, ending), ending)
      await heard
      return answer
    } catch (error) {
      signal.throwIfAborted()
      if (timeUp.aborted) return { failure: WebhookFailure.TIMED_OUT }
      if (error instanceof Unanswered) return { failure: error.failure }
      throw error
    }
  }

  private problemOf(url: URL): string | null {
    const host = hostOf(url)
    const mayBeHttp = this.options.allowsHttp && isLoopback(host)
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayBeHttp))
      return 'It has to begin with https://.'
    if (url.username !== '' || url.password !== '')
      return 'Leave out the user and the password: messages are signed instead.'
    if (url.hash !== '') return 'Leave out what follows the #: it is never sent.'
    if (BAD_PORTS.has(Number(url.port || 443))) return `Port ${url.port} is for another protocol.`
    if (this.isAllowed(host) || (isIP(host) === 0 ? !isLoopback(host) : isPublicAddress(host))) return null
    return 'It leads into a private network, which nothing is sent to. Whoever operates Portico can allow it with WEBHOOK_ALLOWED_HOSTS.'
  }

  private isAllowed(host: string): boolean {
    return this.options.allowedHosts.includes(host)
  }

  /** All addresses of a name; that one of them may not be called is reason enough to call none. */
  private async addressesOf(url: URL): Promise<readonly string[]> {
    const host = hostOf(url)
    if (isIP(host) !== 0) return [host]
    const { resolve = resolveName } = this.options
    const addresses = await resolve(host).catch(() => [])
    if (addresses.length === 0) throw new Unanswered(WebhookFailure.NAME_NOT_FOUND)
    if (!this.isAllowed(host) && !addresses.every(isPublicAddress))
      throw new Unanswered(WebhookFailure.ADDRESS_REFUSED)
    return addresses
  }

  private async call(url: URL, { headers, body }: WebhookMessage, signal: AbortSignal): Promise<Answered> {
    const addresses = await this.addressesOf(url)
    const { request } = url.protocol === 'https:' ? https : http
    const call = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      // One of its own, of which the environment knows no proxy, and which ends with the answer.
      agent: false,
      lookup: alwaysTo(addresses),
      // Whatever the environment says.
      rejectUnauthorized: true,
      ...this.options.connection,
      signal,
    })
    let stage = WebhookFailure.UNREACHABLE
    call.on('socket', (socket) => {
      const isEncrypted = (socket as Partial<TLSSocket>).encrypted === true
      socket.once('connect', () => {
        stage = isEncrypted ? WebhookFailure.NOT_TRUSTED : WebhookFailure.NO_ANSWER
      })
      socket.once('secureConnect', () => {
        stage = WebhookFailure.NO_ANSWER
      })
    })
    return new Promise((resolve, reject) => {
      call.once('response', (response) => {
        const answer = { status: response.statusCode!, retryAfter: response.headers['retry-after'] ?? null }
        resolve({ answer, heard: heardOut(response) })
      })
      const fail = () => reject(new Unanswered(stage))
      // Some ends of a connection are no error.
      call.on('error', fail).once('close', fail)
      call.end(body)
    })
  }
}

interface Answered {
  answer: WebhookAnswer
  /** The rest of the answer, which is of no use, has been heard. */
  heard: Promise<void>
}

/** There is no answer. */
class Unanswered extends Error {
  override readonly name = 'Unanswered'
  constructor(readonly failure: WebhookFailure) {
    super(failure)
  }
}

/** Names of this machine (RFC 6761 §6.3) and its addresses. */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.[\d.]+$/.test(host)

/** Asks the name servers, and not the system: it would keep threads waiting that passwords are hashed in. */
async function resolveName(name: string): Promise<string[]> {
  if (isLoopback(name)) return ['127.0.0.1', '::1']
  const resolver = new Resolver({ timeout: 2 * SECOND, tries: 2 })
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}

/** What looks a name up for a socket: always to these addresses. */
const alwaysTo =
  (addresses: readonly string[]): LookupFunction =>
  (_name, { all }, tell) => {
    const known = addresses.map((address) => ({ address, family: isIP(address) }))
    if (all) tell(null, known)
    else tell(null, known[0]!.address, known[0]!.family)
  }

/** Hears an answer out, as far as that takes neither long nor much: whoever is cut off in the middle of one notes an error. */
async function heardOut(response: IncomingMessage): Promise<void> {
  let bytes = 0
  const stop = () => response.destroy()
  const timer = setTimeout(stop, BODY.time)
  response.on('data', (chunk: Buffer) => {
    if ((bytes += chunk.length) > BODY.bytes) stop()
  })
  // The status has been said, whatever goes wrong after it.
  response.on('error', stop)
  await new Promise((resolve) => response.once('close', resolve))
  clearTimeout(timer)
}

async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let abort: () => void
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort)
  })
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', abort))
}
