import { Int } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import type { StaffNoteRow } from './staff-note.repository'

@Type(
  'StaffNote',
  'Something that staff have noted about a person. Visible to holders of `notes:read`, never to the person.',
  { implements: Node },
)
export class StaffNoteType implements Omit<StaffNoteRow, 'subjectId' | 'authorId' | 'body'> {
  @GlobalId('staff_note')
  id!: string

  @Shown(() => Date, 'When it was written.')
  createdAt!: Date

  @Shown(() => Date, 'When it was last changed.')
  updatedAt!: Date

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

export const StaffNoteConnection = connectionOf('StaffNote', () => StaffNoteType)
