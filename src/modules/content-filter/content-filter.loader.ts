import DataLoader from 'dataloader'
import { defineLoader, grouped, keyed, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import {
  ContentFilterService,
  type ContentFilterMatchRow,
  type ContentFilterRow,
} from './content-filter.service'

export type { ContentFilterMatchRow, ContentFilterRow }

export const contentFilterById = defineLoader<Id, ContentFilterRow>(async (db, ids) =>
  keyed(await new ContentFilterService(db).lookup(ids), 'id'),
)

/** What filters have found in a case. */
export const matchesInCase = defineLoader<Id, ContentFilterMatchRow[], []>(
  async (db, caseIds) => grouped(await new ContentFilterService(db).matchesIn(caseIds), 'caseId'),
  [],
)

/** The words that were found, decrypted. */
export const foundWords: LoaderDefinition<ContentFilterMatchRow, string[] | null> = (db) =>
  new DataLoader((matches) => new ContentFilterService(db).found(matches))
