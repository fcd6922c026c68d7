import type { Clock } from '../core/clock'
import { SECOND } from '../core/clock'
import type { Message, PubSub } from '../db/pub-sub'
import { accessTokenIdOf, type Recognised, type SignedIn } from '../core/viewer'
import { ACCESS_TOKEN_REVOKED } from '../modules/access-token/access-token.service'
import { CONSENTS_CHANGED } from '../modules/consent/consents-changed'
import { PERMISSIONS_CHANGED } from '../modules/role/permissions-changed'
import { SESSION_ENDED, SESSION_RENEWED } from '../modules/session/session.service'
import { USER_CHANGED } from '../modules/user/user.service'

/** How long an answer of the database is used again at most, in milliseconds: also when no message came of its change. */
const MAX_AGE = SECOND

/** How many answers are kept; the oldest make room. */
const MAX_ENTRIES = 10_000

interface Entry {
  recognised: Recognised
  /** By the clock that never jumps; see `MAX_AGE`. */
  askedAt: number
  /** By the clock of the application, whose time limits sessions and grants. */
  from: Date
}

/** Whether this is the viewer, or whoever acts as them. */
const isOneOf = (viewer: SignedIn, userId: unknown): boolean =>
  viewer.userId === userId || viewer.impersonator?.userId === userId

/** Whose entries a message concerns; what a message leaves out, it leaves open. */
const CONCERNS: Record<string, (message: Message, entry: Recognised) => boolean> = {
  [SESSION_ENDED]: ({ sessionId }, { viewer }) => viewer.sessionId === sessionId,
  [SESSION_RENEWED]: ({ sessionId }, { viewer }) => viewer.sessionId === sessionId,
  [ACCESS_TOKEN_REVOKED]: ({ accessTokenId }, { viewer }) => accessTokenIdOf(viewer) === accessTokenId,
  [CONSENTS_CHANGED]: ({ userId }, { viewer }) => isOneOf(viewer, userId),
  [USER_CHANGED]: ({ userId }, { viewer }) => isOneOf(viewer, userId),
  [PERMISSIONS_CHANGED]: ({ userId }, { viewer }) => userId === null || isOneOf(viewer, userId),
}

/**
 * Whom tokens stand for, remembered for less than a second, so that the requests of one screen ask the database once.
 *
 * What is remembered is what the database answered, and it is forgotten exactly when that changes:
 * - Each change of a session or an access token, of a person's status, consents or of what they may do is announced in its own transaction. This process
 *   hears of its own before it answers whoever made it (`hear`), of others' over LISTEN.
 * - An answer may be older than a message that came while it was under way. `changes` counts the messages: an answer is kept
 *   only if none came between question and answer. PostgreSQL delivers a message after the commit of which it tells, so a
 *   question asked after it sees the change, and an answer kept before it is removed by it.
 * - While nothing can be heard, nothing is kept and nothing is used; what was kept until then is forgotten, for messages may
 *   have been lost since the connection broke. One that breaks unnoticed costs a second.
 * - What time alone changes (`Recognised.until`) is compared with the clock at every use.
 *
 * Mutations and sockets do not ask here.
 */
export class ViewerCache {
  private readonly entries = new Map<string, Entry>()
  private readonly unsubscribe: (() => void)[]
  private changes = 0

  constructor(
    private readonly pubSub: PubSub,
    private readonly clock: Clock,
    private readonly monotonic: () => number = () => performance.now(),
  ) {
    this.unsubscribe = [
      ...Object.keys(CONCERNS).map((topic) =>
        pubSub.subscribe(topic, (message) => this.hear(topic, message)),
      ),
      pubSub.onLoss(() => this.forgetAll()),
      pubSub.onReconnect(() => this.forgetAll()),
    ]
  }

  get size(): number {
    return this.entries.size
  }

  /** What is known of this token, by its hash; null where the database has to be asked. */
  recall(tokenHash: Buffer): Recognised | null {
    const key = keyOf(tokenHash)
    const entry = this.entries.get(key)
    if (!entry || !this.pubSub.isListening) return null
    const now = this.clock.now()
    const isFresh = this.monotonic() - entry.askedAt < MAX_AGE
    if (isFresh && entry.from <= now && now < entry.recognised.until) return entry.recognised
    this.entries.delete(key)
    return null
  }

  /** Asks the database by way of `ask`, and remembers what it answers if that can still be so. */
  async learn(tokenHash: Buffer, ask: () => Promise<Recognised | null>): Promise<Recognised | null> {
    const { changes } = this
    const [askedAt, from] = [this.monotonic(), this.clock.now()]
    const recognised = await ask()
    if (recognised && changes === this.changes && this.pubSub.isListening) {
      const key = keyOf(tokenHash)
      // Deleted first, so that the order of the map is that of the questions.
      this.entries.delete(key)
      if (this.entries.size >= MAX_ENTRIES) this.entries.delete(this.entries.keys().next().value!)
      this.entries.set(key, { recognised, askedAt, from })
    }
    return recognised
  }

  /** Forgets what a message says has changed, and what is being asked for at this moment. */
  hear(topic: string, message: Message): void {
    const concerns = CONCERNS[topic]
    if (!concerns) return
    this.changes++
    for (const [key, { recognised }] of this.entries)
      if (concerns(message, recognised)) this.entries.delete(key)
  }

  stop(): void {
    this.unsubscribe.forEach((unsubscribe) => unsubscribe())
    this.forgetAll()
  }

  private forgetAll(): void {
    this.changes++
    this.entries.clear()
  }
}

const keyOf = (tokenHash: Buffer): string => tokenHash.toString('base64')
