import { Int } from 'type-graphql'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import type { DataExportRow } from './data-export.repository'

@Type('DataExport', 'A copy of all that is known about a person: a ZIP file with JSON and a page to read.', {
  implements: Node,
})
export class DataExportType extends Node implements Omit<DataExportRow, 'userId' | 'requestId'> {
  @GlobalId('data_export')
  declare id: string

  @Shown(() => Date, 'When it was asked for.')
  requestedAt!: Date

  @Shown(() => Date, 'When it was made; null until then.', true)
  readyAt!: Date | null

  @Shown(() => Date, 'Until when it can be fetched.')
  expiresAt!: Date

  @Shown(() => Int, 'The size of the file in bytes; null until it is made.', true)
  sizeBytes!: number | null

  @Shown(() => Date, 'When it was last fetched; null for never.', true)
  downloadedAt!: Date | null
}
