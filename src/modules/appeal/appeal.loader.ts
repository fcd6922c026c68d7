import DataLoader from 'dataloader'
import { defineLoader, keyed, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import { AppealService, type AppealRow, type AppealWords } from './appeal.service'

export type { AppealRow }

export const appealById = defineLoader<Id, AppealRow>(async (db, ids) =>
  keyed(await new AppealService(db).lookup(ids), 'id'),
)

/** What was said against a decision; null where nothing was. */
export const appealAgainst = defineLoader<Id, AppealRow>(async (db, decisionIds) =>
  keyed(await new AppealService(db).findByDecision(decisionIds), 'decisionId'),
)

/** The words of an appeal, decrypted. */
export const appealWords: LoaderDefinition<AppealRow, AppealWords> = (db) =>
  new DataLoader((appeals) => new AppealService(db).words(appeals))
