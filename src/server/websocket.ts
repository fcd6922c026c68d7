import { handleProtocols, type Server as Protocol } from 'graphql-ws'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { SECOND } from '../core/clock'
import { answerBare } from './headers'

const MAX_MESSAGE_BYTES = 100 * 1024

/** How often a socket has to show that it is still there, in milliseconds. */
const HEARTBEAT = 12 * SECOND

/** How long the other side may take to say goodbye, in milliseconds. */
const FAREWELL = SECOND

/** What a protocol server knows of the socket that it speaks on. */
export interface Connection {
  socket: WebSocket
  request: IncomingMessage
}

export interface WebSocketOptions<State extends Connection> {
  path: string
  /** Whether the page that opens the socket may do so. */
  isWelcome: (request: IncomingMessage) => boolean
  protocol: Protocol<State>
  open: (connection: Connection) => State
}

/** Opens WebSockets on one path of a server and lets a graphql-transport-ws protocol server speak on them. */
export function acceptSockets<State extends Connection>(
  server: Server,
  { path, isWelcome, protocol, open }: WebSocketOptions<State>,
): { stop: () => Promise<void> } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  })
  sockets.on('wsClientError', (_error, stream) => answerBare(stream, '400 Bad Request'))

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Node listens for errors no more, and one that nobody listens for ends the process.
    stream.on('error', () => stream.destroy())
    if (request.url?.split('?')[0] !== path) return answerBare(stream, '404 Not Found')
    if (!isWelcome(request)) return answerBare(stream, '403 Forbidden')
    sockets.handleUpgrade(request, stream, head, (socket) => speak(socket, request))
  }
  server.on('upgrade', upgrade)

  const alive = new WeakSet<WebSocket>()
  const heartbeat = setInterval(() => {
    for (const socket of sockets.clients) {
      if (alive.delete(socket)) socket.ping()
      else socket.terminate()
    }
  }, HEARTBEAT).unref()

  function speak(socket: WebSocket, request: IncomingMessage): void {
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) =>
          new Promise((resolve, reject) => {
            if (socket.readyState !== socket.OPEN) resolve()
            else socket.send(text, (error) => (error ? reject(error) : resolve()))
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => {
          socket.on('message', (data: Buffer) => void handle(data.toString()).catch(() => socket.terminate()))
        },
      },
      open({ socket, request }),
    )
    alive.add(socket)
    socket.on('pong', () => alive.add(socket))
    // `ws` closes the socket itself, and says why.
    socket.on('error', () => undefined)
    socket.once('close', (code, reason) => void closed(code, String(reason)))
  }

  return {
    stop: async () => {
      clearInterval(heartbeat)
      server.off('upgrade', upgrade)
      for (const socket of sockets.clients) socket.close(1001, 'Going away')
      const cut = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), FAREWELL)
      await new Promise((resolve) => sockets.close(resolve))
      clearTimeout(cut)
    },
  }
}
