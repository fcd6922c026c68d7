import type { Id } from '../../core/id'
import { defineTask, type Task } from '../../db/task'
import { defineRetention } from '../retention/retention'
import { DataExport } from './data-export.entity'
import { DataExportPart } from './data-export-part.entity'
import { makeCopy } from './make-data-export'

/** Makes the copy that somebody has asked for. */
export const makeDataExport: Task<{ dataExportId: Id }> = defineTask<{ dataExportId: Id }>({
  name: 'data-export:make',
  work: ({ db, payload }) => makeCopy(db, payload.dataExportId),
})

export const forgetExpiredExports = defineRetention({
  name: 'data-export:forget-expired',
  schedule: '17 * * * *',
  entity: DataExport,
  retention: '7 days after it is made',
  since: 'expires_at',
  isEnd: true,
  parts: { entity: DataExportPart, column: 'export_id' },
})
