import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { BULK_FORMS, type BulkAction } from './bulk-form'
import type { BulkJobItemRow } from './bulk-job-item.repository'
import { BulkJobStatus } from './bulk-job-status'
import type { BulkJobRow } from './bulk-job.repository'
import { BulkOutcome } from './bulk-outcome'

registerEnumType(BulkJobStatus, {
  name: 'BulkJobStatus',
  description: 'Where a bulk job stands.',
  valuesConfig: {
    WAITING: { description: 'It has not begun.' },
    RUNNING: { description: 'It is under way.' },
    COMPLETED: { description: 'Everybody has had their turn.' },
    CANCELLED: { description: 'Somebody stopped it before everybody had their turn.' },
  },
})

registerEnumType(BulkOutcome, {
  name: 'BulkOutcome',
  description: 'What has come of a bulk job for one person.',
  valuesConfig: {
    WAITING: { description: 'Nothing has been done, nor will be where the job was cancelled.' },
    DONE: { description: 'It has been done.' },
    FAILED: { description: 'It could not be done, and nothing was changed; `error` says why.' },
  },
})

@Type(
  'BulkJob',
  'Something that is done to many people, one after the other. Visible to whoever started it, and to holders of `audit:read`.',
  { implements: Node },
)
export class BulkJobType implements Pick<
  BulkJobRow,
  'id' | 'action' | 'doneCount' | 'failedCount' | 'createdAt' | 'startedAt' | 'endedAt'
> {
  @GlobalId('bulk_job')
  id!: string

  @Shown(
    () => String,
    `What is done, by the name of the mutation that started it: ${Object.keys(BULK_FORMS)
      .map((action) => `\`${action}\``)
      .join(', ')}.`,
  )
  action!: BulkAction

  @Shown(() => Int, 'To how many people it has been done.')
  doneCount!: number

  @Shown(() => Int, 'To how many people it could not be done.')
  failedCount!: number

  @Shown(() => Date, 'When it was asked for.')
  createdAt!: Date

  @Shown(() => Date, 'When it began; null for one that waits.', true)
  startedAt!: Date | null

  @Shown(() => Date, 'When it was over; null until then.', true)
  endedAt!: Date | null
}

@Type('BulkJobItem', 'What has come of a bulk job for one person.')
export class BulkJobItemType implements Pick<BulkJobItemRow, 'outcome' | 'endedAt'> {
  @Shown(() => BulkOutcome, 'Whether it has been done.')
  outcome!: BulkOutcome

  @Shown(() => Date, 'When they had their turn; null until then.', true)
  endedAt!: Date | null
}

export const BulkJobConnection = connectionOf('BulkJob', () => BulkJobType)
export const BulkJobItemConnection = connectionOf('BulkJobItem', () => BulkJobItemType)
