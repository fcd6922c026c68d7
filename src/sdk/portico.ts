import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { GraphQLClient } from 'graphql-request'
import { createClient, type Client } from 'graphql-ws/client'
import { putAvatar, type AvatarUrls, type Picture } from './avatar'
import { explain, PorticoError, RejectedError } from './error'
import { eventsOf } from './events'
import {
  operationsAlong,
  ReauthenticateDocument,
  type AuthenticationMethod,
  type Operations,
  type ReauthenticateInput,
  type Transport,
} from './generated/operations'
import type { CallOptions, Road } from './road'

export * from './generated/operations'
export * from './generated/preferences'
export { attributeInputs, attributeValues, type AttributeValues } from './attributes'
export { PorticoError, RejectedError, resultOf } from './error'
export { preferenceInputs, preferenceValues } from './preferences'
export type { AvatarUrls, Picture } from './avatar'
export type { CallOptions, List } from './road'

export interface PorticoOptions {
  /** Where Portico is, e.g. `https://api.example.com`; the path is `/graphql` where none is given. */
  url: string
  /** The token of an earlier sign-in. */
  token?: string
  /** `COOKIE` for pages in a browser: the token lives where scripts cannot read it. `BEARER` where nothing is said. */
  transport?: Transport
  /** Told of every new token, and of null after a sign-out: the place to keep it for the next start. */
  onToken?: (token: string | null) => void
  /**
   * Asked for a proof of identity where a call needs a fresh one: by a form, or a passkey. The call is then sent again by
   * itself; with null it fails with `REAUTHENTICATION_REQUIRED`. `methods` are the ways that serve.
   */
  onReauthenticate?: (methods: readonly AuthenticationMethod[]) => Promise<ReauthenticateInput | null>
  /** Replaces the global `fetch`. */
  fetch?: typeof fetch
  /** The class `WebSocket`, for subscriptions where there is no global one (Node before 22: `ws`). */
  webSocket?: unknown
}

export interface Portico extends Operations {
  /** What is sent as `Authorization: Bearer`; null for strangers and where a cookie carries it. */
  readonly token: string | null
  /**
   * Makes a picture (PNG, JPEG, WebP, GIF or AVIF, at most 8 MiB) the avatar of whoever is signed in. What is wrong with it stands in the
   * `problem` of the error.
   */
  uploadAvatar(picture: Picture, options?: Pick<CallOptions, 'signal'>): Promise<AvatarUrls>
  /** The data of an operation of your own. */
  request<Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: CallOptions,
  ): Promise<Data>
  /** The events of a subscription of your own, from now on. Leaving the loop ends it. */
  subscribe<Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): AsyncIterableIterator<Data>
}

/**
 * A client of Portico. Its methods answer what the operation asks for; a mutation's payload says in `userErrors` what its
 * user has to put right. Every other failure rejects with a `PorticoError`, whose `code` programs can switch on. The token
 * of a sign-in is sent from then on, and forgotten at sign-out.
 */
export function createPortico(options: PorticoOptions): Portico {
  const url = new URL(options.url)
  if (url.pathname === '/') url.pathname = '/graphql'
  let token = options.token ?? null

  const authorization = (): Record<string, string> =>
    token === null ? {} : { authorization: `Bearer ${token}` }
  const http = new GraphQLClient(url.href, {
    headers: authorization,
    ...(options.fetch && { fetch: options.fetch }),
    ...(options.transport === 'COOKIE' && { credentials: 'include' }),
  })

  const keep = (changed: string | null) => {
    token = changed
    options.onToken?.(changed)
  }
  const keepTokenOf = (data: object) => {
    if ('signOut' in data) return keep(null)
    for (const answer of Object.values(data) as ({ session?: unknown; token?: unknown } | null)[]) {
      if (answer?.session && typeof answer.token === 'string') keep(answer.token)
    }
  }

  const send = async <Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    { signal, idempotencyKey }: CallOptions = {},
  ): Promise<Data> => {
    try {
      const data = await http.request<Data>({
        document,
        variables,
        ...(signal && { signal }),
        ...(idempotencyKey && { requestHeaders: { 'idempotency-key': idempotencyKey } }),
      })
      keepTokenOf(data as object)
      return data
    } catch (error) {
      throw signal?.aborted ? error : explain(error)
    }
  }

  // One proof serves all calls that wait for it.
  let proving: Promise<boolean> | null = null
  const prove = async ({ methods }: PorticoError): Promise<boolean> => {
    const input = await options.onReauthenticate?.(methods)
    if (!input) return false
    const { reauthenticate } = await send(ReauthenticateDocument, { input })
    if (reauthenticate && reauthenticate.userErrors.length > 0)
      throw new RejectedError(reauthenticate.userErrors)
    return true
  }

  const request: typeof send = async (document, variables, callOptions) => {
    try {
      return await send(document, variables, callOptions)
    } catch (error) {
      if (!(error instanceof PorticoError) || error.code !== 'REAUTHENTICATION_REQUIRED') throw error
      proving ??= prove(error).finally(() => (proving = null))
      if (!(await proving)) throw error
      return send(document, variables, callOptions)
    }
  }

  let sockets: Client | undefined
  const listen: Road['listen'] = (document, variables, take) => {
    sockets ??= createClient({
      url: url.href.replace(/^http/, 'ws'),
      connectionParams: authorization,
      webSocketImpl: options.webSocket,
    })
    return eventsOf(
      sockets,
      { query: print(document), variables: variables as Record<string, unknown> },
      take,
    )
  }

  const road: Road = {
    transport: options.transport,
    send: async (document, variables, callOptions, take) =>
      take(await request(document, variables, callOptions)),
    listen,
  }

  const operations = operationsAlong(road)
  let rotating: ReturnType<Operations['rotateSession']> | undefined
  return {
    ...operations,
    // Whoever asks while one is under way gets its token: two at once would each supersede what the other keeps.
    rotateSession: (callOptions) =>
      (rotating ??= operations.rotateSession(callOptions).finally(() => (rotating = undefined))),
    get token() {
      return token
    },
    uploadAvatar: (picture, { signal } = {}) =>
      putAvatar(options.fetch ?? fetch, new URL('/avatar', url), picture, {
        headers: authorization(),
        ...(signal && { signal }),
        ...(options.transport === 'COOKIE' && { credentials: 'include' }),
      }),
    request,
    subscribe: (document, variables) => listen(document, variables, (data) => data),
  }
}
