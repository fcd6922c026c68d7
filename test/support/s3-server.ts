import { SignatureV4 } from '@smithy/signature-v4'
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export const S3_KEYS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
export const S3_REGION = 'eu-central-1'

/** The hashes of AWS's own signer, by those of Node. */
class Sha256 {
  private readonly hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer)
  }
  update(data: string | ArrayBuffer | ArrayBufferView) {
    this.hash.update(typeof data === 'string' ? data : Buffer.from(data as Uint8Array))
  }
  digest() {
    return Promise.resolve(new Uint8Array(this.hash.digest()))
  }
  reset() {
    throw new Error('Nobody asks for this.')
  }
}

/**
 * A store that speaks as much of S3 as one bucket needs, and takes only what is signed as AWS's own signer would have done it. A real
 * one, of which none comes from npm and is cared for, differs in more than the tests ask.
 */
export class S3Server {
  readonly objects = new Map<string, { bytes: Buffer; contentType: string | undefined }>()
  /** What was refused, and why. */
  readonly refused: string[] = []
  /** Answers that come before any other. */
  readonly failing: number[] = []
  readonly requests: string[] = []
  private server!: Server

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      void this.answer(request).then(({ status, bytes, headers }) =>
        response.writeHead(status, { ...headers, 'content-length': bytes?.length ?? 0 }).end(bytes),
      )
    })
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/people/avatars`
  }

  private async answer(
    request: IncomingMessage,
  ): Promise<{ status: number; bytes?: Buffer; headers?: object }> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const name = request.url!
    this.requests.push(`${request.method} ${name}`)
    const failure = this.failing.shift()
    if (failure !== undefined) return { status: failure, bytes: Buffer.from(`<Error>${name}</Error>`) }
    const problem = await problemOf(request, body)
    if (problem) {
      this.refused.push(problem)
      return { status: 403, bytes: Buffer.from(`<Error><Code>${problem}</Code></Error>`) }
    }
    const object = this.objects.get(name)
    if (request.method === 'PUT') {
      this.objects.set(name, { bytes: body, contentType: request.headers['content-type'] })
      return { status: 200 }
    }
    if (request.method === 'DELETE') {
      this.objects.delete(name)
      return { status: 204 }
    }
    return object ? { status: 200, bytes: object.bytes } : { status: 404, bytes: Buffer.from('<Error/>') }
  }
}

/** What is wrong with a signature (AWS Signature Version 4); null where it is right. */
async function problemOf({ method, url, headers }: IncomingMessage, body: Buffer): Promise<string | null> {
  const { authorization = '' } = headers
  const [, scope, signed, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? []
  if (!scope || !signed || !signature) return 'NotSigned'
  const at = String(headers['x-amz-date'])
  if (scope !== `${S3_KEYS.accessKeyId}/${at.slice(0, 8)}/${S3_REGION}/s3/aws4_request`) return 'AnotherScope'
  if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex'))
    return 'AnotherBody'
  const names = signed.split(';')
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => names.includes(name)))
    return 'TooLittleSigned'
  const signer = new SignatureV4({
    credentials: S3_KEYS,
    region: S3_REGION,
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  })
  const moment = at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  if (Math.abs(Date.parse(moment) - Date.now()) > 15 * 60_000) return 'TooOld'
  const given = Object.fromEntries(names.map((name) => [name, String(headers[name])]))
  const expected = await signer.sign(
    { method: method!, protocol: 'http:', hostname: '127.0.0.1', path: url!, headers: given },
    { signingDate: new Date(moment), signableHeaders: new Set(names) },
  )
  return String(expected.headers.authorization).endsWith(`Signature=${signature}`)
    ? null
    : 'SignatureDoesNotMatch'
}
