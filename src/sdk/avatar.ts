import type { FormattedExecutionResult } from 'graphql'
import { explain, fromErrors } from './error'

/** Where an avatar is, in each size. */
export type AvatarUrls = Readonly<Record<'SMALL' | 'MEDIUM' | 'LARGE', string>>

/** A picture as a file field gives it, or as bytes. */
export type Picture = Blob | ArrayBuffer | Uint8Array<ArrayBuffer>

/** Puts a picture where avatars are taken. @throws PorticoError, whose `problem` says what is wrong with it. */
export async function putAvatar(
  send: typeof fetch,
  url: URL,
  picture: Picture,
  options: RequestInit,
): Promise<AvatarUrls> {
  // What it is, its bytes say.
  const headers = { 'content-type': 'application/octet-stream', ...(options.headers as object) }
  try {
    const response = await send(url.href, { ...options, method: 'PUT', headers, body: picture })
    const answer = (await response.json().catch(() => ({}))) as FormattedExecutionResult & {
      avatarUrls?: AvatarUrls
    }
    if (answer.avatarUrls) return answer.avatarUrls
    throw fromErrors(answer.errors ?? [], null, response.status)
  } catch (error) {
    throw options.signal?.aborted ? error : explain(error)
  }
}
