import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { DataExportType } from './data-export.type'

@Type('RequestDataExportPayload', 'The answer of `requestDataExport`.')
export class RequestDataExportPayload extends MutationPayload {
  @Shown(() => DataExportType, 'The copy, which is being made.', true)
  dataExport?: DataExportType
}

@Type('CreateDataExportLinkPayload', 'The answer of `createDataExportLink`.')
export class CreateDataExportLinkPayload extends MutationPayload {
  @Shown(() => String, 'Where the file is. It can be fetched once, by whoever has this link.', true)
  url?: string

  @Shown(() => Date, 'Until when the link works.', true)
  expiresAt?: Date
}
