import { IdOf, Input, Text } from '../../api/input'

@Input('StartImpersonationInput', 'As whom to act, and why.')
export class StartImpersonationInput {
  @IdOf('user', 'The person as whom to act.')
  userId!: string

  @Text({ description: 'Why; the person is told it.', max: 500 })
  reason!: string
}
