import fc from 'fast-check'
import type { Caller } from '../../src/core/caller'
import { DAY, HOUR, later, MINUTE, SECOND, type Clock } from '../../src/core/clock'
import type { Id } from '../../src/core/id'
import { requireSession, type InSession } from '../../src/core/viewer'
import { hashToken } from '../../src/crypto/token'
import { Database } from '../../src/db/database'
import { PubSub } from '../../src/db/pub-sub'
import { Role } from '../../src/modules/role/role.entity'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import { EndReason } from '../../src/modules/session/end-reason'
import { SessionService } from '../../src/modules/session/session.service'
import { TokenRepository } from '../../src/modules/session/token.repository'
import { Transport } from '../../src/modules/session/transport'
import { UserService } from '../../src/modules/user/user.service'
import { ViewerCache } from '../../src/server/viewer-cache'
import type { World } from './world'

/* The life of a person's sessions, twice: as a few lines that anybody can check by reading, and as it really is. */

/** A token as the model knows it. */
interface Token {
  text: string
  session: Session
  supersededAt: number | null
  isVoid: boolean
}

interface Session {
  id: Id
  createdAt: number
  expiresAt: number
  lastSeenAt: number
  authenticatedAt: number
  hasEnded: boolean
}

/** What must be true, said without a database. Times are in milliseconds. */
class Model {
  now = 0
  isSuspended = false
  isStaff = false
  readonly sessions: Session[] = []
  readonly tokens: Token[] = []

  isAlive(token: Token): boolean {
    const { session } = token
    const works =
      token.supersededAt === null || (!token.isVoid && this.now < token.supersededAt + 10 * SECOND)
    const { idle, absolute } = this.isStaff
      ? { idle: HOUR, absolute: DAY }
      : { idle: 14 * DAY, absolute: 30 * DAY }
    return (
      works &&
      !this.isSuspended &&
      !session.hasEnded &&
      this.now < session.expiresAt &&
      this.now < session.createdAt + absolute &&
      this.now < session.lastSeenAt + idle
    )
  }

  start(id: Id, text: string): void {
    const expiresAt = this.now + (this.isStaff ? DAY : 30 * DAY)
    const times = { createdAt: this.now, lastSeenAt: this.now, authenticatedAt: this.now }
    const session = { id, ...times, expiresAt, hasEnded: false }
    this.sessions.push(session)
    this.add(session, text)
  }

  /** Somebody sends this token. */
  use(token: Token): void {
    const { session, supersededAt } = token
    if (this.isAlive(token)) {
      if (this.now - session.lastSeenAt >= MINUTE) session.lastSeenAt = this.now
    } else if (supersededAt !== null && this.now >= supersededAt + 10 * SECOND) session.hasEnded = true
  }

  rotate(session: Session, text: string): void {
    const current = this.tokens.find((token) => token.session === session && token.supersededAt === null)!
    current.supersededAt = this.now
    this.add(session, text)
  }

  renew(session: Session, text: string): void {
    this.rotate(session, text)
    for (const token of this.tokens) if (token.session === session) token.isVoid = token.supersededAt !== null
    session.authenticatedAt = this.now
  }

  end(...sessions: Session[]): void {
    for (const session of sessions) session.hasEnded = true
  }

  private add(session: Session, text: string): void {
    this.tokens.push({ text, session, supersededAt: null, isVoid: false })
  }
}

/**
 * The same with the services and a database, and with what two processes remember: the one in which all of this happens, and
 * one that hears of it. Neither forgets anything because it grows old.
 */
class Reality {
  readonly pubSub: [PubSub, PubSub]
  readonly caches: [ViewerCache, ViewerCache]
  readonly db: Database
  userId!: Id
  private moment: Date
  private admin!: Caller
  private managerId!: Id

  constructor(private readonly world: World) {
    this.moment = world.clock.now()
    const clock: Clock = { now: () => this.moment }
    const listen = () => new PubSub(world.portico.databaseUrl, () => undefined)
    this.pubSub = [listen(), listen()]
    const [here, there] = this.pubSub.map((pubSub) => new ViewerCache(pubSub, clock, () => 0))
    this.caches = [here!, there!]
    const onNotified: ViewerCache['hear'] = (topic, message) => here!.hear(topic, message)
    this.db = Database.of({ ...world.portico.db.tools, clock, onNotified })
  }

  async start(): Promise<void> {
    await Promise.all(this.pubSub.map((each) => each.start()))
    const admin = await this.world.person({ role: 'admin' })
    this.admin = (await this.world.asViewer(admin)).caller
    this.managerId = (await this.db.repo(Role).findOneByOrFail({ name: 'manager' })).id
  }

  async meetSomebody(): Promise<void> {
    this.userId = (await this.world.person()).id
    await new SessionService(this.db).endAll(this.userId, EndReason.REVOKED, null)
  }

  pass(milliseconds: number): void {
    this.moment = later(this.moment, milliseconds)
  }

  /** The person as a request finds them out, who carries this token. */
  async find({ text }: Token): Promise<InSession | null> {
    const hash = hashToken(text)
    const sessions = new SessionService(this.db)
    const [here] = this.caches
    const found = here.recall(hash) ?? (await here.learn(hash, () => sessions.recognise(hash)))
    if (!found) return null
    const viewer = requireSession(found.viewer)
    await sessions.see(new Map([[viewer.sessionId, this.moment]]))
    return viewer
  }

  as(viewer: InSession): Database {
    return this.db.as({ viewer, requestId: null, address: null })
  }

  async setRole(isManager: boolean): Promise<void> {
    if (isManager)
      return this.db.transaction((tx) => new RoleGrantService(tx).grantBuiltIn(this.userId, 'manager'))
    const input = { userId: this.userId, roleId: this.managerId }
    await new RoleGrantService(this.db.as(this.admin)).revoke(input)
  }

  /** Fails unless exactly those tokens work that should, for whom they should, in the database and in memory. */
  async assertAsIn(model: Model): Promise<void> {
    await this.hasHeard()
    await Promise.all(
      model.tokens.map(async (token) => {
        const hash = hashToken(token.text)
        const remembered = this.caches.map((cache) => cache.recall(hash))
        const [found] = await Promise.all(
          this.caches.map((cache) => cache.learn(hash, () => new TokenRepository(this.db).findViewer(hash))),
        )
        const summary = found && {
          sessionId: found.viewer.sessionId,
          isStaff: found.viewer.permissions.size > 0,
          authenticatedAt: requireSession(found.viewer).authenticatedAt.getTime() - this.beginning,
        }
        const { id, authenticatedAt } = token.session
        expect(summary).toEqual(
          model.isAlive(token) ? { sessionId: id, isStaff: model.isStaff, authenticatedAt } : null,
        )
        for (const each of remembered) if (each) expect(each.viewer).toEqual(found?.viewer)
      }),
    )
  }

  /** Waits until all that has been announced so far has been heard. */
  private async hasHeard(): Promise<void> {
    const heard = this.pubSub.map(
      (pubSub) =>
        new Promise<void>((resolve) => {
          const unsubscribe = pubSub.subscribe('heard', () => {
            unsubscribe()
            resolve()
          })
        }),
    )
    await this.db.notify('heard', {})
    await Promise.all(heard)
  }

  /** The moment from which a model counts. */
  beginning = 0
  begin(): void {
    this.beginning = this.moment.getTime()
  }

  async stop(): Promise<void> {
    this.caches.forEach((cache) => cache.stop())
    await Promise.all(this.pubSub.map((each) => each.stop()))
  }
}

type Step = (model: Model, real: Reality) => Promise<void>

/** A step, after which all must be as it should. */
const step = <Choice>(name: string, choice: fc.Arbitrary<Choice>, run: (choice: Choice) => Step) =>
  choice.map((chosen): fc.AsyncCommand<Model, Reality> => {
    const take = run(chosen)
    return {
      check: () => true,
      run: async (model, real) => {
        await take(model, real)
        await real.assertAsIn(model)
      },
      toString: () => `${name}(${fc.stringify(chosen)})`,
    }
  })

/** A step that somebody takes who carries one of the tokens: any that was ever given out. */
const carrying = (
  name: string,
  take: (viewer: InSession, model: Model, real: Reality, other: number) => Promise<void>,
) =>
  step(name, fc.tuple(fc.nat(), fc.nat()), ([which, other]) => async (model, real) => {
    if (model.tokens.length === 0) return
    const token = model.tokens[which % model.tokens.length]!
    const shouldWork = model.isAlive(token)
    const viewer = await real.find(token)
    model.use(token)
    expect(viewer?.sessionId ?? null).toBe(shouldWork ? token.session.id : null)
    if (viewer) await take(viewer, model, real, other)
  })

const sessionOf = (model: Model, { sessionId }: InSession): Session =>
  model.sessions.find(({ id }) => id === sessionId)!

const nothing = fc.constant(null)

const signIn = step('signIn', nothing, () => async (model, real) => {
  const { session, token } = await new SessionService(real.db).start(real.userId, Transport.BEARER, 'Device')
  model.start(session.id, token)
})

const pass = step(
  'pass',
  fc.constantFrom(SECOND, 9 * SECOND, 10 * SECOND, 59 * SECOND, MINUTE, HOUR, 13 * HOUR, 6 * DAY, 14 * DAY),
  (milliseconds) => async (model, real) => {
    model.now += milliseconds
    real.pass(milliseconds)
  },
)

const use = carrying('use', () => Promise.resolve())

const rotate = carrying('rotate', async (viewer, model, real) => {
  model.rotate(sessionOf(model, viewer), (await new SessionService(real.as(viewer)).rotate()).token)
})

/** What happens all the time. */
const OFTEN = [signIn, pass, pass, pass, use, use, rotate, rotate]

const STEPS = [
  carrying('rotateAtOnce', async (viewer, model, real) => {
    const session = sessionOf(model, viewer)
    const tabs = [1, 2, 3].map(() => new SessionService(real.as(viewer)).rotate())
    const tokens = (await Promise.all(tabs)).map(({ token }) => token)
    // Which of them came last is not ours to say; that one did, is.
    const last = await lastingOf(real, session.id, tokens)
    for (const token of [...tokens.filter((each) => each !== last), last]) model.rotate(session, token)
  }),
  carrying('reauthenticate', async (viewer, model, real) => {
    model.renew(sessionOf(model, viewer), (await new SessionService(real.as(viewer)).renew([])).token)
  }),
  carrying('reauthenticateWhileRotating', async (viewer, model, real) => {
    const session = sessionOf(model, viewer)
    // Two proofs in one millisecond cannot be told apart, nor can anybody give them.
    if (session.authenticatedAt === model.now) return
    const sessions = new SessionService(real.as(viewer))
    const [renewed, rotated] = await Promise.allSettled([sessions.renew([]), sessions.rotate()])
    if (renewed.status === 'rejected') throw renewed.reason
    if (rotated.status === 'fulfilled') model.rotate(session, rotated.value.token)
    else expect(rotated.reason).toMatchObject({ code: 'UNAUTHENTICATED' })
    model.renew(session, renewed.value.token)
  }),
  carrying('revokeOne', async (viewer, model, real, other) => {
    const session = model.sessions[other % model.sessions.length]!
    await new SessionService(real.as(viewer)).revoke(session.id)
    model.end(session)
  }),
  carrying('revokeOthers', async (viewer, model, real) => {
    await new SessionService(real.as(viewer)).revokeOthers()
    model.end(...model.sessions.filter(({ id }) => id !== viewer.sessionId))
  }),
  carrying('signOut', async (viewer, model, real) => {
    await new SessionService(real.as(viewer)).signOut()
    model.end(sessionOf(model, viewer))
  }),
  carrying('signOutWhileRotating', async (viewer, model, real) => {
    const session = sessionOf(model, viewer)
    const sessions = new SessionService(real.as(viewer))
    const [, rotated] = await Promise.allSettled([sessions.signOut(), sessions.rotate()])
    if (rotated.status === 'fulfilled') model.rotate(session, rotated.value.token)
    model.end(session)
  }),
  carrying('changePassword', async (viewer, model, real) => {
    const sessions = new SessionService(real.as(viewer))
    await sessions.endAll(real.userId, EndReason.PASSWORD_CHANGED, viewer.sessionId)
    model.end(...model.sessions.filter(({ id }) => id !== viewer.sessionId))
  }),
  step('resetPassword', nothing, () => async (model, real) => {
    await new SessionService(real.db).endAll(real.userId, EndReason.PASSWORD_RESET, null)
    model.end(...model.sessions)
  }),
  step('suspend', fc.boolean(), (isSuspended) => async (model, real) => {
    const users = new UserService(real.db)
    if (isSuspended) await users.suspend(real.userId, { reason: 'Made for a test.' })
    else await users.reinstate(real.userId)
    model.isSuspended = isSuspended
  }),
  step('setRole', fc.boolean(), (isStaff) => async (model, real) => {
    if (model.isStaff !== isStaff) await real.setRole(isStaff)
    model.isStaff = isStaff
  }),
]

async function lastingOf(real: Reality, sessionId: Id, tokens: string[]): Promise<string> {
  const [row] = await real.db.query<{ token_hash: Buffer }>('SELECT token_hash FROM sessions WHERE id = $1', [
    sessionId,
  ])
  const lasting = tokens.filter((token) => hashToken(token).equals(row!.token_hash))
  expect(lasting).toHaveLength(1)
  return lasting[0]!
}

/** Lives through many lives; of one that goes wrong, fast-check tells the shortest form and the seed to see it again. */
export async function liveThrough(
  world: World,
  { lives, steps }: { lives: number; steps: number },
): Promise<void> {
  const real = new Reality(world)
  await real.start()
  const life = fc.asyncProperty(
    fc.commands([...STEPS, ...OFTEN], { maxCommands: steps, size: 'max' }),
    async (commands) => {
      await real.meetSomebody()
      real.begin()
      await fc.asyncModelRun(() => ({ model: new Model(), real }), commands)
    },
  )
  await fc.assert(life, { numRuns: lives, verbose: true }).finally(() => real.stop())
}
