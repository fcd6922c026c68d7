import type { Id } from '../../core/id'
import { sweep } from '../../db/sweep'
import { defineTask, type Task } from '../../db/task'
import { defineRetention } from '../retention/retention'
import { ModerationCase } from './moderation-case.entity'
import { Report } from './report.entity'
import { ReportService } from './report.service'

/** Tells those who have reported something what came of it. */
export const tellReporters: Task<{ caseId: Id }> = defineTask<{ caseId: Id }>({
  name: 'moderation:tell-reporters',
  work: (job) => sweep(job, (limit) => new ReportService(job.db).tellReporters(job.payload.caseId, limit)),
})

/** A hold on anybody who has reported it keeps the case. */
export const forgetOldCases = defineRetention({
  name: 'moderation:forget-old-cases',
  schedule: '22 4 * * *',
  entity: ModerationCase,
  retention: '2 years',
  since: 'decided_at',
  parts: { entity: Report, column: 'case_id' },
})
