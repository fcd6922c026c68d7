import { AwsClient } from 'aws4fetch'
import { createHash } from 'node:crypto'
import type { BucketSettings } from '../../config/config'
import { SECOND } from '../../core/clock'
import type { ObjectStore } from '../../core/object-store'

/** How long one try may take, in milliseconds. */
const TO_ANSWER = 10 * SECOND

/** How often a request is repeated that the store could not answer; whoever asked waits. */
const RETRIES = 2

/** Keeps files in a bucket, by requests that are signed with AWS Signature Version 4. */
export class S3Store implements ObjectStore {
  private readonly client: AwsClient

  constructor(private readonly bucket: BucketSettings) {
    const { region, accessKeyId, secretAccessKey } = bucket
    this.client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES })
  }

  async put(name: string, bytes: Buffer, contentType: string): Promise<void> {
    await this.ask('PUT', name, { body: new Uint8Array(bytes), headers: { 'content-type': contentType } })
  }

  async read(name: string): Promise<Buffer | null> {
    return this.ask('GET', name)
  }

  async remove(name: string): Promise<void> {
    await this.ask('DELETE', name)
  }

  /** What is answered; null where there is no such object. */
  private async ask(
    method: string,
    name: string,
    { body, headers = {} }: { body?: Uint8Array<ArrayBuffer>; headers?: Record<string, string> } = {},
  ): Promise<Buffer | null> {
    const response = await this.client.fetch(`${this.bucket.url}/${name}`, {
      method,
      ...(body && { body }),
      headers: {
        ...headers,
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
      // Keys are for the store that the operator has named, and no other.
      redirect: 'manual',
      signal: AbortSignal.timeout(TO_ANSWER),
    })
    if (response.ok) return Buffer.from(await response.arrayBuffer())
    await response.body?.cancel().catch(() => undefined)
    if (response.status === 404 && method !== 'PUT') return null
    // What it says repeats what it was asked, and may go into the log.
    throw new Error(`The store of avatars answered ${method} with ${response.status}.`)
  }
}
