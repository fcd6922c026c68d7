import { MINUTE, SECOND } from '../core/clock'
import type { Id } from '../core/id'
import type { Recognised } from '../core/viewer'
import type { Database } from '../db/database'
import { AccessTokenService } from '../modules/access-token/access-token.service'
import { SessionService } from '../modules/session/session.service'

/** Notes in the background when sessions and access tokens were last used, to the minute, so that reading never waits for writing. */
export class LastSeen {
  private readonly sessions = new Map<Id, Date>()
  private readonly accessTokens = new Map<Id, Date>()
  private readonly timer: NodeJS.Timeout

  constructor(
    private readonly db: Database,
    private readonly onError: (error: unknown) => void,
    interval = 10 * SECOND,
  ) {
    this.timer = setInterval(() => void this.flush(), interval).unref()
  }

  note({ viewer, lastSeenAt }: Recognised): void {
    const { now } = this.db
    if (lastSeenAt !== null && now.getTime() - lastSeenAt.getTime() < MINUTE) return
    if (viewer.sessionId !== null) this.sessions.set(viewer.sessionId, now)
    else this.accessTokens.set(viewer.accessTokenId, now)
  }

  async flush(): Promise<void> {
    try {
      await new SessionService(this.db).see(taken(this.sessions))
      await new AccessTokenService(this.db).see(taken(this.accessTokens))
    } catch (error) {
      this.onError(error)
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.flush()
  }
}

function taken(pending: Map<Id, Date>): ReadonlyMap<Id, Date> {
  const all = new Map(pending)
  pending.clear()
  return all
}
