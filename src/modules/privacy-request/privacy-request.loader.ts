import DataLoader from 'dataloader'
import { defineLoader, keyed, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import { PrivacyRequestService, type PrivacyRequestRow, type RequestWords } from './privacy-request.service'

export type { PrivacyRequestRow }

export const privacyRequestById = defineLoader<Id, PrivacyRequestRow>(async (db, ids) =>
  keyed(await new PrivacyRequestService(db).lookup(ids), 'id'),
)

/** The words of a request, decrypted. */
export const privacyRequestWords: LoaderDefinition<PrivacyRequestRow, RequestWords> = (db) =>
  new DataLoader((requests) => new PrivacyRequestService(db).words(requests))
