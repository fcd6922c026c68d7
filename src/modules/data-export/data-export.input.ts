import { IdOf, Input } from '../../api/input'

@Input('CreateDataExportLinkInput', 'Which copy to fetch.')
export class CreateDataExportLinkInput {
  @IdOf('data_export', 'A copy of your own that is ready.')
  dataExportId!: string
}
