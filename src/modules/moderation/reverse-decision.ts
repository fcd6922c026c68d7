import { rejected, UserErrorCode } from '../../core/error'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { reinstateUser } from '../administration/reinstate-user'
import { assertFreshProof } from '../authentication/step-up'
import { MailService } from '../mail/mail.service'
import { ModerationCaseService } from '../moderation-case/moderation-case.service'
import { ModerationAction, REMOVING } from '../moderation-decision/moderation-action'
import {
  ModerationDecisionService,
  type ModerationDecisionRow,
} from '../moderation-decision/moderation-decision.service'
import { AuthorityService } from '../role/authority.service'
import { UserService } from '../user/user.service'
import { setContentRemoved, showContent } from './moderated-content'
import type { ReverseModerationActionInput } from './moderation.input'

/**
 * Takes a decision back, and what it has done: the thing is shown again, its author writes, and uses their account, again. They are
 * told.
 * @throws ApiError NOT_FOUND, FORBIDDEN; CONFLICT when `expectedVersion` is not the current one; REAUTHENTICATION_REQUIRED to end a
 * suspension. Rejected NOT_PERMITTED for what is taken back already, and about somebody above the viewer
 */
export async function reverseModerationAction(
  db: Database,
  { decisionId, note, expectedVersion }: ReverseModerationActionInput,
): Promise<ModerationDecisionRow> {
  return db.transaction(async (tx) => {
    const decisions = new ModerationDecisionService(tx)
    const decision = await decisions.lockOfOthers(decisionId)
    assertVersion(decision.version, expectedVersion, { reversedAt: decision.reversedAt })
    if (decision.reversedAt !== null)
      throw rejected('decisionId', UserErrorCode.NOT_PERMITTED, 'It has been taken back already.')
    await undo(tx, decision)
    await new MailService(tx).send(decision.userId, 'decisionReversed', { reason: note || null })
    return (await decisions.lookup([decisionId]))[0]!
  })
}

/** Takes back what a decision, which is locked, has done. @throws ApiError FORBIDDEN, REAUTHENTICATION_REQUIRED; Rejected NOT_PERMITTED */
export async function undo(tx: Database, decision: ModerationDecisionRow): Promise<void> {
  const { userId, action } = decision
  if (action === ModerationAction.HOLD)
    throw rejected(
      'decisionId',
      UserErrorCode.NOT_PERMITTED,
      'It waits for somebody to decide about its case.',
    )
  await new AuthorityService(tx).assertMayActOn(userId, 'posts:moderate')
  if (action === ModerationAction.SUSPEND && (await hasSuspended(tx, decision))) {
    await assertFreshProof(tx)
    await reinstateUser(tx, { userId })
  }
  const decisions = new ModerationDecisionService(tx)
  await decisions.reverse(decision)
  if (REMOVING.includes(action) && !(await decisions.isRemoved(decision)))
    await setContentRemoved(tx, decision, false)
  if (action === ModerationAction.HIDE && decision.endsAt === null) await showContent(tx, decision)
  await new ModerationCaseService(tx).reverse(decision.caseId)
}

/** Whether the suspension in force is that of the decision, and nobody has suspended the person otherwise since. */
async function hasSuspended(
  tx: Database,
  { userId, decidedById, endsAt }: ModerationDecisionRow,
): Promise<boolean> {
  const suspension = (await new UserService(tx).suspensions([userId])).get(userId)
  if (suspension === undefined || suspension instanceof Error) return false
  return suspension.byId === decidedById && suspension.endsAt?.getTime() === endsAt?.getTime()
}
