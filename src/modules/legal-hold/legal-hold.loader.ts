import DataLoader from 'dataloader'
import { defineLoader, keyed, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import { LegalHoldService, type HoldWords, type LegalHoldRow } from './legal-hold.service'

export type { LegalHoldRow }

export const legalHoldById = defineLoader<Id, LegalHoldRow>(async (db, ids) =>
  keyed(await new LegalHoldService(db).lookup(ids), 'id'),
)

/** The words of a hold, decrypted. */
export const legalHoldWords: LoaderDefinition<LegalHoldRow, HoldWords> = (db) =>
  new DataLoader((holds) => new LegalHoldService(db).words(holds))
