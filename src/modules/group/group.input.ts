import { ExpectedVersion, IdOf, Input, Text } from '../../api/input'

const NAME = { description: 'A short name, unique without regard to case.', max: 64 } as const
const DESCRIPTION = { description: 'What the group is for.', max: 500, min: 0, multiline: true } as const

@Input('CreateGroupInput', 'A new group.')
export class CreateGroupInput {
  @Text(NAME)
  name!: string

  @Text(DESCRIPTION)
  description!: string
}

@Input('UpdateGroupInput', 'What to change in a group; what is left out stays.')
export class UpdateGroupInput {
  @IdOf('group', 'The group to change.')
  groupId!: string

  @Text({ ...NAME, optional: 'stays' })
  name?: string

  @Text({ ...DESCRIPTION, optional: 'stays' })
  description?: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('DeleteGroupInput', 'Which group to delete.')
export class DeleteGroupInput {
  @IdOf('group', 'The group to delete.')
  groupId!: string
}

@Input('GroupTerms', 'Which group.')
export abstract class GroupTerms {
  @IdOf('group', 'The group.')
  groupId!: string
}

@Input('AddGroupMemberInput', 'Whom to put into which group.')
export class AddGroupMemberInput extends GroupTerms {
  @IdOf('user', 'The person.')
  userId!: string
}

@Input('RemoveGroupMemberInput', 'Whom to take out of which group.')
export class RemoveGroupMemberInput extends GroupTerms {
  @IdOf('user', 'The person.')
  userId!: string
}
