import type { Caller } from '../../core/caller'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { UserStatus } from '../user/user-status'
import { UserService } from '../user/user.service'
import { RoleGrantService } from './role-grant.service'

/** Who has asked for something that is done later, and how. */
export interface Asked {
  userId: Id
  sessionId: Id
  /** When they last proved who they are. */
  authenticatedAt: Date
  /** The request in which they asked, which is that of every event that comes of it. */
  requestId: string | null
  /** Why, where the request said so: some roles give nothing without a reason. */
  reason: string | null
}

/** Whoever has asked for something, with what they may do by now; null when they are gone, suspended, or have deactivated their account. */
export async function callerByNow(tx: Database, asked: Asked): Promise<Caller | null> {
  const person = await new UserService(tx).lookup(asked.userId)
  if (person?.status !== UserStatus.ACTIVE || person.deactivatedAt !== null) return null
  const { requestId, reason, sessionId, authenticatedAt } = asked
  const { id: userId, username } = person
  const authority = await new RoleGrantService(tx).authorityOf(userId, { hasReason: reason !== null })
  return {
    viewer: { kind: 'signed-in', userId, username, sessionId, authenticatedAt, ...authority },
    requestId,
    address: null,
    reason,
  }
}
