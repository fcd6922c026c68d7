import { defineLoader, grouped } from '../../context/loader'
import type { Id } from '../../core/id'
import { ReactionService, type ReactionGroupRow } from './reaction.service'

export const reactionsTo = defineLoader<Id, ReactionGroupRow[], []>(
  async (db, subjectIds) => grouped(await new ReactionService(db).groupsOf(subjectIds), 'subjectId'),
  [],
)
