import { notFound, rejected, UserErrorCode } from '../../core/error'
import { later, MINUTE } from '../../core/clock'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { partiesOf, readerId, requireSignedIn } from '../../core/viewer'
import type { Place } from '../../db/codec'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import { CaseStatus } from './case-status'
import { ModerationCase } from './moderation-case.entity'
import {
  ModerationCaseRepository,
  type ModerationCaseFilter,
  type ModerationCaseRow,
} from './moderation-case.repository'
import { QueueEventKind, tellQueue } from './queue-event'
import { ReportRepository } from './report.repository'
import { textsIn, withText } from './reported-texts'

export type { ModerationCaseFilter, ModerationCaseRow }

/** What a case is about, and who has written it. */
export interface About extends Pick<ModerationCase, 'subjectKind' | 'subjectId' | 'authorId'> {
  /** All that it says at this moment. */
  text: string
}

/** What comes of a case. */
export interface Outcome {
  status: CaseStatus
  /** What whoever decides notes for other moderators. */
  note?: string | undefined
}

/** How long a case is one moderator's alone, in milliseconds. */
const CLAIM = 30 * MINUTE

/** How much something weighs whose author waits for somebody to look at it: as what a filter lets wait. */
const MENDED_WEIGHT = 20

/** What was reported, in the order in which it is looked at, and who looks at it. */
export class ModerationCaseService {
  private readonly cases: ModerationCaseRepository

  constructor(private readonly db: Database) {
    this.cases = new ModerationCaseRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<ModerationCaseRow[]> {
    return this.cases.lookup(ids)
  }

  async list(filter: ModerationCaseFilter, page: PageRequest): Promise<Page<ModerationCaseRow>> {
    return this.cases.list(filter, page)
  }

  async count(filter: ModerationCaseFilter): Promise<number> {
    return this.cases.count(filter)
  }

  async countByStatus(): Promise<Map<CaseStatus, number>> {
    return this.cases.countByStatus()
  }

  /** How many cases there were before about the same author. Whoever asks has the cases. */
  async countEarlier(ids: readonly Id[]): Promise<{ id: Id; count: number }[]> {
    return this.cases.countEarlier(ids)
  }

  /** What moderators have noted, decrypted with one look-up of keys; null where they have not, or the author's key is gone. */
  async notes(cases: readonly ModerationCaseRow[]): Promise<(string | null | Error)[]> {
    const places = cases.map((one) => ({ ...one, ownerId: one.authorId }))
    return this.db.codec.openEach(ModerationCase, 'staffRemark', places, (one) => one.staffRemark)
  }

  /** The same for what was reported. */
  async reportedTexts(cases: readonly ModerationCaseRow[]): Promise<(string[] | null | Error)[]> {
    const places = cases.map((one) => ({ ...one, ownerId: one.authorId }))
    const kept = await this.db.codec.openEach(
      ModerationCase,
      'reportedText',
      places,
      (one) => one.reportedText,
    )
    return kept.map((one) => (one === null || one instanceof Error ? one : textsIn(one)))
  }

  /**
   * Opens a case about a thing, or lets the open one weigh more; returns its id. What it says is kept, for its author may change or delete
   * it. Whoever causes it learns nothing of it.
   */
  async open({ text, ...about }: About, weight: number, openedAt: Date): Promise<Id> {
    const { authorId: ownerId } = about
    const newcomer = newId(openedAt)
    const reportedText = await this.sealed({ id: newcomer, ownerId }, withText(null, text))
    const { id, ...open } = await this.cases.open({ ...about, id: newcomer, weight, openedAt, reportedText })
    if (id !== newcomer) {
      const place = { id, ownerId }
      const [kept] = await this.db.codec.open(
        ModerationCase,
        'reportedText',
        [place],
        () => open.reportedText,
      )
      const texts = withText(kept ?? null, text)
      if (texts !== kept) await this.cases.keepText(id, await this.sealed(place, texts))
    }
    await tellQueue(this.db, QueueEventKind.REPORTED, id)
    return id
  }

  /** The same of something that was hidden, whose author has changed it and now waits. */
  async openMended(about: About): Promise<Id> {
    return this.open(about, MENDED_WEIGHT, this.db.now)
  }

  private sealed(place: Place, texts: string): Promise<Buffer | null> {
    return this.db.codec.sealUnlessDestroyed(ModerationCase, 'reportedText', place, texts)
  }

  /** A case that the viewer sees, locked until the transaction ends; null where there is none. */
  async lock(id: Id): Promise<ModerationCaseRow | null> {
    return this.cases.lock(id)
  }

  /** Notes what the viewer has decided in a case, which is locked. */
  async decide(found: ModerationCaseRow, { status, note }: Outcome): Promise<ModerationCaseRow> {
    const { id, authorId: ownerId, version } = found
    const changes = {
      status,
      claimedById: null,
      claimedUntil: null,
      decidedById: readerId(this.db.caller.viewer),
      decidedAt: this.db.now,
      staffRemark: note
        ? await this.db.codec.seal(ModerationCase, 'staffRemark', { id, ownerId }, note)
        : null,
    }
    await this.cases.change(found, changes)
    return { ...found, ...changes, version: version + 1 }
  }

  /** Notes that what was decided in a case does not hold any more. */
  async reverse(id: Id): Promise<void> {
    const found = await this.cases.lock(id)
    if (!found) return
    await this.cases.change(found, { status: CaseStatus.REVERSED })
    await tellQueue(this.db, QueueEventKind.REVERSED, id)
  }

  /**
   * Takes a case for half an hour: a named one, or the most urgent that nobody has; null where there is none. One's own is taken
   * anew.
   * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED for one that somebody else has, that is decided, or that the viewer has reported
   */
  async claim(caseId?: Id): Promise<ModerationCaseRow | null> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    return this.db.transaction(async (tx) => {
      const cases = new ModerationCaseRepository(tx)
      const found = caseId === undefined ? await cases.lockNext() : await lockOpen(tx, caseId)
      if (!found) return null
      await assertReached(tx, found)
      await assertNotReporter(tx, found)
      return changeClaim(tx, found, QueueEventKind.CLAIMED, {
        claimedById: userId,
        claimedUntil: later(tx.now, CLAIM),
      })
    })
  }

  /**
   * Gives a case back that the viewer has; one that nobody has stays so.
   * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED for one that somebody else has, or that is decided
   */
  async release(caseId: Id): Promise<ModerationCaseRow> {
    return this.db.transaction(async (tx) => {
      const found = await lockOpen(tx, caseId)
      await assertReached(tx, found)
      if (found.claimedById === null) return found
      return changeClaim(tx, found, QueueEventKind.RELEASED, { claimedById: null, claimedUntil: null })
    })
  }
}

/**
 * An open case that the viewer sees and nobody else has, locked.
 * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED
 */
export async function lockOpen(tx: Database, caseId: Id, field = 'caseId'): Promise<ModerationCaseRow> {
  const found = await new ModerationCaseRepository(tx).lock(caseId)
  if (!found) throw notFound('case')
  if (found.status !== CaseStatus.OPEN)
    throw rejected(field, UserErrorCode.NOT_PERMITTED, 'It is decided already.')
  const { userId } = requireSignedIn(tx.caller.viewer)
  if (claimantOf(found, tx.now) !== null && found.claimedById !== userId) {
    const until = found.claimedUntil!.toISOString()
    throw rejected(
      field,
      UserErrorCode.NOT_PERMITTED,
      `Somebody else looks at it until ${until}; take another one.`,
    )
  }
  return found
}

/** Nobody decides whether they were right themselves. @throws Rejected NOT_PERMITTED */
export async function assertNotReporter(
  tx: Database,
  { id }: Pick<ModerationCaseRow, 'id'>,
  field = 'caseId',
): Promise<void> {
  if (await new ReportRepository(tx).exists(id, partiesOf(tx.caller.viewer)))
    throw rejected(
      field,
      UserErrorCode.NOT_PERMITTED,
      'You have reported it; somebody else decides about it.',
    )
}

/** Who looks at a case at this moment. */
export const claimantOf = (
  { claimedById, claimedUntil }: Pick<ModerationCaseRow, 'claimedById' | 'claimedUntil'>,
  now: Date,
): Id | null => (claimedUntil !== null && claimedUntil > now ? claimedById : null)

/** The request may have found it by a role that somebody has taken away since. @throws ApiError NOT_FOUND */
async function assertReached(tx: Database, { authorId }: ModerationCaseRow): Promise<void> {
  if (!(await new AuthorityService(tx).reaches(authorId, 'posts:moderate'))) throw notFound('case')
}

async function changeClaim(
  tx: Database,
  found: ModerationCaseRow,
  kind: QueueEventKind.CLAIMED | QueueEventKind.RELEASED,
  claim: Pick<ModerationCase, 'claimedById' | 'claimedUntil'>,
): Promise<ModerationCaseRow> {
  await new ModerationCaseRepository(tx).change(found, claim)
  await new AuditService(tx).record(`moderation-case.${kind}`, {
    target: toGlobalId('moderation_case', found.id),
  })
  await tellQueue(tx, kind, found.id)
  return { ...found, ...claim, version: found.version + 1 }
}
