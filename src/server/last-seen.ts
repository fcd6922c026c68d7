import { MINUTE, SECOND } from '../core/clock'
import type { Id } from '../core/id'
import type { SignedIn } from '../core/viewer'
import type { Database } from '../db/database'
import { SessionService } from '../modules/session/session.service'

/** Notes in the background when sessions were last seen, to the minute, so that reading never waits for writing. */
export class LastSeen {
  private readonly pending = new Map<Id, Date>()
  private readonly timer: NodeJS.Timeout

  constructor(
    private readonly db: Database,
    private readonly onError: (error: unknown) => void,
    interval = 10 * SECOND,
  ) {
    this.timer = setInterval(() => void this.flush(), interval).unref()
  }

  note(viewer: SignedIn, lastSeenAt: Date): void {
    const { now } = this.db
    if (now.getTime() - lastSeenAt.getTime() >= MINUTE) this.pending.set(viewer.sessionId, now)
  }

  async flush(): Promise<void> {
    const seen = new Map(this.pending)
    this.pending.clear()
    try {
      await new SessionService(this.db).see(seen)
    } catch (error) {
      this.onError(error)
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.flush()
  }
}
