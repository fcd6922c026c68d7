import { Input, Text } from '../../api/input'

@Input('IssueServiceTokenInput', 'For which service the token is.')
export class IssueServiceTokenInput {
  @Text({ description: 'The service, exactly as the operator of Portico lists it.', max: 255 })
  audience!: string
}
