import { notFound, Rejected, rejected, UserErrorCode, type Problem } from '../../core/error'
import { toGlobalId } from '../../core/id'
import { isAbout } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { suspendUser } from '../administration/suspend-user'
import { AuditService } from '../audit/audit.service'
import { assertFreshProof } from '../authentication/step-up'
import { ContentFilterService } from '../content-filter/content-filter.service'
import { LASTING, ModerationAction, REMOVING } from '../moderation-decision/moderation-action'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { CaseStatus } from '../moderation-case/case-status'
import {
  assertNotReporter,
  lockOpen,
  ModerationCaseService,
  type ModerationCaseRow,
} from '../moderation-case/moderation-case.service'
import { tellReporters } from '../moderation-case/moderation-case.task'
import { QueueEventKind, tellQueue } from '../moderation-case/queue-event'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { approveContent, contentOf, hideContent, setContentRemoved } from './moderated-content'
import type { DecisionTerms, ModerateContentInput, ResolveModerationCaseInput } from './moderation.input'

/**
 * Decides a case, and carries out what is decided: what stays, and has waited, goes to its readers; what is hidden, and was not
 * changed, stays hidden. The author is told all but that
 * nothing was wrong with what did not wait.
 * @throws ApiError NOT_FOUND, FORBIDDEN; CONFLICT when `expectedVersion` is not the current one; REAUTHENTICATION_REQUIRED to suspend.
 * Rejected NOT_PERMITTED for a case that is decided, that somebody else looks at, or that the viewer has reported, and about somebody above
 * them; REQUIRED and INVALID for what the decision lacks, or has no use for: the version, where what waits goes to its readers
 */
export async function resolveModerationCase(
  db: Database,
  { caseId, expectedVersion, ...input }: ResolveModerationCaseInput,
): Promise<ModerationCaseRow> {
  const terms = termsOf(input, db.now)
  return db.transaction(async (tx) => {
    const seen = await new ModerationCaseService(tx).lock(caseId)
    if (seen) assertVersion(seen.version, expectedVersion, { status: seen.status })
    const decided = await decide(tx, await lockOpen(tx, caseId), terms, input.note, 'caseId')
    if (decided.isShown && expectedVersion == null)
      throw rejected(
        'expectedVersion',
        UserErrorCode.REQUIRED,
        'It goes to its readers. Say which version of the case you have read: what it says may have changed since.',
      )
    return decided.moderationCase
  })
}

/**
 * Decides about something of somebody else that the viewer sees, be it that nobody has reported it: in the case that is open about
 * it, or in one of its own.
 * @throws as `resolveModerationCase`. Rejected NOT_PERMITTED about what the viewer has written, what is removed already, and what would
 * go to its readers: nobody says here which text they have read
 */
export async function moderateContent(
  db: Database,
  { subjectId, ...input }: ModerateContentInput,
): Promise<ModerationCaseRow> {
  const terms = termsOf(input, db.now)
  const refuse = (message: string) => rejected('subjectId', UserErrorCode.NOT_PERMITTED, message)
  return db.transaction(async (tx) => {
    const content = await contentOf(tx, subjectId)
    if (!content || !(await new AuthorityService(tx).mayActOn(content.authorId, 'posts:moderate')))
      throw notFound('post, comment or message')
    if (isAbout(tx.caller.viewer, content.authorId))
      throw refuse('Nobody decides about what they have written.')
    const { isRemoved: _, changedAt: __, ...about } = content
    const caseId = await new ModerationCaseService(tx).open(about, 0, tx.now)
    // Of two who decide about it at once, the second has waited for the first, and finds what they have done.
    if ((await contentOf(tx, subjectId))?.isRemoved) throw refuse('It is removed already.')
    const decided = await decide(tx, await lockOpen(tx, caseId, 'subjectId'), terms, input.note, 'subjectId')
    if (decided.isShown) throw refuse('It waits for a moderator. Read and decide its case.')
    return decided.moderationCase
  })
}

type Terms = ReturnType<typeof termsOf>

/** Returns the case, and whether what it is about has gone to its readers. */
async function decide(
  tx: Database,
  found: ModerationCaseRow,
  terms: Terms,
  note: string | undefined,
  field: string,
): Promise<{ moderationCase: ModerationCaseRow; isShown: boolean }> {
  const { id: caseId, authorId, subjectKind, subjectId } = found
  await assertNotReporter(tx, found, field)
  await new AuthorityService(tx).assertMayActOn(authorId, 'posts:moderate')
  let [isShown, isHiddenAnew] = [false, false]
  if (terms && REMOVING.includes(terms.action)) await setContentRemoved(tx, found, true)
  else if (terms?.action === ModerationAction.HIDE) isHiddenAnew = await hideContent(tx, found)
  else isShown = await approveContent(tx, found)
  // What is removed is hidden still, should it be given back.
  const hasWaited = await new ModerationDecisionService(tx).end(found, {
    endsHiding: isShown || isHiddenAnew,
  })
  if (hasWaited && !terms) await new MailService(tx).send(authorId, 'decisionReversed', { reason: null })
  // What it says by now is what is decided about, and has not been changed since.
  const moderationCase = await new ModerationCaseService(tx).decide(found, {
    status: terms ? CaseStatus.ACTED_ON : CaseStatus.DISMISSED,
    note,
  })
  if (!terms)
    await new AuditService(tx).record('moderation-case.dismissed', {
      target: toGlobalId('moderation_case', caseId),
    })
  else {
    const isDetectedAutomatically = (await new ContentFilterService(tx).matchesIn([caseId])).length > 0
    const about = { caseId, subjectKind, subjectId, userId: authorId, isDetectedAutomatically }
    await new ModerationDecisionService(tx).decide({ ...about, ...terms })
    if (terms.action === ModerationAction.SUSPEND) {
      await assertFreshProof(tx)
      await suspendUser(tx, { userId: authorId, reason: terms.reasons, until: terms.endsAt })
    }
  }
  await tx.enqueue(tellReporters, { caseId })
  await tellQueue(tx, QueueEventKind.DECIDED, caseId)
  return { moderationCase, isShown }
}

/** What a decision says; null for none against the author. @throws Rejected naming what it lacks, or has no use for */
function termsOf({ action, rule, messageToAuthor, until = null }: DecisionTerms, now: Date) {
  const problems: Problem[] = []
  const refuse = (field: string, code: UserErrorCode, message: string) =>
    problems.push({ code, field: [field], message })
  if (action === ModerationAction.DISMISS) {
    for (const [field, value] of Object.entries({ rule, messageToAuthor, until }))
      if (value != null) refuse(field, UserErrorCode.INVALID, 'Where nothing is wrong, leave this out.')
    if (problems.length > 0) throw new Rejected(...problems)
    return null
  }
  if (action === ModerationAction.HOLD)
    throw rejected('action', UserErrorCode.INVALID, 'Filters let things wait; decide something else.')
  if (!rule) refuse('rule', UserErrorCode.REQUIRED, 'Say which rule is broken.')
  if (!messageToAuthor)
    refuse('messageToAuthor', UserErrorCode.REQUIRED, 'Say why; the author has a right to know.')
  if (until !== null && !LASTING.includes(action))
    refuse('until', UserErrorCode.INVALID, 'This does not last; leave it out.')
  else if (until !== null && until <= now)
    refuse('until', UserErrorCode.INVALID, 'This moment has passed. Choose a later one.')
  if (until === null && action === ModerationAction.SILENCE)
    refuse('until', UserErrorCode.REQUIRED, 'Say until when.')
  if (problems.length > 0) throw new Rejected(...problems)
  return { action, rule: rule!, reasons: messageToAuthor!, endsAt: until }
}
