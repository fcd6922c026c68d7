import { ModerationAction } from './moderation-action'

/** What SQL says for: a decision, as the query calls it, is a silence that is in force at a moment. */
export const isSilence = (decision: string, moment: string): string =>
  `${decision}.action = '${ModerationAction.SILENCE}' AND ${decision}.reversed_at IS NULL AND ${decision}.ends_at > ${moment}`

/** What SQL says for: the person whom a column names writes nothing at a moment. */
export const isSilenced = (person: string, moment: string): string =>
  `EXISTS (SELECT FROM moderation_decisions silence WHERE silence.user_id = ${person} AND ${isSilence('silence', moment)})`
