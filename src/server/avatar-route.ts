import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config'
import type { Context } from '../context/context'
import { DAY, HOUR, SECOND } from '../core/clock'
import { ApiError, type ErrorCode } from '../core/error'
import { Gate } from '../core/gate'
import { anonymous, lacksConsent, requireSession } from '../core/viewer'
import type { Database } from '../db/database'
import type { Executor } from '../graphql/executor'
import {
  avatarProblem,
  drawSquares,
  MAX_AVATAR_BYTES,
  type AvatarProblem,
  type AvatarSquares,
} from '../modules/avatar/avatar-image'
import { AVATAR_SIZES, AVATAR_TYPE } from '../modules/avatar/avatar-size'
import { AvatarService, AVATARS_PATH } from '../modules/avatar/avatar.service'
import { ThrottleService } from '../modules/throttle/throttle.service'
import { clientAddress, trusting } from './client-address'
import { mayUseCookie, tokenOf } from './credentials'
import { refuse } from './http'
import type { Requests } from './requests'

/** Where one's own avatar is put. */
const UPLOAD_PATH = '/avatar'

/** How long a client that is refused may go on sending, in milliseconds: it reads the answer before the connection is closed. */
const PATIENCE = 2 * SECOND

/** How many uploads are held in memory at once, by one person and by all. */
const UPLOADS = { ofOne: 2, ofAll: 16 } as const

/** How long a picture may be kept: it never changes. What stands between asks again, and learns that somebody has removed it. */
const KEPT = `public, max-age=${(365 * DAY) / SECOND}, s-maxage=${HOUR / SECOND}, immutable`

const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  CONSENT_REQUIRED: 403,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
}

const STATUS_OF_PROBLEM: Partial<Record<AvatarProblem, number>> = {
  TOO_LARGE: 413,
  UNSUPPORTED_FORMAT: 415,
}

export interface AvatarRouteOptions {
  db: Database
  executor: Executor
  requests: Requests
  config: Config
}

/** Takes the pictures that people show of themselves, by PUT, and gives them to whoever has their address. */
export function serveAvatars(http: FastifyInstance, options: AvatarRouteOptions): void {
  void http.register(async (scope) => {
    // What a body is, its bytes say; they are read when it is known whose they are.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _body, done) => done(null, null))
    serveUploads(scope, options)
  })
  servePictures(http, options)
}

function serveUploads(scope: FastifyInstance, { executor, requests, config }: AvatarRouteOptions): void {
  const trusts = trusting(config.trustedProxies)
  // One at a time: decoding takes up to hundreds of megabytes, and its threads are those that hash passwords.
  const drawing = new Gate(1, 8, 5 * SECOND, 'Too many pictures are being drawn. Try again shortly.')
  const uploads = new Uploads()

  scope.put(UPLOAD_PATH, async (request, reply) => {
    let context: Context | undefined
    try {
      if (tokenOf(request.headers)?.fromCookie && !mayUseCookie(request, config))
        throw new ApiError('FORBIDDEN', 'Pages of other origins may not use the cookie.')
      const address = clientAddress(request.raw, trusts)
      context = await requests.contextOf({ headers: request.headers, requestId: request.id, address })
      await context.identify()
      const { userId } = requireSession(context.viewer)
      if (lacksConsent(context.viewer))
        throw new ApiError('CONSENT_REQUIRED', 'Agree first to what `viewer.missingConsents` names.')
      if (Number(request.headers['content-length']) > MAX_AVATAR_BYTES) throw avatarProblem('TOO_LARGE')
      const throttle = new ThrottleService(context.db)
      const squares = await uploads.count(userId, async () => {
        await throttle.tryAvatar(userId)
        const bytes = await readBody(request.raw, MAX_AVATAR_BYTES)
        return inTurn(drawing, () => drawSquares(bytes))
      })
      const avatars = context.use(AvatarService)
      const avatar = await avatars.change(squares)
      const urls = AVATAR_SIZES.map((size) => [size, avatars.urlOf(avatar, size)])
      return { avatarUrls: Object.fromEntries(urls) as Record<string, string> }
    } catch (error) {
      // An attempt that the trail must show, as those that the policy refuses.
      if (error instanceof ApiError && error.code === 'FORBIDDEN') context?.refusals.add(`PUT ${UPLOAD_PATH}`)
      return await answerError(request, reply, executor.mask(error, request.id).toJSON())
    } finally {
      if (context) requests.conclude(context)
    }
  })
}

/** Counts the uploads that are under way. */
class Uploads {
  private readonly ofOne = new Map<string, number>()
  private ofAll = 0

  /** @throws ApiError UNAVAILABLE where there are too many, RATE_LIMITED where they are all of one person. */
  async count(userId: string, work: () => Promise<AvatarSquares>): Promise<AvatarSquares> {
    const before = this.ofOne.get(userId) ?? 0
    if (before >= UPLOADS.ofOne)
      throw new ApiError('RATE_LIMITED', 'You are uploading pictures already.', { retryAfter: 5 })
    if (this.ofAll >= UPLOADS.ofAll) throw busy()
    this.ofAll++
    this.ofOne.set(userId, before + 1)
    try {
      return await work()
    } finally {
      this.ofAll--
      const left = this.ofOne.get(userId)! - 1
      if (left > 0) this.ofOne.set(userId, left)
      else this.ofOne.delete(userId)
    }
  }
}

const busy = (): ApiError =>
  new ApiError('UNAVAILABLE', 'Too many pictures are being uploaded. Try again shortly.', { retryAfter: 5 })

/** It is not this person who does too much. @throws ApiError UNAVAILABLE where too many wait, or for too long. */
async function inTurn<Result>(gate: Gate, work: () => Promise<Result>): Promise<Result> {
  let hasBegun = false
  try {
    return await gate.pass(() => {
      hasBegun = true
      return work()
    })
  } catch (error) {
    throw hasBegun ? error : busy()
  }
}

/** The body of a request. @throws ApiError where it is longer than so many bytes, which are all that is read. */
async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  try {
    // Left early, the iteration would close the connection before there is an answer.
    for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += part.length
      if (length > most) break
      parts.push(part)
    }
  } catch {
    throw new ApiError('BAD_USER_INPUT', 'The upload was cut off.')
  }
  if (length > most) throw avatarProblem('TOO_LARGE')
  return Buffer.concat(parts)
}

interface Told {
  message: string
  extensions?: Record<string, unknown>
}

/**
 * Answers, in the shape of all errors. A client that is still sending would not read an answer on a connection that is closed: what it
 * sends is let go for a moment, and then it is.
 */
async function answerError(request: FastifyRequest, reply: FastifyReply, error: Told): Promise<unknown> {
  const { code, problem, retryAfter } = error.extensions as {
    code: ErrorCode
    problem?: AvatarProblem
    retryAfter?: number
  }
  const status = problem ? (STATUS_OF_PROBLEM[problem] ?? 422) : (STATUS[code] ?? 500)
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter))
  const answer = { errors: [{ message: error.message, extensions: error.extensions }] }
  if (request.raw.complete) return reply.code(status).send(answer)
  reply.hijack()
  const body = JSON.stringify(answer)
  reply.raw.writeHead(status, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  })
  reply.raw.write(body)
  request.raw.resume()
  const ended = new Promise((resolve) => request.raw.once('end', resolve).once('close', resolve))
  await Promise.race([ended, sleep(PATIENCE, undefined, { ref: false })])
  reply.raw.end()
  return reply
}

/** A picture has no viewer: whoever has its address sees it, for as long as somebody shows it. */
function servePictures(http: FastifyInstance, { db, config }: AvatarRouteOptions): void {
  const trusts = trusting(config.trustedProxies)
  http.get<{ Params: { name: string } }>(`${AVATARS_PATH}/:name`, async (request, reply) => {
    const { name } = request.params
    const address = clientAddress(request.raw, trusts)
    const asStranger = db.as({ viewer: anonymous, requestId: request.id, address })
    const bytes = await new AvatarService(asStranger).read(name)
    if (bytes === null) return refuse(reply, 404, 'Nobody shows this picture, or not any more.', 'NOT_FOUND')
    reply.headers({
      'cache-control': KEPT,
      'cross-origin-resource-policy': 'cross-origin',
      etag: `"${name}"`,
    })
    if (request.headers['if-none-match'] === `"${name}"`) return reply.code(304).send()
    return reply.type(AVATAR_TYPE).send(bytes)
  })
}
