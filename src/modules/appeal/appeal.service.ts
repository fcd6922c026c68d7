import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { isAbout, readerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { undo } from '../moderation/reverse-decision'
import { invalidProof } from '../challenge/challenge.service'
import { ModerationAction } from '../moderation-decision/moderation-action'
import {
  ModerationDecisionService,
  type ModerationDecisionRow,
} from '../moderation-decision/moderation-decision.service'
import { ReportService } from '../moderation-case/report.service'
import { AuthorityService } from '../role/authority.service'
import { ThrottleService } from '../throttle/throttle.service'
import { Appeal } from './appeal.entity'
import type { AppealByMailInput, AppealModerationDecisionInput, DecideAppealInput } from './appeal.input'
import { AppealRepository, type AppealFilter, type AppealRow } from './appeal.repository'
import { AppealStatus } from './appeal-status'

export type { AppealRow }

/** The words of an appeal, decrypted; null for what was not said, and where the person's key is gone. */
export interface AppealWords {
  text: string | null
  answer: string | null
}

/** What people say against decisions of moderation, and what somebody else than who decided makes of it. */
export class AppealService {
  private readonly appeals: AppealRepository

  constructor(private readonly db: Database) {
    this.appeals = new AppealRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<AppealRow[]> {
    return this.appeals.lookup(ids)
  }

  async findByDecision(decisionIds: readonly Id[]): Promise<AppealRow[]> {
    return this.appeals.findByDecision(decisionIds)
  }

  async list(filter: AppealFilter, page: PageRequest): Promise<Page<AppealRow>> {
    return this.appeals.list(filter, page)
  }

  async count(filter: AppealFilter): Promise<number> {
    return this.appeals.count(filter)
  }

  async countByStatus(): Promise<Map<AppealStatus, number>> {
    return this.appeals.countByStatus()
  }

  /** The words of appeals, decrypted with one look-up of keys; an error for one whose words do not open. */
  async words(appeals: readonly AppealRow[]): Promise<(AppealWords | Error)[]> {
    const places = appeals.map((appeal) => ({ ...appeal, ownerId: appeal.userId }))
    const texts = await this.db.codec.openEach(Appeal, 'appealText', places, (one) => one.appealText)
    const answers = await this.db.codec.openEach(Appeal, 'answer', places, (one) => one.answer)
    return appeals.map((_, index) => {
      const [text, answer] = [texts[index], answers[index]]
      if (text instanceof Error) return text
      if (answer instanceof Error) return answer
      return { text: text ?? null, answer: answer ?? null }
    })
  }

  /**
   * Appeals against a decision against the viewer, once, within six months.
   * @throws ApiError NOT_FOUND; Rejected EXPIRED; NOT_PERMITTED for the second time, and where it was taken back
   */
  async appeal({ decisionId, text }: AppealModerationDecisionInput): Promise<AppealRow> {
    return this.db.transaction(async (tx) =>
      add(tx, await new ModerationDecisionService(tx).lockOwn(decisionId), text, 'decisionId'),
    )
  }

  /**
   * The same by whoever was told of the decision by mail, be it that they cannot sign in because of it.
   * @throws ApiError RATE_LIMITED; Rejected INVALID_CODE for a wrong token, and as `appeal`
   */
  async appealByMail({ token, text }: AppealByMailInput): Promise<void> {
    // Nobody guesses 256 bits; who tries is slowed down by address, and nobody else is for it.
    const tries = await new ThrottleService(this.db).trySecret(`appeal:${token}`)
    await this.db.transaction(async (tx) => {
      const decision = await new ModerationDecisionService(tx).lockMailed(token)
      if (!decision) throw invalidProof('token')
      await add(tx, decision, text, 'token')
    })
    await tries.succeeded()
  }

  /**
   * Decides an appeal: the decision stays, or is taken back with what it has done. The person is told why.
   * @throws ApiError NOT_FOUND, FORBIDDEN; CONFLICT when `expectedVersion` is not the current one; REAUTHENTICATION_REQUIRED to end a
   * suspension. Rejected NOT_PERMITTED for what is decided already, for who has decided or reported it first, and about somebody above
   * the viewer
   */
  async decide({ appealId, uphold, note, expectedVersion }: DecideAppealInput): Promise<AppealRow> {
    const { viewer } = this.db.caller
    return this.db.transaction(async (tx) => {
      const appeals = new AppealRepository(tx)
      const appeal = await appeals.lockOfOthers(appealId)
      if (!appeal) throw notFound('appeal')
      const { id, userId, status, version } = appeal
      assertVersion(version, expectedVersion, { status })
      const refuse = (message: string) => rejected('appealId', UserErrorCode.NOT_PERMITTED, message)
      if (status !== AppealStatus.OPEN) throw refuse('It is decided already.')
      const decision = await new ModerationDecisionService(tx).lockOfOthers(appeal.decisionId)
      if (decision.decidedById !== null && isAbout(viewer, decision.decidedById))
        throw refuse('You have decided it first; somebody else decides about the appeal.')
      if (await new ReportService(tx).isReporter(decision.caseId))
        throw refuse('You have reported it; somebody else decides about the appeal.')
      await new AuthorityService(tx).assertMayActOn(userId, 'posts:moderate')
      // Somebody may have taken it back meanwhile, which is what the person wants.
      if (!uphold && decision.reversedAt === null) await undo(tx, decision)
      const decided: AppealRow = {
        ...appeal,
        status: uphold ? AppealStatus.UPHELD : AppealStatus.OVERTURNED,
        answer: await tx.codec.seal(Appeal, 'answer', { id, ownerId: userId }, note),
        decidedById: readerId(viewer),
        decidedAt: tx.now,
        version: version + 1,
      }
      await appeals.save(decided)
      await new AuditService(tx).record('appeal.decided', {
        subjectId: userId,
        target: toGlobalId('appeal', id),
        details: { status: decided.status },
      })
      await new MailService(tx).send(userId, uphold ? 'appealUpheld' : 'appealOverturned', { reason: note })
      return decided
    })
  }
}

async function add(
  tx: Database,
  decision: ModerationDecisionRow,
  text: string,
  field: string,
): Promise<AppealRow> {
  const { now } = tx
  const { id: decisionId, userId } = decision
  const appeals = new AppealRepository(tx)
  const refuse = (code: UserErrorCode, message: string) => rejected(field, code, message)
  if (await appeals.existsAgainst(decisionId))
    throw refuse(UserErrorCode.NOT_PERMITTED, 'You have appealed already; there is no second time.')
  if (decision.action === ModerationAction.HOLD)
    throw refuse(
      UserErrorCode.NOT_PERMITTED,
      'Somebody looks at it anyway. You can appeal against what they decide.',
    )
  if (decision.reversedAt !== null)
    throw refuse(UserErrorCode.NOT_PERMITTED, 'It has been taken back; there is nothing to appeal.')
  if (decision.appealEndsAt <= now)
    throw refuse(UserErrorCode.EXPIRED, 'It could be appealed for six months, which are over.')
  const id = newId(now)
  const appeal: Appeal = {
    id,
    decisionId,
    userId,
    appealText: await tx.codec.seal(Appeal, 'appealText', { id, ownerId: userId }, text),
    status: AppealStatus.OPEN,
    createdAt: now,
    answer: null,
    decidedById: null,
    decidedAt: null,
    version: 1,
  }
  await appeals.add(appeal)
  await new AuditService(tx).record('appeal.made', { actorId: userId, target: toGlobalId('appeal', id) })
  return appeal
}
