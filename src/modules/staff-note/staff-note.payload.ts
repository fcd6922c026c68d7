import { ID } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { StaffNoteType } from './staff-note.type'

@Type('AddStaffNotePayload', 'The answer of `addStaffNote`.')
export class AddStaffNotePayload extends MutationPayload {
  @Shown(() => StaffNoteType, 'The new note.', true)
  staffNote?: StaffNoteType
}

@Type('UpdateStaffNotePayload', 'The answer of `updateStaffNote`.')
export class UpdateStaffNotePayload extends MutationPayload {
  @Shown(() => StaffNoteType, 'The note as it is now.', true)
  staffNote?: StaffNoteType
}

@Type('DeleteStaffNotePayload', 'The answer of `deleteStaffNote`.')
export class DeleteStaffNotePayload extends MutationPayload {
  @Shown(() => ID, 'The id of the note that is gone.', true)
  deletedStaffNoteId?: string
}
