import { DAY, later } from '../../src/core/clock'
import { idOf, toGlobalId, type Id } from '../../src/core/id'
import { AppealService } from '../../src/modules/appeal/appeal.service'
import { ReportReason } from '../../src/modules/moderation-case/report-reason'
import { reportContent } from '../../src/modules/moderation/report-content'
import { resolveModerationCase } from '../../src/modules/moderation/resolve-case'
import { LASTING, ModerationAction } from '../../src/modules/moderation-decision/moderation-action'
import type { Person, World } from './world'

const reportedId = (globalId: string): Id =>
  (['post', 'comment', 'message'] as const).map((kind) => idOf(kind, globalId)).find((id) => id !== null)!

/** Reports a thing, by its global id, as somebody, or as somebody new. */
export async function reportOf(
  world: World,
  subjectId: string,
  {
    by,
    reason = ReportReason.SPAM,
    note,
  }: { by?: Person | undefined; reason?: ReportReason; note?: string } = {},
): Promise<void> {
  const id = reportedId(subjectId)
  const db = await world.asViewer(by ?? (await world.person()))
  await reportContent(db, { subjectId: id, reason, ...(note !== undefined && { note }) })
}

/** Has a thing reported; the global id of the case that is open about it. */
export async function caseAbout(world: World, subjectId: string, by?: Person): Promise<string> {
  await reportOf(world, subjectId, { by })
  const [found] = await world.db.query<{ id: Id }>(
    `SELECT id FROM moderation_cases WHERE subject_id = $1 AND status = 'open'`,
    [reportedId(subjectId)],
  )
  return toGlobalId('moderation_case', found!.id)
}

/** Has a thing reported and decided about; the global ids of the case and of the decision. */
export async function decisionAbout(
  world: World,
  subjectId: string,
  {
    by,
    reporter,
    action = ModerationAction.WARN,
  }: { by?: Person; reporter?: Person; action?: ModerationAction } = {},
): Promise<{ caseId: string; decisionId: string }> {
  const caseId = await caseAbout(world, subjectId, reporter)
  const tx = await world.asViewer(by ?? (await world.person({ role: 'admin' })))
  await resolveModerationCase(tx, {
    caseId: idOf('moderation_case', caseId)!,
    action,
    rule: 'No advertising.',
    messageToAuthor: 'It sells something.',
    note: 'Seen before.',
    ...(LASTING.includes(action) && { until: later(world.clock.now(), DAY) }),
  })
  const [decision] = await world.db.query<{ id: Id }>(
    'SELECT id FROM moderation_decisions WHERE case_id = $1',
    [idOf('moderation_case', caseId)],
  )
  return { caseId, decisionId: toGlobalId('moderation_decision', decision!.id) }
}

/** Has a thing decided about; the secret of the mail with which its author can appeal. */
export async function appealTokenOf(
  world: World,
  { globalId, author }: { globalId: string; author: Pick<Person, 'email'> },
  action = ModerationAction.WARN,
): Promise<string> {
  await decisionAbout(world, globalId, { action })
  const mail = world.portico.mailbox!.read(author.email).find(({ link }) => link?.includes('/appeal#'))
  return mail!.link!.split('#token=')[1]!
}

/** Appeals against a decision against somebody; the global id of the appeal. */
export async function appealOf(world: World, person: Person, decisionId: string): Promise<string> {
  const appeals = new AppealService(await world.asViewer(person))
  const { id } = await appeals.appeal({
    decisionId: idOf('moderation_decision', decisionId)!,
    text: 'It was a joke.',
  })
  return toGlobalId('appeal', id)
}
