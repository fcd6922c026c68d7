import { setTimeout as sleep } from 'node:timers/promises'
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import WebSocket from 'ws'
import { commentOn } from '../support/content'
import { beginningOf } from '../support/follower'
import { until } from '../support/until'
import { useWorld } from '../support/world'

/** What the kernel keeps of what is sent to somebody who takes nothing is a few megabytes; this is several times as much. */
const COMMENTS = 300
const ALIASES = 10
const BODY = 'x'.repeat(9_900)

const world = useWorld()
const open: WebSocket[] = []
afterAll(() => open.forEach((socket) => socket.terminate()))

/** Follows a thread over a socket that can stop taking what comes: each event is told with its text many times over. */
function follow(post: { globalId: string }, after: string) {
  const socket = new WebSocket(world.url.replace(/^http/, 'ws'), GRAPHQL_TRANSPORT_WS_PROTOCOL)
  open.push(socket)
  const told: { cursor: string; text: string }[] = []
  const state = { told, socket, closed: null as number | null }
  const bodies = Array.from({ length: ALIASES }, (_, index) => `b${index}: body`).join(' ')
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })))
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as {
      type: string
      payload?: { data?: { threadChanged: { cursor: string; comment: { b0: string } } } }
    }
    if (message.type === 'connection_ack') {
      socket.send(
        JSON.stringify({
          id: '1',
          type: 'subscribe',
          payload: {
            query: `subscription ($id: ID!, $after: String) { threadChanged(postId: $id, after: $after) { cursor comment { ${bodies} } } }`,
            variables: { id: post.globalId, after },
          },
        }),
      )
    }
    const event = message.payload?.data?.threadChanged
    if (event) told.push({ cursor: event.cursor, text: event.comment.b0 })
  })
  socket.on('close', (code) => (state.closed = code))
  socket.on('error', () => undefined)
  return state
}

test('a follower who takes nothing is cut while others are told, and misses nothing by coming back with its cursor', async () => {
  // Whoever says a lot is slowed down, so it is many who say something.
  let author = await world.person()
  const post = await world.post()
  const beginning = beginningOf(`thread:${post.id}`)
  const [slow, quick] = [follow(post, beginning), follow(post, beginning)]
  const texts = ['The first.']
  await commentOn(world, post, author, { body: 'The first.' })
  await until(() => slow.told.length === 1 && quick.told.length === 1)

  slow.socket.pause()
  const before = process.memoryUsage()
  for (let count = 0; count < COMMENTS; count++) {
    texts.push(`${count} ${BODY}`)
    if (count % 10 === 0) author = await world.person()
    await commentOn(world, post, author, { body: texts.at(-1)! })
  }
  await until(() => quick.told.length === texts.length)
  const { external, arrayBuffers } = process.memoryUsage()
  process.stderr.write(
    `${(COMMENTS * ALIASES * BODY.length) / 1e6} MB were meant for a follower who took nothing; buffers grew by ${((external + arrayBuffers - before.external - before.arrayBuffers) / 1e6).toFixed(1)} MB.\n`,
  )
  // Two heartbeats go by without an answer.
  await sleep(26_000)
  slow.socket.resume()
  await until(() => slow.closed !== null)
  expect(slow.told.length).toBeLessThan(texts.length)
  expect(quick.closed).toBeNull()

  const again = follow(post, slow.told.at(-1)!.cursor)
  await until(() => slow.told.length + again.told.length >= texts.length)
  expect([...slow.told, ...again.told].map(({ text }) => text)).toEqual(texts)
})
