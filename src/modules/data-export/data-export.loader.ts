import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import { DataExportService, type DataExportRow } from './data-export.service'

export type { DataExportRow }

export const dataExportById = defineLoader<Id, DataExportRow>(async (db, ids) =>
  keyed(await new DataExportService(db).lookup(ids), 'id'),
)

/** The copy of each person that has not expired. */
export const dataExportByUser = defineLoader<Id, DataExportRow>(async (db, userIds) =>
  keyed(await new DataExportService(db).currentOf(userIds), 'userId'),
)
