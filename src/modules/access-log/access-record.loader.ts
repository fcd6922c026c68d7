import DataLoader from 'dataloader'
import type { LoaderDefinition } from '../../context/loader'
import { AccessLogService, type AccessRecordRow } from './access-log.service'

export type { AccessRecordRow }

/** Why somebody looked, decrypted; null where nothing was said, or the person's key is gone. */
export const accessReason: LoaderDefinition<AccessRecordRow, string | null> = (db) =>
  new DataLoader((records) => new AccessLogService(db).reasons(records))
