import DataLoader from 'dataloader'
import { defineLoader, keyed, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import type { SessionRow } from './session.repository'
import { SessionService } from './session.service'

export type { SessionRow }

export const sessionById = defineLoader<Id, SessionRow>(async (db, ids) =>
  keyed(await new SessionService(db).lookup(ids), 'id'),
)

/** The address from which a session was started, decrypted. */
export const sessionAddress: LoaderDefinition<SessionRow, string | null> = (db) =>
  new DataLoader((sessions) => new SessionService(db).addresses(sessions))
