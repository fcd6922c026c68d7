import DataLoader from 'dataloader'
import { defineLoader, keyed, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import { ModerationCaseService, type ModerationCaseRow } from './moderation-case.service'
import { ReportService, type ReportRow } from './report.service'

export type { ModerationCaseRow, ReportRow }

export const moderationCaseById = defineLoader<Id, ModerationCaseRow>(async (db, ids) =>
  keyed(await new ModerationCaseService(db).lookup(ids), 'id'),
)

/** How many cases there were before about the same author. */
export const earlierCases = defineLoader<Id, { count: number }>(async (db, ids) =>
  keyed(await new ModerationCaseService(db).countEarlier(ids), 'id'),
)

/** What moderators have noted about a case, decrypted. */
export const caseNote: LoaderDefinition<ModerationCaseRow, string | null> = (db) =>
  new DataLoader((cases) => new ModerationCaseService(db).notes(cases))

/** What was written, as it was when it was reported, decrypted. */
export const reportedTexts: LoaderDefinition<ModerationCaseRow, string[] | null> = (db) =>
  new DataLoader((cases) => new ModerationCaseService(db).reportedTexts(cases))

/** What whoever reports something has remarked, decrypted. */
export const reportNote: LoaderDefinition<ReportRow, string | null> = (db) =>
  new DataLoader((reports) => new ReportService(db).remarks(reports))
