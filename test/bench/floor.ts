import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Pool, types } from 'pg'
import { newId, type Id } from '../../src/core/id'
import { open, seal } from '../../src/crypto/cipher'
import { loadKeyring } from '../../src/crypto/keyring'
import { hashToken } from '../../src/crypto/token'

/*
 * The floor under every answer: what the same data costs on the same database with node:http, a session that is looked
 * up once, prepared statements and JSON put together by hand. No schema, no policy, no limits, no log. Only the
 * cryptography is Portico's own.
 */

const keyring = loadKeyring({ file: process.env.KEYRING, generateIfMissing: false })
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 20 })

const TIMESTAMPTZ = 1184
types.setTypeParser(TIMESTAMPTZ, (text) => new Date(`${text.replace(' ', 'T')}:00`).toISOString())

/** A statement that each connection prepares once. Rows come as arrays, in the order of its columns. */
function statement<Row extends unknown[]>(name: string, text: string) {
  return async (...values: unknown[]): Promise<Row[]> =>
    (await pool.query<Row>({ name, text, values, rowMode: 'array' })).rows
}

const findSession = statement<[sessionId: Id, userId: Id, username: string, permissions: string[]]>(
  'session',
  `SELECT s.id, u.id, u.username, (
     SELECT array_agg(DISTINCT permission) FROM role_grants g JOIN roles r ON r.id = g.role_id, unnest(r.permissions) permission
     WHERE g.user_id = u.id AND (g.expires_at IS NULL OR g.expires_at > now()))
   FROM sessions s JOIN users u ON u.id = s.user_id
   WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > now() AND u.status = 'active'`,
)

const findUser = statement<[string, string, string | null, string, string, string, number]>(
  'user',
  'SELECT username, display_name, bio, locale, time_zone, created_at, version FROM users WHERE id = $1',
)

const findPosts = statement<[Id, string, string, string, string[], string, Id, string, string]>(
  'posts',
  `SELECT p.id, p.slug, p.title, p.body, p.tags, p.published_at, u.id, u.username, u.display_name
   FROM posts p JOIN users u ON u.id = p.author_id
   WHERE p.status = 'published' AND p.deleted_at IS NULL
   ORDER BY p.published_at DESC, p.id DESC LIMIT 21`,
)

const findUsers = statement<
  [Id, string, string, string, string | null, string, Id | null, Buffer | null, Buffer | null]
>(
  'users',
  `SELECT u.id, u.username, u.display_name, u.status, u.last_seen_at, u.created_at, e.id, e.address, k.wrapped
   FROM (SELECT id FROM user_search ORDER BY created_at DESC, id DESC LIMIT 101) found JOIN users u ON u.id = found.id
     LEFT JOIN emails e ON e.user_id = u.id AND e.is_primary LEFT JOIN data_keys k ON k.owner_id = u.id
   ORDER BY u.created_at DESC, u.id DESC`,
)

const findDataKey = statement<[Buffer]>('key', 'SELECT wrapped FROM data_keys WHERE owner_id = $1')

/** One statement is one transaction: the post and its two events stand or fall together. */
const addPost = statement(
  'post',
  `WITH post AS (
     INSERT INTO posts (id, author_id, slug, title, body, tags, status, published_at, created_at, updated_at, version)
     VALUES ($1, $2, $3, $4, $5, $6, 'published', $7, $7, $7, 1))
   INSERT INTO audit_events (id, occurred_at, action, outcome, actor_id, subject_id, owner_id, session_id, target, request_id, address, details, is_security_event)
   VALUES ($8, $7, 'post.created', 'success', $2, $2, $2, $9, $10, $11, $12, '{}', false),
          ($13, $7, 'post.published', 'success', $2, $2, $2, $9, $10, $11, $14, '{}', false)`,
)

interface Viewer {
  sessionId: Id
  userId: Id
  username: string
  permissions: string[]
}

const viewers = new Map<string, Promise<Viewer | null>>()

function viewerOf(token: string): Promise<Viewer | null> {
  let viewer = viewers.get(token)
  if (!viewer) {
    viewer = findSession(hashToken(token)).then(([row]) =>
      row ? { sessionId: row[0], userId: row[1], username: row[2], permissions: row[3] } : null,
    )
    viewers.set(token, viewer)
  }
  return viewer
}

const quoted = JSON.stringify

function pageInfo(hasNextPage: boolean, list: string, at: string, id: Id): string {
  const cursor = Buffer.from(quoted([list, Date.parse(at), id])).toString('base64url')
  return `"pageInfo":{"hasNextPage":${hasNextPage},"endCursor":"${cursor}"}`
}

async function feed(): Promise<string> {
  const found = await findPosts()
  const rows = found.slice(0, 20)
  const edges = rows.map(
    ([id, slug, title, body, tags, publishedAt, userId, username, displayName]) =>
      `{"node":{"id":"${globalId('post', id)}","slug":${quoted(slug)},"title":${quoted(title)},"body":${quoted(body)},"tags":${quoted(tags)}` +
      `,"publishedAt":"${publishedAt}","author":{"id":"${globalId('user', userId)}","username":${quoted(username)},"displayName":${quoted(displayName)}}}}`,
  )
  const last = rows.at(-1)!
  return `{"data":{"posts":{"edges":[${edges.join(',')}],${pageInfo(found.length > 20, 'post-publishedAt,id', last[5], last[0])}}}}`
}

async function profile({ userId }: Viewer): Promise<string> {
  const [row] = await findUser(userId)
  const [username, displayName, bio, locale, timeZone, createdAt, version] = row!
  return (
    `{"data":{"viewer":{"id":"${globalId('user', userId)}","username":${quoted(username)},"displayName":${quoted(displayName)},"bio":${quoted(bio)}` +
    `,"locale":${quoted(locale)},"timeZone":${quoted(timeZone)},"createdAt":"${createdAt}","version":${version}}}}`
  )
}

async function users({ permissions }: Viewer): Promise<string> {
  if (!permissions.includes('users:read')) return '{"errors":[]}'
  const readsContact = permissions.includes('users:read-contact')
  const found = await findUsers()
  const rows = found.slice(0, 100)
  const edges = rows.map(([id, username, displayName, status, lastSeenAt, , emailId, address, wrapped]) => {
    const email =
      readsContact && emailId && address && wrapped
        ? open(keyring.unwrap(wrapped, id), address, `emails.address:${emailId}:${id}`).toString('utf8')
        : null
    return (
      `{"node":{"id":"${globalId('user', id)}","username":${quoted(username)},"displayName":${quoted(displayName)},"email":${quoted(email)}` +
      `,"status":"${status.toUpperCase()}","lastSeenAt":${quoted(lastSeenAt)}}}`
    )
  })
  const last = rows.at(-1)!
  return `{"data":{"users":{"edges":[${edges.join(',')}],${pageInfo(found.length > 100, 'user-createdAt,id', last[5], last[0])}}}}`
}

async function createPost(
  { sessionId, userId, username }: Viewer,
  request: IncomingMessage,
): Promise<string> {
  const { title, body, tags } = JSON.parse(await textOf(request)) as {
    title: string
    body: string
    tags: string[]
  }
  const [id, createdId, publishedId] = [newId(), newId(), newId()]
  const now = new Date().toISOString()
  const words = title.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const slug = `${words}-${randomBytes(5).toString('hex')}`
  const post = globalId('post', id)
  const [row] = await findDataKey(userId)
  const key = keyring.unwrap(row![0], userId)
  const address = (eventId: Id) =>
    seal(key, request.socket.remoteAddress!, `audit_events.address:${eventId}:${userId}`)
  const requestId = `req_${randomBytes(12).toString('base64url')}`
  await addPost(
    id,
    userId,
    slug,
    title,
    body,
    tags,
    now,
    createdId,
    sessionId,
    post,
    requestId,
    address(createdId),
    publishedId,
    address(publishedId),
  )
  return (
    `{"data":{"createPost":{"post":{"id":"${post}","slug":${quoted(slug)},"title":${quoted(title)},"tags":${quoted(tags)},"status":"PUBLISHED"` +
    `,"publishedAt":"${now}","version":1,"author":{"username":${quoted(username)}}},"userErrors":[]}}}`
  )
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz'

/** The TypeID of a UUID: 128 bits as 26 characters of Crockford's base 32, two zero bits in front. */
function globalId(kind: string, id: Id): string {
  const hex = id.replaceAll('-', '')
  let text = BASE32[parseInt(hex.slice(0, 2), 16) >> 5]! + BASE32[parseInt(hex.slice(0, 2), 16) & 31]!
  // Five bytes are eight characters; what is left after the first byte are three times five.
  for (let start = 2; start < 32; start += 10) {
    const high = parseInt(hex.slice(start, start + 5), 16)
    const low = parseInt(hex.slice(start + 5, start + 10), 16)
    for (let shift = 15; shift >= 0; shift -= 5) text += BASE32[(high >> shift) & 31]!
    for (let shift = 15; shift >= 0; shift -= 5) text += BASE32[(low >> shift) & 31]!
  }
  return `${kind}_${text}`
}

async function answer(request: IncomingMessage): Promise<string> {
  if (request.url === '/health/ready') return '{}'
  const viewer = await viewerOf(request.headers.authorization?.slice('Bearer '.length) ?? '')
  if (!viewer) return '{"errors":[]}'
  if (request.url === '/feed') return feed()
  if (request.url === '/viewer') return profile(viewer)
  if (request.url === '/users') return users(viewer)
  return createPost(viewer, request)
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

createServer((request, response) => {
  answer(request).then(
    (text) => send(response, 200, text),
    (error: unknown) => send(response, 500, quoted({ errors: [String(error)] })),
  )
}).listen(Number(process.env.PORT), '127.0.0.1')
