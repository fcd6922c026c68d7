import { getOperationAST, GraphQLError, specifiedRules, validate, type ExecutionArgs } from 'graphql'
import { CloseCode, type SubscribePayload } from 'graphql-ws'
import { useServer, type Extra } from 'graphql-ws/use/ws'
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Context } from '../context/context'
import { ApiError } from '../core/error'
import type { Id } from '../core/id'
import type { PubSub } from '../db/pub-sub'
import type { Executor } from '../graphql/executor'
import { documentLimits } from '../graphql/limits/document-limits'
import { parseDocument } from '../graphql/limits/limits'
import { SESSION_ENDED } from '../modules/session/session.service'
import { isTrustedOrigin } from './credentials'
import { newRequestId, type Requests } from './requests'

export interface SocketOptions {
  path: string
  executor: Executor
  requests: Requests
  pubSub: PubSub
  publicUrl: string
  corsOrigins: readonly string[]
}

/** What is known of one socket once it has said who it is. */
interface SocketState extends Extra, Partial<Record<PropertyKey, unknown>> {
  headers?: IncomingHttpHeaders
  sessionId?: Id | null
}

const MAX_MESSAGE_BYTES = 100 * 1024

/**
 * Subscriptions over the graphql-transport-ws protocol, on the path of the API. The same executor, limits and policy as
 * over HTTP; nothing but subscriptions; and a socket lives no longer than the session that opened it.
 */
export function attachSockets(server: Server, { path, executor, requests, pubSub, publicUrl, corsOrigins }: SocketOptions) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })
  const open = new Set<SocketState>()

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const { origin } = request.headers
    if (request.url?.split('?')[0] !== path) return refuse(stream, '404 Not Found')
    // A page of a stranger must not open a socket with the cookie of the person who visits it.
    if (origin !== undefined && !isTrustedOrigin(origin, publicUrl, corsOrigins)) return refuse(stream, '403 Forbidden')
    sockets.handleUpgrade(request, stream, head, (socket) => sockets.emit('connection', socket, request))
  })

  const contextOf = (state: SocketState): Promise<Context> =>
    requests.contextOf({
      headers: state.headers ?? {},
      requestId: newRequestId(),
      address: state.request.socket.remoteAddress ?? null,
    })

  const served = useServer<Record<string, unknown>, SocketState>(
    {
      schema: executor.schema,
      connectionInitWaitTimeout: 5_000,
      onConnect: async ({ connectionParams, extra }) => {
        extra.headers = headersOf(extra.request, connectionParams)
        const { viewer } = await contextOf(extra)
        extra.sessionId = viewer.kind === 'signed-in' ? viewer.sessionId : null
        open.add(extra)
      },
      onClose: ({ extra }) => {
        open.delete(extra)
      },
      onSubscribe: async ({ extra }, _id, payload) => {
        const context = await contextOf(extra)
        try {
          return { schema: executor.schema, contextValue: context, state: extra, ...admitted(executor, payload) }
        } catch (error) {
          const errors = error instanceof Refused ? error.errors : [error as GraphQLError]
          return errors.map((each) => executor.mask(each, context.caller.requestId))
        }
      },
      // graphql-ws keeps the socket's state to itself here, so the arguments carry it.
      subscribe: ((args: ExecutionArgs & { state: SocketState }) => {
        const context = args.contextValue as Context
        return executor
          .subscribe(
            { document: args.document, operationName: args.operationName, variables: args.variableValues as Record<string, unknown> },
            context,
            () => contextOf(args.state),
          )
          .finally(() => requests.conclude(context))
      }) as never,
      onError: (_context, _id, _payload, errors) => errors.map((error) => error.toJSON()),
    },
    sockets,
    12_000,
  )

  const close = (state: SocketState) => state.socket.close(CloseCode.Unauthorized, 'The session has ended.')
  const unsubscribe = pubSub.subscribe(SESSION_ENDED, ({ sessionId }) => {
    for (const state of open) if (state.sessionId === sessionId) close(state)
  })
  // What was sent while the connection was away is lost: ask again for every socket.
  const unsubscribeReconnect = pubSub.onReconnect(() => {
    for (const state of open) {
      if (!state.sessionId) continue
      void contextOf(state).then(({ viewer }) => {
        if (viewer.kind !== 'signed-in' || viewer.sessionId !== state.sessionId) close(state)
      }, () => close(state))
    }
  })

  return {
    stop: async () => {
      unsubscribe()
      unsubscribeReconnect()
      await served.dispose()
    },
  }
}

class Refused extends Error {
  constructor(readonly errors: readonly GraphQLError[]) {
    super('The operation was refused.')
  }
}

/** The same way in as over HTTP: parsed, validated, clean and affordable. */
function admitted(executor: Executor, { query, operationName, variables }: SubscribePayload) {
  const document = parseDocument(query)
  const errors = validate(executor.schema, document, [...specifiedRules, documentLimits], { maxErrors: 10, hideSuggestions: true })
  if (errors.length > 0) throw new Refused(errors)
  if (getOperationAST(document, operationName)?.operation !== 'subscription') {
    throw new ApiError('BAD_USER_INPUT', 'This socket takes subscriptions; send queries and mutations by HTTP.')
  }
  executor.admit({ document, operationName, variables })
  return { document, operationName, variableValues: variables }
}

/** A browser sends its cookie with the upgrade; others put `authorization` into the connection's parameters. */
function headersOf(request: IncomingMessage, parameters: Record<string, unknown> | undefined): IncomingHttpHeaders {
  const given = parameters?.authorization ?? parameters?.Authorization
  return typeof given === 'string' ? { ...request.headers, authorization: given } : request.headers
}

function refuse(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
