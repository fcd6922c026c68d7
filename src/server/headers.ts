import type { Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { DAY, SECOND } from '../core/clock'

/** What every answer says, whoever writes it. A page that is to be rendered replaces the policy with one of its own. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': `max-age=${(365 * DAY) / SECOND}; includeSubDomains`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}

/** Puts the headers on every answer before anyone can forget to: also on those that no hook of the framework sees. */
export function secureAnswers(server: Server): void {
  server.prependListener('request', (_request, response) => setSecurityHeaders(response))
  // Node answers this one by itself, bare, unless somebody listens.
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    setSecurityHeaders(response)
    response.writeHead(417, { connection: 'close', 'content-length': 0 }).end()
  })
}

function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
}

/** Answers without a body on a connection that has no response object (yet), and ends it. */
export function answerBare(
  stream: Duplex,
  status: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!stream.writable) {
    stream.destroy()
    return
  }
  const lines = Object.entries({
    ...SECURITY_HEADERS,
    ...headers,
    connection: 'close',
    'content-length': '0',
  })
  stream.end(`HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
}
