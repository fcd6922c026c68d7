import type { GraphQLError } from 'graphql'
import { getOperationAST, specifiedRules, validate, type ExecutionArgs } from 'graphql'
import { CloseCode, makeServer, type SubscribePayload } from 'graphql-ws'
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http'
import type { Config } from '../config/config'
import type { Context } from '../context/context'
import { SharedLoaders } from '../context/shared-loaders'
import { MINUTE, SECOND } from '../core/clock'
import { ApiError } from '../core/error'
import { accessTokenIdOf, type SignedIn } from '../core/viewer'
import type { PubSub } from '../db/pub-sub'
import type { Executor } from '../graphql/executor'
import { documentLimits } from '../graphql/limits/document-limits'
import { parseDocument } from '../graphql/limits/limits'
import { ACCESS_TOKEN_REVOKED } from '../modules/access-token/access-token.service'
import { SESSION_ENDED } from '../modules/session/session.service'
import { USER_CHANGED } from '../modules/user/user.service'
import { clientAddress, trusting } from './client-address'
import { isTrustedOrigin } from './credentials'
import { newRequestId, type Origin, type Requests } from './requests'
import { acceptSockets, type Connection } from './websocket'

export interface SocketOptions {
  path: string
  executor: Executor
  requests: Requests
  pubSub: PubSub
  config: Config
}

/** What is known of one socket. */
interface State extends Connection {
  /** Who opened it, as they were then; null for a stranger. A session that gets a new token keeps its sockets. */
  holder: SignedIn | null
}

/** Subscriptions that one socket may hold at a time. */
const MAX_SUBSCRIPTIONS = 20

/** How often the sessions and access tokens behind sockets are looked up: nobody announces that one has expired. In milliseconds. */
const RECHECK = MINUTE

/** RFC 6455 has no code for this; it is registered with IANA. */
const TRY_AGAIN_LATER = 1013

/**
 * Subscriptions over the graphql-transport-ws protocol, on the path of the API. The same executor, limits and policy as
 * over HTTP; nothing but subscriptions; and a socket lives no longer than the session or the access token that opened it.
 */
export function attachSockets(server: Server, { path, executor, requests, pubSub, config }: SocketOptions) {
  const trusts = trusting(config.trustedProxies)
  /** What is the same for all who are told of an event, asked for once. */
  const shared = new SharedLoaders()
  /** The sockets of people who are signed in. */
  const held = new Set<State>()

  /** @throws GraphQLError that can be shown as it stands. */
  async function contextOf({ request, holder }: State): Promise<Context> {
    const origin = originOf(request)
    try {
      return await requests.contextOfHolder(origin, holder)
    } catch (error) {
      throw executor.mask(error, origin.requestId)
    }
  }

  const originOf = (request: IncomingMessage, headers = request.headers): Origin => ({
    headers,
    requestId: newRequestId(),
    address: clientAddress(request, trusts),
  })

  const accepted = acceptSockets<State>(server, {
    path,
    // A page of a stranger must not open a socket with the cookie of the person who visits it.
    isWelcome: ({ headers: { origin } }) => origin === undefined || isTrustedOrigin(origin, config),
    open: (connection) => ({ ...connection, holder: null }),
    protocol: makeServer<Record<string, unknown>, State>({
      connectionInitWaitTimeout: 5 * SECOND,
      onConnect: async ({ connectionParams, extra: state }) => {
        const { request } = state
        try {
          state.holder = await requests.holderOf(originOf(request, headersOf(request, connectionParams)))
          // Whoever has left meanwhile would be held for ever.
          if (state.holder === null || state.socket.readyState !== state.socket.OPEN) return
          held.add(state)
          // Its end may have been announced between the look-up and now.
          await recheck(state)
        } catch {
          state.socket.close(TRY_AGAIN_LATER, 'Try again shortly.')
        }
      },
      onClose: ({ extra: state }) => {
        held.delete(state)
      },
      onSubscribe: async ({ extra: state, subscriptions }, _id, payload) => {
        try {
          const context = await contextOf(state)
          const admission = admitted(executor, payload, Object.keys(subscriptions).length)
          return { schema: executor.schema, contextValue: context, state, ...admission }
        } catch (error) {
          const errors = error instanceof Refused ? error.errors : [error]
          return errors.map((each) => executor.mask(each, newRequestId()))
        }
      },
      // The protocol server keeps the socket's state to itself here, so the arguments carry it.
      subscribe: (async ({
        document,
        operationName,
        variableValues,
        state,
        ...args
      }: ExecutionArgs & { state: State }) => {
        const context = args.contextValue as Context
        const operation = { document, operationName, variables: variableValues as Record<string, unknown> }
        try {
          return await executor.subscribe(operation, context, async () =>
            (await contextOf(state)).sharing(shared),
          )
        } finally {
          requests.conclude(context)
        }
      }) as never,
      onError: (_context, _id, _payload, errors) =>
        errors.map((error) => executor.mask(error, newRequestId()).toJSON()),
    }),
  })

  const end = ({ socket }: State) => socket.close(CloseCode.Unauthorized, 'The session has ended.')

  /** Closes a socket whose session or access token has ended; also where that cannot be found out. */
  async function recheck(state: State): Promise<void> {
    const isOpen = await requests.isOpen(state.holder!).catch(() => false)
    if (!isOpen) end(state)
  }
  const recheckAll = () => held.forEach((state) => void recheck(state))

  const timer = setInterval(recheckAll, RECHECK).unref()
  const unsubscribe = [
    pubSub.subscribe(SESSION_ENDED, ({ sessionId }) => {
      for (const state of held) if (state.holder?.sessionId === sessionId) end(state)
    }),
    pubSub.subscribe(ACCESS_TOKEN_REVOKED, ({ accessTokenId }) => {
      for (const state of held)
        if (state.holder && accessTokenIdOf(state.holder) === accessTokenId) end(state)
    }),
    pubSub.subscribe(USER_CHANGED, ({ userId }) => {
      for (const state of held) if (state.holder?.userId === userId) void recheck(state)
    }),
    // What was announced while the connection was away, nobody has heard.
    pubSub.onReconnect(recheckAll),
  ]

  return {
    stop: async () => {
      clearInterval(timer)
      unsubscribe.forEach((one) => one())
      await accepted.stop()
    },
  }
}

class Refused extends Error {
  constructor(readonly errors: readonly GraphQLError[]) {
    super('The operation was refused.')
  }
}

/** The same way in as over HTTP: parsed, validated, clean and affordable. `open` counts this subscription too. */
function admitted(executor: Executor, { query, operationName, variables }: SubscribePayload, open: number) {
  if (open > MAX_SUBSCRIPTIONS) {
    throw new ApiError('QUERY_TOO_EXPENSIVE', `A socket holds at most ${MAX_SUBSCRIPTIONS} subscriptions.`)
  }
  const document = parseDocument(query)
  const errors = validate(executor.schema, document, [...specifiedRules, documentLimits], {
    maxErrors: 10,
    hideSuggestions: true,
  })
  if (errors.length > 0) throw new Refused(errors)
  if (getOperationAST(document, operationName)?.operation !== 'subscription') {
    throw new ApiError(
      'BAD_USER_INPUT',
      'This socket takes subscriptions; send queries and mutations by HTTP.',
    )
  }
  executor.admit({ document, operationName, variables })
  return { document, operationName, variableValues: variables }
}

/** A browser sends its cookie with the upgrade; others put `authorization` into the connection's parameters. */
function headersOf(
  request: IncomingMessage,
  parameters: Record<string, unknown> | undefined,
): IncomingHttpHeaders {
  const given = parameters?.authorization ?? parameters?.Authorization
  return typeof given === 'string' ? { ...request.headers, authorization: given } : request.headers
}
