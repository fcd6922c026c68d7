import { IdOf, Input, Text } from '../../api/input'

@Input('PlaceLegalHoldInput', 'Whose data to keep, and why.')
export class PlaceLegalHoldInput {
  @IdOf('user', 'Whose data.')
  userId!: string

  @Text({ description: 'What the law asks for; the person does not read it.', max: 2_000, multiline: true })
  reason!: string

  @Text({ description: 'The file number of the case.', max: 200, optional: true })
  caseReference?: string
}

@Input('ReleaseLegalHoldInput', 'What is not asked for any more.')
export class ReleaseLegalHoldInput {
  @IdOf('legal_hold', 'The hold to release.')
  legalHoldId!: string
}
