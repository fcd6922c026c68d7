import { Args, Ctx, FieldResolver, Resolver, Root, Subscription } from 'type-graphql'
import { Action, done } from '../../api/action'
import { toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { coarseNetwork } from '../../core/address'
import type { Id } from '../../core/id'
import { isSignedIn, requireSignedIn } from '../../core/viewer'
import type { UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { carry } from './carry'
import { RevokeSessionInput, SessionArguments } from './session.input'
import { sessionAddress, sessionById } from './session.loader'
import {
  RevokeOtherSessionsPayload,
  RevokeSessionPayload,
  RotateSessionPayload,
  SignOutPayload,
} from './session.payload'
import type { SessionRow } from './session.repository'
import { sessionsChanged, SessionService } from './session.service'
import { SessionChange, SessionConnection, SessionType, type SessionChangeKind } from './session.type'

defineNode('session', 'Session', (context, id) => context.load(sessionById, id))

@Resolver(() => SessionType)
export class SessionResolver {
  @Action(() => SignOutPayload, {
    description: 'Ends the session that asks. Its token is dead when this answers, on every process.',
  })
  async signOut(@Ctx() context: Context): Promise<SignOutPayload> {
    await context.use(SessionService).signOut()
    context.exchange.cookie = { token: null, expiresAt: null }
    return done({})
  }

  @Action(() => RotateSessionPayload, {
    description:
      'Gives the session that asks a new token. The one until now works for ten seconds more; to use it after that ends the session, because then somebody has copied it. The session lasts no longer for it.',
  })
  async rotateSession(@Ctx() context: Context): Promise<RotateSessionPayload> {
    const { session, token } = await context.use(SessionService).rotate()
    return done({ session, token: carry(context, token, session) })
  }

  @Action(() => RevokeSessionPayload, {
    description: "Ends a session: one of your own, or with `sessions:revoke` anybody's who is not above you.",
  })
  async revokeSession(
    @Ctx() context: Context,
    @InputArgument(() => RevokeSessionInput) input: RevokeSessionInput,
  ) {
    return done({ session: await context.use(SessionService).revoke(input.sessionId) })
  }

  @Action(() => RevokeOtherSessionsPayload, {
    description: 'Ends all your sessions except the one that asks.',
  })
  async revokeOtherSessions(@Ctx() context: Context) {
    return done({ endedCount: await context.use(SessionService).revokeOthers() })
  }

  @Subscription(() => SessionChange, {
    nullable: true,
    description: 'Tells when one of your sessions begins, is renewed or ends, wherever that happens.',
    subscribe: ({ context }: { context: Context }) =>
      context.pubSub.stream(sessionsChanged(requireSignedIn(context.viewer).userId)),
  })
  async viewerSessionsChanged(
    @Ctx() context: Context,
    @Root() change: { sessionId: Id; change: SessionChangeKind },
  ) {
    context.forget(sessionById, change.sessionId)
    return { kind: change.change, session: await context.load(sessionById, change.sessionId) }
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The network from which it was started, not the address: `203.0.113.0/24` for IPv4, `2001:db8:1::/48` for IPv6.',
  })
  async address(@Ctx() context: Context, @Root() session: SessionRow): Promise<string | null> {
    const address = await context.load(sessionAddress, session)
    return address && coarseNetwork(address)
  }

  @FieldResolver(() => Boolean, { description: 'Whether this is the session that asks.' })
  isCurrent(@Ctx() context: Context, @Root() session: SessionRow): boolean {
    return isSignedIn(context.viewer) && context.viewer.sessionId === session.id
  }
}

@Resolver(() => UserType)
export class UserSessionsResolver {
  @FieldResolver(() => SessionConnection, {
    nullable: true,
    description: 'The sessions of this person, newest first. Self, or `sessions:read`.',
  })
  async sessions(
    @Ctx() context: Context,
    @Root() user: UserRow,
    @Args(() => SessionArguments) { includeEnded, ...page }: SessionArguments,
  ): Promise<Connection<SessionRow>> {
    const sessions = context.use(SessionService)
    const filter = { userId: user.id, includeEnded }
    return toConnection(await sessions.list(filter, page), () => sessions.count(filter))
  }
}
