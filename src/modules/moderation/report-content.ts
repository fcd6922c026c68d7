import { notFound, rejected, UserErrorCode } from '../../core/error'
import { toGlobalId } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ReportService, type ReportRow } from '../moderation-case/report.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import { contentOf } from './moderated-content'
import type { ReportContentInput } from './moderation.input'

/**
 * Reports what the viewer sees, to whoever moderates its author, in the case that is open or a new one. Reported again, it is the
 * first report that is answered, unless it was changed since that was decided about.
 * @throws ApiError NOT_FOUND, RATE_LIMITED; Rejected NOT_PERMITTED for one's own
 */
export async function reportContent(
  db: Database,
  { subjectId, reason, note }: ReportContentInput,
): Promise<ReportRow> {
  const { userId } = requireSignedIn(db.caller.viewer)
  await new ThrottleService(db).tryReporting(userId)
  return db.transaction(async (tx) => {
    // Of two at once, the second finds the first.
    await new UserService(tx).hold(userId)
    const content = await contentOf(tx, subjectId)
    if (!content || content.isRemoved || !(await new UserService(tx).exists(content.authorId)))
      throw notFound('post, comment or message')
    if (content.authorId === userId)
      throw rejected('subjectId', UserErrorCode.NOT_PERMITTED, 'It is your own. You can change or delete it.')
    const { isRemoved: _, changedAt, ...about } = content
    const { report, isNew } = await new ReportService(tx).add(about, { reason, note, changedAt })
    if (isNew)
      await new AuditService(tx).record('content.reported', {
        target: toGlobalId(content.subjectKind, subjectId),
        details: { reason },
      })
    return report
  })
}
