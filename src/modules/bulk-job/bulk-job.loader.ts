import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import { BulkJobService, type BulkJobRow } from './bulk-job.service'

export type { BulkJobRow }

export const bulkJobById = defineLoader<Id, BulkJobRow>(async (db, ids) =>
  keyed(await new BulkJobService(db).lookup(ids), 'id'),
)
