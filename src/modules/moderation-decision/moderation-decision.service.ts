import { HOUR, later, monthsLater } from '../../core/clock'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { readerId, requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { idInMailedToken, isMailedToken, newMailedToken } from '../mail/mailed-token'
import type { Moderated } from './moderated-kind'
import { ModerationAction, type Measure } from './moderation-action'
import { ModerationDecision } from './moderation-decision.entity'
import {
  ModerationDecisionRepository,
  type ModerationDecisionRow,
  type Silence,
} from './moderation-decision.repository'

export type { ModerationDecisionRow }

/** How long somebody can appeal (Regulation (EU) 2022/2065 art. 20 (1)), in months. */
const APPEAL_MONTHS = 6

export interface NewDecision extends Moderated {
  caseId: Id
  /** Against whom. */
  userId: Id
  action: Measure
  rule: string
  reasons: string
  endsAt: Date | null
  /** Whether a filter has found what it is about. */
  isDetectedAutomatically: boolean
  /** Whether a filter has decided it. */
  isAutomated?: boolean
}

/** The words of a decision, decrypted; null where the person's key is gone. */
export interface DecisionWords {
  rule: string | null
  reasons: string | null
}

/**
 * Decisions against people because of what they have written, each with its reasons, of which they are told. Use cases build it from
 * their own transaction, ask themselves whether the viewer may, and carry out what was decided.
 */
export class ModerationDecisionService {
  private readonly decisions: ModerationDecisionRepository

  constructor(private readonly db: Database) {
    this.decisions = new ModerationDecisionRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<ModerationDecisionRow[]> {
    return this.decisions.lookup(ids)
  }

  async findByCase(caseIds: readonly Id[]): Promise<ModerationDecisionRow[]> {
    return this.decisions.findByCase(caseIds)
  }

  async list(userId: Id, page: PageRequest): Promise<Page<ModerationDecisionRow>> {
    return this.decisions.list(userId, page)
  }

  async count(userId: Id): Promise<number> {
    return this.decisions.count(userId)
  }

  /** The words of decisions, decrypted with one look-up of keys; an error for one whose words do not open. */
  async words(decisions: readonly ModerationDecisionRow[]): Promise<(DecisionWords | Error)[]> {
    const places = decisions.map((decision) => ({ ...decision, ownerId: decision.userId }))
    const rules = await this.db.codec.openEach(
      ModerationDecision,
      'brokenRule',
      places,
      (one) => one.brokenRule,
    )
    const all = await this.db.codec.openEach(
      ModerationDecision,
      'statedReasons',
      places,
      (one) => one.statedReasons,
    )
    return decisions.map((_, index) => {
      const [rule, reasons] = [rules[index], all[index]]
      if (rule instanceof Error) return rule
      if (reasons instanceof Error) return reasons
      return { rule: rule ?? null, reasons: reasons ?? null }
    })
  }

  /** Until when those of these people write nothing who are silenced. */
  async silences(userIds: readonly Id[]): Promise<Silence[]> {
    return this.decisions.silences(userIds)
  }

  /** The viewer is not silenced: asked by whatever they write with. @throws Rejected NOT_PERMITTED, which says until when. */
  async assertNotSilenced(): Promise<void> {
    const [silence] = await this.silences([requireSignedIn(this.db.caller.viewer).userId])
    if (!silence) return
    const message = `You cannot write anything until ${silence.until.toISOString()}; your moderation decisions say why, and how to appeal.`
    throw rejected([], UserErrorCode.NOT_PERMITTED, message)
  }

  /**
   * Decides against somebody, and tells them why; what filters hold, whoever holds the person meanwhile, by one mail within each hour
   * of the clock. Call it inside a transaction.
   */
  async decide({
    rule,
    reasons,
    isAutomated = false,
    ...decided
  }: NewDecision): Promise<ModerationDecisionRow> {
    const { now } = this.db
    const id = newId(now)
    const place = { id, ownerId: decided.userId }
    const decision: ModerationDecision = {
      ...decided,
      id,
      brokenRule: await this.db.codec.seal(ModerationDecision, 'brokenRule', place, rule),
      statedReasons: await this.db.codec.seal(ModerationDecision, 'statedReasons', place, reasons),
      isAutomated,
      // Whoever acts as somebody else has decided it, and does not decide about an appeal as themselves.
      decidedById: isAutomated ? null : readerId(this.db.caller.viewer),
      decidedAt: now,
      appealEndsAt: monthsLater(now, APPEAL_MONTHS),
      reversedAt: null,
      reversedById: null,
      version: 1,
    }
    await this.decisions.add(decision)
    await new AuditService(this.db).record('moderation-decision.made', {
      ...aboutDecision(decision),
      ...(isAutomated && { actorId: null }),
      details: { action: decision.action },
    })
    await this.tell(decision, rule, reasons)
    return decision
  }

  /** That a filter holds this thing has ended, and where that is said, that it is hidden; false where neither held. */
  async end({ subjectId }: Moderated, { endsHiding }: { endsHiding: boolean }): Promise<boolean> {
    const { HOLD, HIDE } = ModerationAction
    return this.decisions.end(subjectId, endsHiding ? [HOLD, HIDE] : [HOLD])
  }

  /** Notes that a decision does not hold any more. What it has done, the use case takes back. */
  async reverse(decision: ModerationDecisionRow): Promise<void> {
    await this.decisions.reverse(decision, readerId(this.db.caller.viewer))
    await new AuditService(this.db).record('moderation-decision.reversed', aboutDecision(decision))
  }

  /** Whether a decision holds by which this thing is hidden, be it that its author has changed it since. */
  async isHidden(subjectId: Id): Promise<boolean> {
    return this.decisions.isHidden(subjectId)
  }

  /** Whether a decision holds by which this thing is removed. */
  async isRemoved({ subjectId }: Moderated): Promise<boolean> {
    return this.decisions.isRemoved(subjectId)
  }

  /** A decision against somebody whom the viewer moderates, locked. @throws ApiError NOT_FOUND */
  async lockOfOthers(id: Id): Promise<ModerationDecisionRow> {
    const decision = await this.decisions.lockOfOthers(id)
    if (!decision) throw notFound('decision')
    return decision
  }

  /** The decision of which whoever has this token was told by mail, locked; null for one that was never mailed. */
  async lockMailed(token: string): Promise<ModerationDecisionRow | null> {
    const id = idInMailedToken(token)
    const decision = id === null ? null : await this.decisions.lockAny(id)
    const isTold =
      decision !== null && isMailedToken(this.db.tools.keyring, 'appeal', token, decision.id, decision.userId)
    return isTold ? decision : null
  }

  /** A decision against the viewer, locked. @throws ApiError NOT_FOUND */
  async lockOwn(id: Id): Promise<ModerationDecisionRow> {
    const decision = await this.decisions.lockOwn(id)
    if (!decision) throw notFound('decision')
    return decision
  }

  private async tell(
    { id, userId, action, decidedAt, endsAt, appealEndsAt: due, isDetectedAutomatically }: ModerationDecision,
    rule: string,
    reason: string,
  ): Promise<void> {
    const mails = new MailService(this.db)
    if (action === ModerationAction.HOLD) {
      // Spam by the dozen is not written about by the dozen: each decision is stated where people find them all.
      const hour = later(decidedAt, -(decidedAt.getTime() % HOUR))
      if (!(await this.decisions.isHeldSince(userId, hour, id)))
        await mails.send(userId, 'held', { rule, reason })
      return
    }
    const { keyring, linkBase } = this.db.tools
    const link = `${linkBase}/appeal#token=${newMailedToken(keyring, 'appeal', id, userId)}`
    const detection = isDetectedAutomatically ? 'filter' : 'people'
    if (action === ModerationAction.SILENCE)
      await mails.send(userId, 'silenced', { rule, reason, due, until: endsAt, detection, link })
    else await mails.send(userId, 'moderated', { measure: action, rule, reason, due, detection, link })
  }
}

const aboutDecision = ({ id, userId }: Pick<ModerationDecision, 'id' | 'userId'>) => ({
  subjectId: userId,
  target: toGlobalId('moderation_decision', id),
})
