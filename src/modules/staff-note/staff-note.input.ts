import { ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'

const BODY: TextRules = { description: 'The text.', max: 5_000, multiline: true }

@Input('AddStaffNoteInput', 'What to note about whom.')
export class AddStaffNoteInput {
  @IdOf('user', 'Whom it is about; not yourself, nor somebody who may do what you may not.')
  userId!: string

  @Text(BODY)
  body!: string
}

@Input('UpdateStaffNoteInput', 'What to change in a note.')
export class UpdateStaffNoteInput {
  @IdOf('staff_note', 'A note of your own.')
  staffNoteId!: string

  @Text(BODY)
  body!: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('DeleteStaffNoteInput', 'Which note to delete.')
export class DeleteStaffNoteInput {
  @IdOf('staff_note', 'A note of your own, or of somebody who is not above you.')
  staffNoteId!: string
}
