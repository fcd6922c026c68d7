import { ApiError, notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import { UserService } from '../user/user.service'
import { KeptText } from './kept-text.entity'
import { LegalHold } from './legal-hold.entity'
import type { PlaceLegalHoldInput } from './legal-hold.input'
import { LegalHoldRepository, type LegalHoldRow } from './legal-hold.repository'

export type { LegalHoldRow }

/** The words of a hold, decrypted; null for what was not said, and where the person's key is gone. */
export interface HoldWords {
  reason: string | null
  caseReference: string | null
}

/** What something said until now. */
export interface FormerText extends Pick<KeptText, 'writtenKind' | 'writtenId'> {
  text: string
}

/**
 * What keeps somebody's data from being erased while the law asks for it. The events of it are those of whoever places or
 * releases a hold: the person whom it is about finds none. Whoever asks for erasure is told that it is delayed, and no more.
 */
export class LegalHoldService {
  private readonly holds: LegalHoldRepository

  constructor(private readonly db: Database) {
    this.holds = new LegalHoldRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<LegalHoldRow[]> {
    return this.holds.lookup(ids)
  }

  async list(userId: Id, page: PageRequest): Promise<Page<LegalHoldRow>> {
    return this.holds.list(userId, page)
  }

  async count(userId: Id): Promise<number> {
    return this.holds.count(userId)
  }

  /** The words of holds, decrypted with one look-up of keys; an error for one whose words do not open. */
  async words(holds: readonly LegalHoldRow[]): Promise<(HoldWords | Error)[]> {
    const places = holds.map((hold) => ({ ...hold, ownerId: hold.userId }))
    const { codec } = this.db
    const reasons = await codec.openEach(LegalHold, 'holdReason', places, (place) => place.holdReason)
    const cases = await codec.openEach(LegalHold, 'caseReference', places, (place) => place.caseReference)
    return holds.map((_, index) => {
      const [reason, caseReference] = [reasons[index], cases[index]]
      if (reason instanceof Error) return reason
      if (caseReference instanceof Error) return caseReference
      return { reason: reason ?? null, caseReference: caseReference ?? null }
    })
  }

  /** The holds on somebody's data that are in force, whoever asks: for whoever operates Portico. */
  async inForceOn(userId: Id): Promise<LegalHoldRow[]> {
    return this.holds.findInForce(userId)
  }

  /**
   * Whether somebody's data must not be erased. Call it inside the transaction that would erase it: a hold that is being placed is
   * waited for, and none can be placed until that transaction ends.
   */
  async isHeld(userId: Id): Promise<boolean> {
    await new UserService(this.db).hold(userId)
    return (await this.holds.findHeld([userId])).length > 0
  }

  /** Those of these people of whom the same is true; they are locked in the order of their ids. */
  async heldAmong(userIds: readonly Id[]): Promise<Set<Id>> {
    await new UserService(this.db).holdAll(userIds)
    return new Set(await this.holds.findHeld(userIds))
  }

  /**
   * What keeps the text of somebody's comments and messages that they are about to change or delete: nothing where their data is not held.
   * Call it as `isHeld`, before anything that they have written is locked.
   */
  async keeperFor(authorId: Id): Promise<(former: FormerText) => Promise<void>> {
    if (!(await this.isHeld(authorId))) return () => Promise.resolve()
    return async ({ writtenKind, writtenId, text }) => {
      const keptAt = this.db.now
      const id = newId(keptAt)
      const formerText = await this.db.codec.seal(KeptText, 'formerText', { id, ownerId: authorId }, text)
      await this.holds.keep({ id, authorId, writtenKind, writtenId, formerText, keptAt })
    }
  }

  /** What was kept so of somebody's, the oldest first: for whoever operates Portico. Null where the person's key is gone. */
  async keptOf(authorId: Id): Promise<(Pick<KeptText, 'keptAt'> & { id: string; text: string | null })[]> {
    const kept = await this.holds.findKept(authorId)
    const places = kept.map((one) => ({ ...one, ownerId: authorId }))
    const texts = await this.db.codec.open(KeptText, 'formerText', places, ({ formerText }) => formerText)
    return kept.map(({ writtenKind, writtenId, keptAt }, index) => ({
      id: toGlobalId(writtenKind, writtenId),
      keptAt,
      text: texts[index] ?? null,
    }))
  }

  /**
   * Keeps somebody's data from being erased from now on.
   * @throws Rejected NOT_FOUND; NOT_PERMITTED about oneself. ApiError FORBIDDEN
   */
  async place({ userId, reason, caseReference }: PlaceLegalHoldInput): Promise<LegalHoldRow> {
    const { userId: placedById } = requireSignedIn(this.db.caller.viewer)
    if (userId === placedById)
      throw rejected('userId', UserErrorCode.NOT_PERMITTED, 'Nobody places a hold on themselves.')
    return this.db.transaction(async (tx) => {
      if (!(await new AuthorityService(tx).reaches(userId, 'holds:manage')))
        throw new ApiError('FORBIDDEN', 'You may not do this to this person, or not any more.')
      const users = new UserService(tx)
      // An erasure that is under way ends first, and leaves nobody to hold.
      await users.hold(userId)
      if (!(await users.exists(userId)))
        throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')
      const id = newId(tx.now)
      const place = { id, ownerId: userId }
      const hold: LegalHold = {
        id,
        userId,
        holdReason: await tx.codec.seal(LegalHold, 'holdReason', place, reason),
        caseReference:
          caseReference === undefined
            ? null
            : await tx.codec.seal(LegalHold, 'caseReference', place, caseReference),
        placedById,
        placedAt: tx.now,
        releasedAt: null,
        releasedById: null,
      }
      await new LegalHoldRepository(tx).add(hold)
      await record(tx, 'legal-hold.placed', hold)
      return hold
    })
  }

  /**
   * Says that the law does not ask for it any more; what waits for that goes on.
   * @throws ApiError NOT_FOUND, FORBIDDEN; Rejected NOT_PERMITTED for one that is over.
   */
  async release(legalHoldId: Id): Promise<LegalHoldRow> {
    const { userId: releasedById } = requireSignedIn(this.db.caller.viewer)
    return this.db.transaction(async (tx) => {
      const holds = new LegalHoldRepository(tx)
      const hold = await holds.lock(legalHoldId)
      if (!hold || !(await new AuthorityService(tx).reaches(hold.userId, 'holds:manage')))
        throw notFound('legal hold')
      if (hold.releasedAt !== null)
        throw rejected([], UserErrorCode.NOT_PERMITTED, 'This hold has been released already.')
      await holds.release(hold.id, releasedById)
      await record(tx, 'legal-hold.released', hold)
      return { ...hold, releasedAt: tx.now, releasedById }
    })
  }
}

async function record(
  tx: Database,
  action: 'legal-hold.placed' | 'legal-hold.released',
  { id, userId }: LegalHoldRow,
): Promise<void> {
  const about = toGlobalId('user', userId)
  await new AuditService(tx).record(action, { target: toGlobalId('legal_hold', id), details: { about } })
}
