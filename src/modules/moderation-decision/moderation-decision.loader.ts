import DataLoader from 'dataloader'
import { defineLoader, keyed, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import {
  ModerationDecisionService,
  type DecisionWords,
  type ModerationDecisionRow,
} from './moderation-decision.service'

export type { ModerationDecisionRow }

export const moderationDecisionById = defineLoader<Id, ModerationDecisionRow>(async (db, ids) =>
  keyed(await new ModerationDecisionService(db).lookup(ids), 'id'),
)

/** What was decided against somebody in a case; null where nothing was. */
export const decisionInCase = defineLoader<Id, ModerationDecisionRow>(async (db, caseIds) =>
  keyed(await new ModerationDecisionService(db).findByCase(caseIds), 'caseId'),
)

/** The words of a decision, decrypted. */
export const decisionWords: LoaderDefinition<ModerationDecisionRow, DecisionWords> = (db) =>
  new DataLoader((decisions) => new ModerationDecisionService(db).words(decisions))

/** Until when somebody writes nothing; null where they may. */
export const silenceOf = defineLoader<Id, { until: Date }>(async (db, userIds) =>
  keyed(await new ModerationDecisionService(db).silences(userIds), 'userId'),
)
